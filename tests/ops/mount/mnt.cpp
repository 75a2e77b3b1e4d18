// MNT (RFC 1813, appendix I, 5.2.1).
#include "ops/world.hpp"

using namespace ditto;
using namespace ditto::mount;
using namespace ditto::test;
using enum mountstat3;

namespace {

mountres3 mount_at(World& world, std::string_view path) { return world.call(&mnt, MNTargs{dirpath::copy_of(path)}); }

nfs_fh3 handle_of(const mountres3& result) {
  nfs_fh3 handle;
  handle.data.assign(result.mountinfo.fhandle.bytes());
  return handle;
}

}  // namespace

TEST_CASE("MNT of a share gives its root, to be used at once") {
  World world;
  for (const char* path : {"/export", "/export/", "//export", "export", "/./export/."}) {
    INFO(path);
    const mountres3 mounted = mount_at(world, path);
    REQUIRE(mounted.fhs_status == MNT3_OK);
    CHECK(same(handle_of(mounted), world.root()));
    REQUIRE(mounted.mountinfo.auth_flavors.size() == 1);
    CHECK(mounted.mountinfo.auth_flavors[0] == 1);
  }
  CHECK(world.attributes(handle_of(mount_at(world, "/export"))).type == nfs3::ftype3::NF3DIR);
}

TEST_CASE("MNT of a share for everybody's anonymous use takes AUTH_NONE, too") {
  World world;
  world.add_share(12, "guests", {.squash = gate::Squash::All});
  const mountres3 mounted = mount_at(world, "/guests");
  REQUIRE(mounted.mountinfo.auth_flavors.size() == 2);
  CHECK(mounted.mountinfo.auth_flavors[0] == 1);
  CHECK(mounted.mountinfo.auth_flavors[1] == 0);
}

TEST_CASE("MNT of a directory below a share") {
  World world;
  const nfs_fh3 a = world.make_directory(world.root(), "a");
  const nfs_fh3 b = world.make_directory(a, "b");
  CHECK(same(handle_of(mount_at(world, "/export/a/b")), b));
  CHECK(same(handle_of(mount_at(world, "/export//a/./")), a));
}

TEST_CASE("MNT of what cannot be mounted") {
  World world;
  world.make_file(world.root(), "file");
  world.make_directory(world.root(), "directory");
  world.make_symlink(world.root(), "link", "directory");
  CHECK(mount_at(world, "/").fhs_status == MNT3ERR_NOENT);
  CHECK(mount_at(world, "").fhs_status == MNT3ERR_NOENT);
  CHECK(mount_at(world, "/nothing").fhs_status == MNT3ERR_NOENT);
  CHECK(mount_at(world, "/exports").fhs_status == MNT3ERR_NOENT);
  CHECK(mount_at(world, "/export/missing").fhs_status == MNT3ERR_NOENT);
  CHECK(mount_at(world, "/export/file").fhs_status == MNT3ERR_NOTDIR);
  CHECK(mount_at(world, "/export/link").fhs_status == MNT3ERR_NOTDIR);
  CHECK(mount_at(world, "/export/directory/..").fhs_status == MNT3ERR_INVAL);
  CHECK(mount_at(world, "/export/..").fhs_status == MNT3ERR_INVAL);
  CHECK(mount_at(world, "/export/" + std::string(256, 'n')).fhs_status == MNT3ERR_NAMETOOLONG);
  CHECK(mount_at(world, std::string_view("/export/a\0b", 11)).fhs_status == MNT3ERR_INVAL);
  CHECK(world.mounts.mounts.list().empty());
}

TEST_CASE("MNT walks as the caller: what lookups would not show, it does not") {
  World world;
  const nfs_fh3 home = world.make_directory(world.root(), "home", 0700);
  world.make_directory(home, "below");
  world.add_share(12, "squashed", {.squash = gate::Squash::Root});
  CHECK(mount_at(world, "/export/home/below").fhs_status == MNT3_OK);
  CHECK(mount_at(world, "/squashed/home/below").fhs_status == MNT3ERR_ACCES);
  world.become(1000, 1000);
  CHECK(mount_at(world, "/export/home/below").fhs_status == MNT3ERR_ACCES);
  CHECK(mount_at(world, "/export/home").fhs_status == MNT3_OK);
}

TEST_CASE("MNT from elsewhere than the share's networks") {
  World world;
  const gate::Network network{.address = peer_of({192, 0, 2, 0}).address, .prefix_bits = 96 + 24};
  world.add_share(12, "office", {.networks = {network}});
  CHECK(mount_at(world, "/office").fhs_status == MNT3ERR_ACCES);
  world.peer = peer_of({192, 0, 2, 9});
  CHECK(mount_at(world, "/office").fhs_status == MNT3_OK);
}
