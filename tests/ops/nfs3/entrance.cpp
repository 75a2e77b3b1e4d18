// The way in that all procedures share, seen through GETATTR: filehandles, networks, squash. Each procedure's own test
// shows that it takes this way.
#include "nfs/v3/failure.hpp"
#include "ops/world.hpp"
#include "vfs/filehandle.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;
using enum nfsstat3;

TEST_CASE("a filehandle that was never ours is BADHANDLE, one whose node or share is gone STALE") {
  World world;
  check_bad_handles(world, [&](const nfs_fh3& handle) { return world.call(&getattr, GETATTR3args{handle}).status; });
}

TEST_CASE("a filehandle stays good across a restart") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file");
  const auto before = world.attributes(file);
  world.restart();
  CHECK(world.attributes(file).fileid == before.fileid);
}

TEST_CASE("every byte of a filehandle is protected") {
  World world;
  const nfs_fh3 root = world.root();
  for (std::size_t at = 0; at < root.data.size(); ++at) {
    std::vector<std::byte> bytes(root.data.bytes().begin(), root.data.bytes().end());
    bytes[at] ^= std::byte{0x40};
    nfs_fh3 spoilt;
    spoilt.data.assign(bytes);
    INFO("byte " << at);
    const nfsstat3 status = world.call(&getattr, GETATTR3args{spoilt}).status;
    // Another share's number is looked for before the MAC can be checked.
    const bool in_share = at >= 4 && at < 12;
    CHECK(status == (in_share ? NFS3ERR_STALE : NFS3ERR_BADHANDLE));
  }
  for (std::size_t size = 0; size < root.data.size(); ++size) {
    nfs_fh3 cut;
    cut.data.assign(root.data.bytes().first(size));
    CHECK(world.call(&getattr, GETATTR3args{cut}).status == NFS3ERR_BADHANDLE);
  }
}

TEST_CASE("a filehandle of another store is BADHANDLE when it claims this share") {
  World world;
  const gate::Share& other = world.add_other_store(12, "other");
  CHECK(world.attributes(world.root("other")).type == ftype3::NF3DIR);
  const vfs::Filehandle foreign{
      .share = World::export_id, .store = other.file_system().store_id(), .node = other.root()};
  const nfs_fh3 handle{.data = xdr::opaque<NFS3_FHSIZE>(foreign.seal(other.file_system().filehandle_key()))};
  CHECK(world.call(&getattr, GETATTR3args{handle}).status == NFS3ERR_BADHANDLE);
}

TEST_CASE("a share with networks answers ACCES to everybody else") {
  World world;
  gate::Network network{.address = peer_of({192, 0, 2, 0}).address, .prefix_bits = 96 + 24};
  world.add_share(12, "office", {.squash = gate::Squash::None, .networks = {network}});
  const GETATTR3args args{world.root("office")};
  world.peer = peer_of({192, 0, 2, 77});
  CHECK(world.call(&getattr, args).status == NFS3_OK);
  world.peer = peer_of({192, 0, 3, 77});
  CHECK(world.call(&getattr, args).status == NFS3ERR_ACCES);
  world.peer = peer_of({127, 0, 0, 1});
  CHECK(world.call(&getattr, args).status == NFS3ERR_ACCES);
}

TEST_CASE("who a caller is depends on the squash of the share that the filehandle names") {
  World world;
  world.add_share(12, "root-squash", {.squash = gate::Squash::Root, .anonymous_uid = 700, .anonymous_gid = 701});
  world.add_share(13, "all-squash", {.squash = gate::Squash::All, .anonymous_uid = 800, .anonymous_gid = 801});
  const auto owner_of = [&](std::string_view share, std::string_view name) {
    return world.attributes(world.make_file(world.root(share), name));
  };

  world.become(0, 0);
  CHECK(owner_of("export", "a").uid == 0);
  CHECK(owner_of("root-squash", "b").uid == 700);
  CHECK(owner_of("root-squash", "c").gid == 701);
  CHECK(owner_of("all-squash", "d").uid == 800);
  world.become(1000, 1000);
  CHECK(owner_of("export", "e").uid == 1000);
  CHECK(owner_of("root-squash", "f").uid == 1000);
  CHECK(owner_of("all-squash", "g").uid == 800);
  CHECK(owner_of("all-squash", "h").gid == 801);
}

TEST_CASE("a caller without credentials is the share's anonymous user") {
  World world;
  world.add_share(12, "guests", {.squash = gate::Squash::Root, .anonymous_uid = 700, .anonymous_gid = 701});
  world.flavor = rpc::AuthFlavor::None;
  world.caller = {};
  const auto made = world.attributes(world.make_file(world.root("guests"), "file"));
  CHECK(made.uid == 700);
  CHECK(made.gid == 701);
}

TEST_CASE("supplementary groups count") {
  World world;
  const nfs_fh3 directory = world.make_directory(world.root(), "team", 0770);
  SETATTR3args own{.object = directory, .new_attributes = {}, .guard = {}};
  own.new_attributes.gid = 500;
  REQUIRE(world.call(&setattr, own).status == NFS3_OK);
  world.become(1000, 1000, {400, 500});
  CHECK(world.look(directory, "nothing") == NFS3ERR_NOENT);
  world.become(1000, 1000, {400});
  CHECK(world.look(directory, "nothing") == NFS3ERR_ACCES);
}

TEST_CASE("what an answer rests on is noted for the connection") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file");
  REQUIRE(world.rests_on.tokens().size() == 1);
  CHECK(world.rests_on.tokens()[0].source == world.fs.get());
  CHECK(world.rests_on.tokens()[0].lsn > 0);
  world.attributes(file);
  CHECK(world.rests_on.tokens().size() == 1);  // what was seen is waited for, too
}

TEST_CASE("a result that is taken back says so and nothing else") {
  const auto taken_back = failure_of(std::type_identity<CREATE3res>{}, Error::NoSpace);
  CHECK(taken_back.status == NFS3ERR_NOSPC);
  CHECK_FALSE(taken_back.resfail.dir_wcc.before.has_value());
  CHECK_FALSE(taken_back.resfail.dir_wcc.after.has_value());
  CHECK(failure_of(std::type_identity<GETATTR3res>{}, Error::Io).status == NFS3ERR_IO);
}
