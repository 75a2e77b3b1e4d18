#include "world.hpp"

#include <chrono>

#include "base/log.hpp"
#include "vfs/filehandle.hpp"

namespace ditto::test {

using namespace ditto::nfs3;

void HandExecutor::post(Job& job) {
  const std::lock_guard lock(mutex_);
  job.next = nullptr;
  (tail_ ? tail_->next : head_) = &job;
  tail_ = &job;
  posted_.notify_one();
}

Job* HandExecutor::take() {
  const std::lock_guard lock(mutex_);
  Job* const job = head_;
  if (job) head_ = job->next;
  if (!head_) tail_ = nullptr;
  return job;
}

bool HandExecutor::wait() {
  std::unique_lock lock(mutex_);
  return posted_.wait_for(lock, std::chrono::seconds(30), [&] { return head_ != nullptr; });
}

int HandExecutor::run() {
  int count = 0;
  while (most != 0) {
    Job* const job = take();
    if (!job) break;
    if (most) --*most;
    job->run(job);
    ++count;
  }
  total_ += count;
  return count;
}

rpc::Peer peer_of(std::initializer_list<std::uint8_t> ipv4) {
  rpc::Peer peer{.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, .port = 700};
  std::copy(ipv4.begin(), ipv4.end(), peer.address.begin() + 12);
  return peer;
}

World::World() : stores(store::memory_store()) { open(); }

World::World(std::unique_ptr<store::Store> over, std::shared_ptr<vfs::DittoFs> opened, const gate::ShareRules& rules)
    : stores(std::move(over)), fs(std::move(opened)) {
  add_share(export_id, "export", rules);
}

void World::open() {
  auto opened = vfs::DittoFs::open(stores->kv, stores->data, clock, random, null_log(), {.root_mode = 0777});
  INFO("open: " << (opened ? "success" : opened.error()));
  REQUIRE(opened.has_value());
  fs = std::move(*opened);
  shares.clear();
  add_share(export_id, "export", {.squash = gate::Squash::None});
}

void World::restart() {
  shares.clear();
  fs.reset();
  open();
}

const gate::Share& World::add_share(std::uint64_t id, std::string name, gate::ShareRules rules, vfs::NodeId root) {
  if (root.inode == 0) root = fs->root();
  REQUIRE(shares.add(std::make_shared<gate::Share>(id, std::move(name), fs, root, std::move(rules))));
  return *shares.all().back();
}

const gate::Share& World::add_other_store(std::uint64_t id, std::string name, std::unique_ptr<store::Store> over) {
  other_stores_.push_back(std::move(over));
  store::Store& made = *other_stores_.back();
  auto opened = vfs::DittoFs::open(made.kv, made.data, clock, random, null_log(), {.root_mode = 0777});
  REQUIRE(opened.has_value());
  const vfs::NodeId root = (*opened)->root();
  const gate::ShareRules rules{.squash = gate::Squash::None};
  REQUIRE(shares.add(std::make_shared<gate::Share>(id, std::move(name), std::move(*opened), root, rules)));
  return *shares.all().back();
}

void World::become(std::uint32_t uid, std::uint32_t gid, std::initializer_list<std::uint32_t> groups) {
  flavor = rpc::AuthFlavor::Sys;
  caller = {.uid = uid, .gid = gid};
  for (const std::uint32_t group : groups) caller.group_list[caller.group_count++] = group;
}

const gate::Share& World::share(std::string_view name) const {
  const gate::Share* found = shares.find(name);
  REQUIRE(found);
  return *found;
}

nfs_fh3 World::root(std::string_view name) const { return filehandle_of(share(name).root(), share(name)); }

nfs_fh3 World::through(std::string_view share_name, const nfs_fh3& handle) const {
  const auto parsed = vfs::Filehandle::parse(handle.data.bytes());
  REQUIRE(parsed);
  return filehandle_of(parsed->node, share(share_name));
}

rpc::Call World::make_call() {
  return {.xid = 1,
          .version = version,
          .flavor = flavor,
          .caller = caller,
          .peer = peer,
          .loop = loop,
          .pool = pool,
          .clock = clock,
          .log = null_log()};
}

rpc::accept_stat World::invoke(const rpc::Program& program, std::uint32_t procedure, const BufferChain& arguments,
                               BufferChain& results) {
  const rpc::Procedure* const row = program.find(procedure);
  REQUIRE(row);
  version = program.version();
  xdr::Reader reader(arguments);
  xdr::Writer writer;
  const auto stat =
      run<rpc::accept_stat>([&](rpc::Call& made) { return row->invoke(program.service(), made, reader, writer); });
  results = writer.finish();
  return stat;
}

void World::turn() {
  while (pool.run() + loop.run() > 0) {
  }
}

nfs_fh3 World::make_file(const nfs_fh3& directory, std::string_view name, std::uint32_t mode,
                         std::string_view contents) {
  createhow3 how{.mode = createmode3::GUARDED};
  how.obj_attributes.mode = mode;
  const CREATE3args args{at(directory, name), how};
  const CREATE3res made = call(&create, args);
  INFO("making " << name);
  REQUIRE(made.status == nfsstat3::NFS3_OK);
  REQUIRE(made.resok.obj.has_value());
  if (contents.empty()) return *made.resok.obj;
  const WRITE3args data{*made.resok.obj, 0, static_cast<count3>(contents.size()), stable_how::FILE_SYNC,
                        chain_of(contents)};
  REQUIRE(call(&write, data).status == nfsstat3::NFS3_OK);
  return *made.resok.obj;
}

nfs_fh3 World::make_directory(const nfs_fh3& directory, std::string_view name, std::uint32_t mode) {
  MKDIR3args args{.where = at(directory, name), .attributes = {}};
  args.attributes.mode = mode;
  const MKDIR3res made = call(&mkdir, args);
  INFO("making " << name);
  REQUIRE(made.status == nfsstat3::NFS3_OK);
  return made.resok.obj.value();
}

nfs_fh3 World::make_symlink(const nfs_fh3& directory, std::string_view name, std::string_view target) {
  const SYMLINK3args args{at(directory, name), {.symlink_attributes = {}, .symlink_data = nfspath3::copy_of(target)}};
  const SYMLINK3res made = call(&symlink, args);
  REQUIRE(made.status == nfsstat3::NFS3_OK);
  return made.resok.obj.value();
}

fattr3 World::attributes(const nfs_fh3& handle) {
  const GETATTR3res result = call(&getattr, GETATTR3args{handle});
  REQUIRE(result.status == nfsstat3::NFS3_OK);
  return result.resok.obj_attributes;
}

std::string World::contents(const nfs_fh3& handle) {
  const READ3res result = call(&read, READ3args{handle, 0, 1 << 20});
  REQUIRE(result.status == nfsstat3::NFS3_OK);
  return text_of(result.resok.data.chain);
}

void World::remove(const nfs_fh3& directory, std::string_view name) {
  REQUIRE(call(&nfs3::remove, REMOVE3args{at(directory, name)}).status == nfsstat3::NFS3_OK);
}

nfsstat3 World::look(const nfs_fh3& directory, std::string_view name) {
  return call(&lookup, LOOKUP3args{at(directory, name)}).status;
}

std::vector<BadName> bad_names() {
  using enum nfsstat3;
  return {{"", NFS3ERR_ACCES},
          {"a/b", NFS3ERR_ACCES},
          {"/", NFS3ERR_ACCES},
          {std::string("a\0b", 3), NFS3ERR_ACCES},
          {std::string(256, 'n'), NFS3ERR_NAMETOOLONG},
          {std::string(4096, 'n'), NFS3ERR_NAMETOOLONG}};
}

std::vector<BadHandle> bad_handles(World& world) {
  using enum nfsstat3;
  const auto spoilt = [](nfs_fh3 handle, std::size_t at) {
    std::vector<std::byte> bytes(handle.data.bytes().begin(), handle.data.bytes().end());
    bytes[at] ^= std::byte{1};
    handle.data.assign(bytes);
    return handle;
  };
  const nfs_fh3 good = world.root();
  const nfs_fh3 removed = world.make_file(good, "removed");
  world.remove(good, "removed");
  nfs_fh3 other_version = spoilt(good, 0), forged = spoilt(good, good.data.size() - 1), inode = spoilt(good, 27);

  // Sealed by the right key, but for another store and for a share that nobody exports.
  const auto sealed = [&](std::uint64_t share, std::uint64_t store) {
    const vfs::Filehandle handle{.share = share, .store = store, .node = world.fs->root()};
    return nfs_fh3{.data = xdr::opaque<NFS3_FHSIZE>(handle.seal(world.fs->filehandle_key()))};
  };
  const std::uint64_t store = world.fs->store_id();
  std::vector<std::byte> longest(NFS3_FHSIZE);
  return {{"empty", {}, NFS3ERR_BADHANDLE},
          {"all zero", {.data = xdr::opaque<NFS3_FHSIZE>(longest)}, NFS3ERR_BADHANDLE},
          {"another version", other_version, NFS3ERR_BADHANDLE},
          {"a forged MAC", forged, NFS3ERR_BADHANDLE},
          {"another inode under the same MAC", inode, NFS3ERR_BADHANDLE},
          {"another store", sealed(World::export_id, store + 1), NFS3ERR_BADHANDLE},
          {"a share that is not exported", sealed(World::export_id + 1000, store), NFS3ERR_STALE},
          {"a removed file", removed, NFS3ERR_STALE}};
}

filename3 name3(std::string_view name) { return filename3::copy_of(name); }
diropargs3 at(const nfs_fh3& directory, std::string_view name) { return {directory, name3(name)}; }

bool same(const nfs_fh3& a, const nfs_fh3& b) { return a.data == b.data; }

std::string text_of(const BufferChain& chain) {
  std::string text(chain.size(), '\0');
  chain.copy_to(0, std::as_writable_bytes(std::span(text.data(), text.size())));
  return text;
}

BufferChain chain_of(std::string_view text) { return BufferChain(Buffer::copy_of(bytes_of(text))); }

}  // namespace ditto::test
