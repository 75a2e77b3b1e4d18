// MKDIR (RFC 1813, 3.3.9).
#include "ops/world.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;
using enum nfsstat3;

namespace {
MKDIR3res make(World& world, const nfs_fh3& directory, std::string_view name, std::uint32_t mode = 0755) {
  MKDIR3args args{.where = at(directory, name), .attributes = {}};
  args.attributes.mode = mode;
  return world.call(&nfs3::mkdir, args);
}
}  // namespace

TEST_CASE("MKDIR makes a directory with two links and tells the parent's change") {
  World world;
  world.become(1000, 100);
  const fattr3 before = world.attributes(world.root());
  world.clock.advance_seconds(2);
  const MKDIR3res made = make(world, world.root(), "directory", 01750);
  REQUIRE(made.status == NFS3_OK);
  CHECK(made.resok.obj_attributes->type == ftype3::NF3DIR);
  CHECK(made.resok.obj_attributes->mode == 01750);
  CHECK(made.resok.obj_attributes->nlink == 2);
  CHECK(made.resok.obj_attributes->uid == 1000);
  CHECK(made.resok.dir_wcc.before->mtime == before.mtime);
  CHECK(made.resok.dir_wcc.after->nlink == before.nlink + 1);
  CHECK(world.look(*made.resok.obj, ".") == NFS3_OK);
}

TEST_CASE("MKDIR in a set-group-id directory takes its group") {
  World world;
  const nfs_fh3 team = world.make_directory(world.root(), "team", 02777);
  SETATTR3args own{.object = team, .new_attributes = {}, .guard = {}};
  own.new_attributes.gid = 500;
  REQUIRE(world.call(&setattr, own).status == NFS3_OK);
  world.become(1000, 100);
  const MKDIR3res made = make(world, team, "below");
  CHECK(made.resok.obj_attributes->gid == 500);
  CHECK((made.resok.obj_attributes->mode & 02000) == 02000);
}

TEST_CASE("MKDIR of what is there") {
  World world;
  world.make_file(world.root(), "file");
  const MKDIR3res refused = make(world, world.root(), "file");
  CHECK(refused.status == NFS3ERR_EXIST);
  CHECK(refused.resfail.dir_wcc.after.has_value());
  CHECK(make(world, world.root(), ".").status == NFS3ERR_EXIST);
  CHECK(make(world, world.root(), "..").status == NFS3ERR_EXIST);
}

TEST_CASE("MKDIR refused: permission, type, read-only share, names, filehandles") {
  World world;
  const nfs_fh3 closed = world.make_directory(world.root(), "closed", 0755);
  const nfs_fh3 file = world.make_file(world.root(), "file");
  world.add_share(12, "ro", {.squash = gate::Squash::None, .read_only = true});
  CHECK(make(world, world.root("ro"), "new").status == NFS3ERR_ROFS);
  CHECK(make(world, file, "new").status == NFS3ERR_NOTDIR);
  check_bad_names([&](std::string_view name) { return make(world, world.root(), name).status; });
  check_bad_handles(world, [&](const nfs_fh3& handle) { return make(world, handle, "new").status; });
  world.become(1000, 1000);
  CHECK(make(world, closed, "new").status == NFS3ERR_ACCES);
}
