// MKNOD (RFC 1813, 3.3.11).
#include "ops/world.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;
using enum nfsstat3;

namespace {
MKNOD3res make(World& world, const nfs_fh3& directory, std::string_view name, ftype3 type, specdata3 device = {}) {
  MKNOD3args args{at(directory, name), {.type = type, .device = {.dev_attributes = {}, .spec = device}}};
  args.what.device.dev_attributes.mode = 0640;
  args.what.pipe_attributes.mode = 0640;
  return world.call(&nfs3::mknod, args);
}
}  // namespace

TEST_CASE("MKNOD makes devices, FIFOs and sockets") {
  World world;
  for (const ftype3 type : {ftype3::NF3CHR, ftype3::NF3BLK, ftype3::NF3FIFO, ftype3::NF3SOCK}) {
    const std::string name = "node" + std::to_string(static_cast<int>(type));
    const MKNOD3res made = make(world, world.root(), name, type, {8, 0xfffff});
    REQUIRE(made.status == NFS3_OK);
    CHECK(made.resok.dir_wcc.before.has_value());
    const fattr3 told = world.attributes(*made.resok.obj);
    CHECK(told.type == type);
    CHECK(told.mode == 0640);
    CHECK(told.nlink == 1);
    const bool device = type == ftype3::NF3CHR || type == ftype3::NF3BLK;
    CHECK(told.rdev.specdata1 == (device ? 8 : 0));
    CHECK(told.rdev.specdata2 == (device ? 0xfffff : 0));
  }
}

TEST_CASE("MKNOD of devices is root's, of FIFOs and sockets everybody's") {
  World world;
  world.become(1000, 1000);
  for (const ftype3 type : {ftype3::NF3CHR, ftype3::NF3BLK}) {
    const MKNOD3res refused = make(world, world.root(), "device", type, {1, 1});
    CHECK(refused.status == NFS3ERR_PERM);
    CHECK(refused.resfail.dir_wcc.after.has_value());
  }
  CHECK(make(world, world.root(), "fifo", ftype3::NF3FIFO).status == NFS3_OK);
  CHECK(make(world, world.root(), "socket", ftype3::NF3SOCK).status == NFS3_OK);
  // Squashed root is nobody.
  world.become(0, 0);
  world.add_share(12, "squashed", {.squash = gate::Squash::Root});
  CHECK(make(world, world.root("squashed"), "device", ftype3::NF3CHR, {1, 1}).status == NFS3ERR_PERM);
}

TEST_CASE("MKNOD of what other procedures make, or nobody knows, is BADTYPE") {
  World world;
  for (const ftype3 type : {ftype3::NF3REG, ftype3::NF3DIR, ftype3::NF3LNK, ftype3{0}, ftype3{8}, ftype3{0xffffffff}}) {
    const MKNOD3res refused = make(world, world.root(), "node", type);
    CHECK(refused.status == NFS3ERR_BADTYPE);
    CHECK(refused.resfail.dir_wcc.after.has_value());
  }
  CHECK(world.look(world.root(), "node") == NFS3ERR_NOENT);
}

TEST_CASE("MKNOD with attributes that cannot be") {
  World world;
  MKNOD3args args{at(world.root(), "fifo"), {.type = ftype3::NF3FIFO, .device = {}, .pipe_attributes = {}}};
  args.what.pipe_attributes.mtime = {time_how::SET_TO_CLIENT_TIME, {1, 1'000'000'000}};
  CHECK(world.call(&nfs3::mknod, args).status == NFS3ERR_INVAL);
}

TEST_CASE("MKNOD refused: what is there, permission, type, read-only share, names, filehandles") {
  World world;
  const auto fifo = [&](const nfs_fh3& directory, std::string_view name) {
    return make(world, directory, name, ftype3::NF3FIFO).status;
  };
  const nfs_fh3 closed = world.make_directory(world.root(), "closed", 0755);
  const nfs_fh3 file = world.make_file(world.root(), "file");
  world.add_share(12, "ro", {.squash = gate::Squash::None, .read_only = true});
  CHECK(fifo(world.root(), "file") == NFS3ERR_EXIST);
  CHECK(fifo(world.root(), "..") == NFS3ERR_EXIST);
  CHECK(fifo(world.root("ro"), "new") == NFS3ERR_ROFS);
  CHECK(fifo(file, "new") == NFS3ERR_NOTDIR);
  check_bad_names([&](std::string_view name) { return fifo(world.root(), name); });
  check_bad_handles(world, [&](const nfs_fh3& handle) { return fifo(handle, "new"); });
  world.become(1000, 1000);
  CHECK(fifo(closed, "new") == NFS3ERR_ACCES);
}
