#include "ops/power/client.hpp"

#include <algorithm>
#include <array>

#include "nfs/common/entrance.hpp"
#include "nfs/v3/failure.hpp"

namespace ditto::test {
namespace {

using namespace nfs3;
using enum nfsstat3;

/// Few, so that they meet.
constexpr auto all_names = std::to_array<std::string_view>(
    {"left/a", "left/b", "left/c", "left/d", "right/a", "right/b", "right/c", "right/d"});

/// Inline, within what travels in the journal, and beyond.
constexpr auto lengths = std::to_array<std::uint64_t>({1, 700, 4000, 4096, 5000, 8192, 8193, 12'000, 20'000});
constexpr auto sizes = std::to_array<std::uint64_t>({0, 1, 511, 4096, 4097, 6000, 9000, 16'384, 25'000});
constexpr std::uint64_t longest = 48 << 10;

template <class Some>
auto any_of(SeededRandom& random, const Some& some) {
  return *std::next(some.begin(), static_cast<std::ptrdiff_t>(random.below(some.size())));
}

std::size_t slash_of(std::string_view name) { return name.find('/'); }

}  // namespace

void Client::use(World& world, bool async) {
  world_ = &world;
  kv_ = &dynamic_cast<store::LmdbKv&>(world.stores->kv);
  async_ = async;
  for (const char* name : {"left", "right"}) {
    const LOOKUP3res found = world.call(&lookup, LOOKUP3args{at(world.root(), name)});
    if (machine_.is_off()) return;
    directories_[name] = found.status == NFS3_OK ? found.resok.object : world.make_directory(world.root(), name);
  }
}

void Client::trust(const SeenNames& seen) {
  promises = Promises(seen);
  promises.asynchronous = async_;
  handles_.clear();
  shared_.clear();
  for (const auto& [name, one] : seen) handles_[promises.names.entries.at(name)] = one.handle;
}

namespace {

/// DEALLOCATE, which NFSv3 has not, as one of its procedures.
struct PUNCHargs {
  nfs_fh3 file;
  std::uint64_t offset = 0, length = 0;
};
struct PUNCHres {
  nfsstat3 status{};
};
Task<PUNCHres> punch(Service& service, rpc::Call& call, const PUNCHargs& args) {
  const auto at = nfs::locate(service.shares, call, args.file.data.bytes());
  if (!at) co_return PUNCHres{status_of(at.error())};
  nfs::Entrance entrance(call, *at->share);
  const auto change = co_await entrance.gate.deallocate(at->node, args.offset, args.length);
  co_return PUNCHres{change ? NFS3_OK : status_of(change.error())};
}

/// CLONE, likewise.
struct CLONEargs {
  nfs_fh3 from, to;
  std::uint64_t from_offset = 0, to_offset = 0, length = 0;
};
Task<PUNCHres> clone(Service& service, rpc::Call& call, const CLONEargs& args) {
  const auto from = nfs::locate(service.shares, call, args.from.data.bytes());
  const auto to = nfs::locate(service.shares, call, args.to.data.bytes());
  if (!from || !to) co_return PUNCHres{status_of(from ? to.error() : from.error())};
  nfs::Entrance entrance(call, *to->share);
  const gate::CloneFrom source{.node = from->node, .offset = args.from_offset, .reader = entrance.actor()};
  const auto change = co_await entrance.gate.clone(source, to->node, args.to_offset, args.length);
  co_return PUNCHres{change ? NFS3_OK : status_of(change.error())};
}

}  // namespace

SeenNames Client::look() {
  SeenNames seen;
  for (const std::string_view name : all_names) {
    const LOOKUP3res found = world_->call(&lookup, LOOKUP3args{place(std::string(name))});
    if (found.status == NFS3_OK) seen[std::string(name)] = see(found.resok);
    if (machine_.is_off()) return seen;
    if (found.status != NFS3_OK && found.status != NFS3ERR_NOENT) FAIL(name << ": status " << found.status);
  }
  return seen;
}

Seen Client::see(const LOOKUP3resok& found) {
  const fattr3& attributes = found.obj_attributes.value();
  return {.fileid = attributes.fileid,
          .links = attributes.nlink,
          .facts = {.size = attributes.size, .modified = attributes.mtime},
          .handle = found.object,
          .contents = read_all(found.object)};
}

std::string Client::read_all(const nfs_fh3& file) {
  const READ3res got = world_->call(&nfs3::read, READ3args{file, 0, 1 << 20});
  if (machine_.is_off()) return {};
  REQUIRE(got.status == NFS3_OK);
  REQUIRE(got.resok.eof);
  return text_of(got.resok.data.chain);
}

template <class Res, class Args>
Res Client::call(Step step, const Rests& on, Task<Res> (*handler)(Service&, rpc::Call&, const Args&),
                 const Args& args) {
  const Res result = world_->call(handler, args);
  Lsn token = 0;
  for (const CommitTokens::Token& one : world_->rests_on.tokens()) token = std::max(token, one.lsn);
  if (result.status != NFS3_OK) {
    if (!machine_.is_off()) FAIL("step " << step << ": status " << result.status);
    return result;
  }
  if (!machine_.is_off())
    promises.answered(step, {.ready = true, .token = token, .reaches = on.reaches, .stable = on.stable});
  if (random_.below(3) == 0) (void)kv_->wait_durable(token);
  const Lsn durable = kv_->durable();
  if (!machine_.is_off()) promises.durable(durable);
  return result;
}

void Client::touch(FileNumber file, std::uint64_t size) {
  promises.names.files[file] = {.size = size, .modified = time_of(world_->clock.now())};
}

void Client::create() {
  const std::string name = free_name();
  if (name.empty()) return;
  const Step step = promises.begin();
  const FileNumber file = promises.new_file();
  promises.names.entries[name] = file;
  promises.histories[file] = {};
  touch(file, 0);
  createhow3 how{.mode = createmode3::GUARDED};
  how.obj_attributes.mode = 0644;
  const CREATE3res made = call(step, {step}, &nfs3::create, CREATE3args{place(name), how});
  if (made.status == NFS3_OK) handles_[file] = made.resok.obj.value();
}

void Client::write() {
  const std::string name = any_name();
  if (name.empty()) return;
  const FileNumber file = promises.names.entries[name];
  FileHistory& history = promises.histories[file];
  const std::uint64_t size = history.now().size(), length = any_of(random_, lengths);
  const std::array offsets{std::uint64_t{0}, size, random_.below(size + 1), random_.below(size + 3000)};
  FileHistory::Write write{.offset = std::min(any_of(random_, offsets), longest - length), .length = length};
  write.letter = static_cast<char>(1 + letters_++ % 255);
  write.stable = random_.below(2) == 0;
  write.with_record = write.stable && length <= kv_->contents_limit();
  met.copied_on_write = met.copied_on_write || shared_.contains(file);
  const Step step = promises.begin();
  history.write(step, write);
  promises.wrote(file, step);
  touch(file, history.now().size());
  const auto how =
      write.stable ? (random_.below(2) == 0 ? stable_how::DATA_SYNC : stable_how::FILE_SYNC) : stable_how::UNSTABLE;
  const WRITE3args args{handles_.at(file), write.offset, static_cast<count3>(length), how,
                        chain_of(std::string(length, write.letter))};
  const WRITE3res written = call(step, {step, write.stable}, &nfs3::write, args);
  if (written.status == NFS3_OK) REQUIRE((written.resok.count == length && written.resok.committed >= how));
}

void Client::commit(FileNumber file) {
  const Step step = promises.begin();
  promises.histories[file].commit(step);
  const auto settled = kv_->statistics().objects_settled;
  call(step, {promises.last_write(file)}, &nfs3::commit, COMMIT3args{handles_.at(file), 0, 0});
  met.committed_journaled = met.committed_journaled || kv_->statistics().objects_settled > settled;
}

void Client::commit(const SeenNames& seen) {
  for (const auto& [name, one] : seen) {
    const COMMIT3res done = world_->call(&nfs3::commit, COMMIT3args{one.handle, 0, 0});
    for (const CommitTokens::Token& token : world_->rests_on.tokens()) (void)kv_->wait_durable(token.lsn);
    if (machine_.is_off()) return;
    REQUIRE(done.status == NFS3_OK);
  }
}

void Client::resize(FileNumber file, std::uint64_t size) {
  const Step step = promises.begin();
  FileHistory& history = promises.histories[file];
  if (history.now().size() != size) touch(file, size);
  history.resize(step, size);
  promises.wrote(file, step);
  SETATTR3args args{.object = handles_.at(file), .new_attributes = {}, .guard = {}};
  args.new_attributes.size = size;
  call(step, {step}, &nfs3::setattr, args);
}

void Client::truncate() {
  const std::string name = any_name();
  if (!name.empty()) resize(promises.names.entries[name], any_of(random_, sizes));
}

void Client::cut_and_grow() {
  const std::string name = any_name();
  if (name.empty()) return;
  const FileNumber file = promises.names.entries[name];
  const std::uint64_t size = promises.histories[file].now().size();
  if (size == 0) return;
  resize(file, random_.below(size));
  if (machine_.is_off()) return;
  resize(file, std::min(size + random_.below(3000), longest));
  met.cut_and_grown = true;
  if (!machine_.is_off()) read();
}

// To the client it is a write of zeros, which is stable once it is answered.
void Client::punch() {
  const std::string name = any_name();
  if (name.empty()) return;
  const FileNumber file = promises.names.entries[name];
  FileHistory& history = promises.histories[file];
  const std::uint64_t size = history.now().size();
  if (size == 0) return;
  FileHistory::Write write{.offset = random_.below(size), .letter = '\0', .stable = true};
  write.length = std::min(size - write.offset, 1 + random_.below(12'000));
  const auto settled = kv_->statistics().objects_settled;
  const Step step = promises.begin();
  history.write(step, write);
  promises.wrote(file, step);
  touch(file, size);
  call(step, {step}, &test::punch, PUNCHargs{handles_.at(file), write.offset, write.length});
  met.punched_journaled = met.punched_journaled || kv_->statistics().objects_settled > settled;
  if (!machine_.is_off()) read();
}

// To the client it is as many writes as the source has letters in turn, all stable once it is answered.
void Client::clone() {
  constexpr std::uint64_t block = vfs::clone_block_bytes;
  const std::string from = any_name(), to = any_name();
  if (from.empty()) return;
  const FileNumber source = promises.names.entries[from], target = promises.names.entries[to];
  const std::string bytes = promises.histories[source].now();
  CLONEargs args{.from = handles_.at(source), .to = handles_.at(target)};
  args.from_offset = random_.below(bytes.size() / block + 1) * block;
  args.to_offset = random_.below(3) * block;
  std::uint64_t end = bytes.size();
  if (random_.below(2) == 0) end = args.from_offset + random_.below((end - args.from_offset) / block + 1) * block;
  const std::uint64_t length = args.length = end - args.from_offset;
  const bool overlaps = args.from_offset < args.to_offset + length && args.to_offset < end;
  if (length == 0 || (source == target && overlaps) || args.to_offset + length > longest) return;
  const Step step = promises.begin();
  FileHistory& history = promises.histories[target];
  const std::uint64_t before = history.now().size(), past = args.to_offset + length;
  for (std::uint64_t at = args.from_offset; at < end;) {
    const std::uint64_t next = std::min<std::uint64_t>(bytes.find_first_not_of(bytes[at], at), end);
    history.write(step, {.offset = args.to_offset + at - args.from_offset,
                         .length = next - at,
                         .letter = bytes[at],
                         .stable = true,
                         .with_record = true});
    at = next;
  }
  const std::uint64_t rest = std::min((block - length % block) % block, before - std::min(before, past));
  if (rest != 0) history.write(step, {.offset = past, .length = rest, .letter = '\0', .stable = true});
  promises.wrote(target, step);
  touch(target, history.now().size());
  met.shared = met.shared || bytes.size() > block;
  shared_.insert({source, target});
  call(step, {step}, &test::clone, args);
  if (!machine_.is_off()) read();
}

void Client::remove() {
  const std::string name = any_name();
  if (name.empty()) return;
  const Step step = promises.begin();
  promises.names.drop(name);
  call(step, {step}, &nfs3::remove, REMOVE3args{place(name)});
}

void Client::rename() {
  const std::string from = any_name();
  const std::string to(any_of(random_, all_names));
  if (from.empty()) return;
  const Step step = promises.begin();
  Listing& names = promises.names;
  const FileNumber file = names.entries.at(from);
  const auto replaced = names.entries.find(to);
  // Two names of one file stay as they are.
  const bool moves = replaced == names.entries.end() || replaced->second != file;
  if (moves) {
    if (replaced != names.entries.end()) names.drop(to);
    names.entries.erase(from);
    names.entries[to] = file;
  }
  call(step, {moves ? step : 0}, &nfs3::rename, RENAME3args{place(from), place(to)});
}

void Client::link() {
  const std::string old = any_name(), name = free_name();
  if (old.empty() || name.empty()) return;
  const Step step = promises.begin();
  const FileNumber file = promises.names.entries.at(old);
  promises.names.entries[name] = file;
  call(step, {step}, &nfs3::link, LINK3args{handles_.at(file), place(name)});
}

void Client::read() {
  const std::string name = any_name();
  if (name.empty()) return;
  const FileNumber file = promises.names.entries[name];
  const std::string found = read_all(handles_.at(file));
  if (!machine_.is_off() && found != promises.histories[file].now()) FAIL(name << " has other contents");
}

void Client::step() {
  world_->clock.advance_ns(1'000'000);
  const std::uint64_t what = random_.below(100);
  if (what < 12) {
    create();
  } else if (what < 48) {
    write();
  } else if (what < 60) {
    if (const std::string name = any_name(); !name.empty()) commit(promises.names.entries[name]);
  } else if (what < 65) {
    truncate();
  } else if (what < 72) {
    cut_and_grow();
  } else if (what < 75) {
    punch();
  } else if (what < 80) {
    clone();
  } else if (what < 82) {
    remove();
  } else if (what < 87) {
    rename();
  } else if (what < 90) {
    link();
  } else if (what < 95) {
    read();
  } else {
    // Files have been quiet since, and are given their checksums.
    if (random_.below(2) == 0) world_->clock.advance_seconds(60);
    world_->fs->maintain(world_->clock.now());
  }
}

std::string Client::any_name() {
  if (promises.names.entries.empty()) return {};
  return any_of(random_, promises.names.entries).first;
}

std::string Client::free_name() {
  const std::string name(any_of(random_, all_names));
  return promises.names.entries.contains(name) ? std::string() : name;
}

diropargs3 Client::place(const std::string& name) const {
  const std::size_t slash = slash_of(name);
  // The name lends its memory to the call.
  return at(directories_.at(name.substr(0, slash)), std::string_view(name).substr(slash + 1));
}

}  // namespace ditto::test
