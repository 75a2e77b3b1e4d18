#include "ops/power/client.hpp"

#include <algorithm>
#include <array>

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
  v4_.emplace(world).minor = 2;
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
          .facts = {.size = attributes.size, .modified = attributes.mtime, .xattrs = read_xattrs(found.object)},
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
  FileFacts& facts = promises.names.files[file];
  facts.size = size;
  facts.modified = time_of(world_->clock.now());
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
  const std::string found = random_.below(2) == 0 ? read_all(handles_.at(file)) : read_pieces(handles_.at(file));
  if (!machine_.is_off() && found != promises.histories[file].now()) FAIL(name << " has other contents");
}

void Client::step() {
  world_->clock.advance_ns(1'000'000);
  const std::uint64_t what = random_.below(100);
  if (what < 12) {
    create();
  } else if (what < 38) {
    write();
  } else if (what < 41) {
    reserve();
  } else if (what < 46) {
    set_xattr();
  } else if (what < 48) {
    remove_xattr();
  } else if (what < 60) {
    if (const std::string name = any_name(); !name.empty()) commit(promises.names.entries[name]);
  } else if (what < 65) {
    truncate();
  } else if (what < 72) {
    cut_and_grow();
  } else if (what < 75) {
    punch();
  } else if (what < 79) {
    clone();
  } else if (what < 81) {
    remove();
  } else if (what < 85) {
    rename();
  } else if (what < 88) {
    link();
  } else if (what < 94) {
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
