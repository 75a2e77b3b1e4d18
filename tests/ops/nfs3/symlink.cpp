// SYMLINK (RFC 1813, 3.3.10).
#include "ops/world.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;
using enum nfsstat3;

namespace {
SYMLINK3res make(World& world, const nfs_fh3& directory, std::string_view name, std::string_view target) {
  const SYMLINK3args args{at(directory, name), {.symlink_attributes = {}, .symlink_data = nfspath3::copy_of(target)}};
  return world.call(&nfs3::symlink, args);
}
}  // namespace

TEST_CASE("SYMLINK keeps the path byte for byte and tells the directory's change") {
  World world;
  world.become(1000, 100);
  world.clock.advance_seconds(2);
  const SYMLINK3res made = make(world, world.root(), "link", "../some where/\xff");
  REQUIRE(made.status == NFS3_OK);
  CHECK(made.resok.obj_attributes->type == ftype3::NF3LNK);
  CHECK(made.resok.obj_attributes->uid == 1000);
  CHECK(made.resok.obj_attributes->size == 15);
  CHECK(made.resok.dir_wcc.before.has_value());
  CHECK(made.resok.dir_wcc.after->mtime == time_of(world.clock.now()));
  CHECK(world.call(&nfs3::readlink, READLINK3args{*made.resok.obj}).resok.data.view() == "../some where/\xff");
}

TEST_CASE("SYMLINK refuses paths that no client could follow") {
  World world;
  CHECK(make(world, world.root(), "empty", "").status == NFS3ERR_NOENT);
  CHECK(make(world, world.root(), "nul", std::string_view("a\0b", 3)).status == NFS3ERR_INVAL);
  CHECK(make(world, world.root(), "long", std::string(4096, 'p')).status == NFS3ERR_NAMETOOLONG);
  CHECK(make(world, world.root(), "longest", std::string(4095, 'p')).status == NFS3_OK);
  const SYMLINK3res refused = make(world, world.root(), "empty", "");
  CHECK(refused.resfail.dir_wcc.after.has_value());
}

TEST_CASE("SYMLINK refused: what is there, permission, type, read-only share, names, filehandles") {
  World world;
  const nfs_fh3 closed = world.make_directory(world.root(), "closed", 0755);
  const nfs_fh3 file = world.make_file(world.root(), "file");
  world.add_share(12, "ro", {.squash = gate::Squash::None, .read_only = true});
  CHECK(make(world, world.root(), "file", "x").status == NFS3ERR_EXIST);
  CHECK(make(world, world.root(), ".", "x").status == NFS3ERR_EXIST);
  CHECK(make(world, world.root("ro"), "new", "x").status == NFS3ERR_ROFS);
  CHECK(make(world, file, "new", "x").status == NFS3ERR_NOTDIR);
  check_bad_names([&](std::string_view name) { return make(world, world.root(), name, "x").status; });
  check_bad_handles(world, [&](const nfs_fh3& handle) { return make(world, handle, "new", "x").status; });
  world.become(1000, 1000);
  CHECK(make(world, closed, "new", "x").status == NFS3ERR_ACCES);
}
