// ACCESS (RFC 1813, 3.3.4).
#include "ops/world.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;
using enum nfsstat3;

namespace {

constexpr std::uint32_t R = ACCESS3_READ, L = ACCESS3_LOOKUP, M = ACCESS3_MODIFY, E = ACCESS3_EXTEND,
                        D = ACCESS3_DELETE, X = ACCESS3_EXECUTE, everything = R | L | M | E | D | X;

std::uint32_t granted(World& world, const nfs_fh3& object, std::uint32_t asked = everything) {
  const ACCESS3res result = world.call(&nfs3::access, ACCESS3args{object, asked});
  REQUIRE(result.status == NFS3_OK);
  CHECK(result.resok.obj_attributes.has_value());
  return result.resok.access;
}

}  // namespace

TEST_CASE("ACCESS to a file by the bits of its mode") {
  World world;
  world.become(1000, 100);
  const nfs_fh3 file = world.make_file(world.root(), "file", 0754);
  CHECK(granted(world, file) == (R | M | E | X));
  world.become(2000, 100);
  CHECK(granted(world, file) == (R | X));
  world.become(2000, 200);
  CHECK(granted(world, file) == R);
  world.become(2000, 200, {100});
  CHECK(granted(world, file) == (R | X));
}

TEST_CASE("ACCESS to a directory by the bits of its mode") {
  World world;
  world.become(1000, 100);
  const nfs_fh3 directory = world.make_directory(world.root(), "directory", 0751);
  CHECK(granted(world, directory) == (R | L | M | E | D));
  world.become(2000, 100);
  CHECK(granted(world, directory) == (R | L));
  world.become(2000, 200);
  CHECK(granted(world, directory) == L);
  // Nothing can be made or removed where nothing can be looked up.
  world.become(1000, 100);
  const nfs_fh3 closed = world.make_directory(world.root(), "closed", 0600);
  CHECK(granted(world, closed) == R);
}

TEST_CASE("ACCESS answers what was asked and what makes sense for the type") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file", 0777);
  const nfs_fh3 link = world.make_symlink(world.root(), "link", "file");
  CHECK(granted(world, file, 0) == 0);
  CHECK(granted(world, file, R) == R);
  CHECK(granted(world, file, L | D) == 0);
  CHECK(granted(world, file, 0xffffffc0) == 0);
  CHECK(granted(world, world.root(), X) == 0);
  CHECK((granted(world, link) & (L | D)) == 0);
  CHECK((granted(world, link) & R) == R);
}

TEST_CASE("ACCESS of root: all, but to run what nobody may run") {
  World world;
  CHECK(granted(world, world.make_file(world.root(), "data", 0000)) == (R | M | E));
  CHECK(granted(world, world.make_file(world.root(), "program", 0100)) == (R | M | E | X));
  CHECK(granted(world, world.make_directory(world.root(), "directory", 0000)) == (R | L | M | E | D));
}

TEST_CASE("ACCESS to a read-only share never grants a change") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file", 0777);
  world.add_share(12, "ro", {.squash = gate::Squash::None, .read_only = true});
  CHECK(granted(world, world.through("ro", file)) == (R | X));
  CHECK(granted(world, world.root("ro")) == (R | L));
}

TEST_CASE("ACCESS to devices and FIFOs of a read-only share grants what changes nothing there") {
  World world;
  for (const ftype3 type : {ftype3::NF3CHR, ftype3::NF3BLK, ftype3::NF3FIFO, ftype3::NF3SOCK}) {
    MKNOD3args args{at(world.root(), "node" + std::to_string(static_cast<int>(type))), {.type = type}};
    args.what.device.dev_attributes.mode = args.what.pipe_attributes.mode = 0640;
    const MKNOD3res made = world.call(&nfs3::mknod, args);
    REQUIRE(made.status == NFS3_OK);
    if (type == ftype3::NF3CHR) world.add_share(12, "ro", {.squash = gate::Squash::None, .read_only = true});
    CHECK(granted(world, world.through("ro", *made.resok.obj)) == (R | M | E));
  }
}

TEST_CASE("ACCESS goes by the squashed caller") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file", 0600);
  world.add_share(12, "squashed", {.squash = gate::Squash::Root});
  CHECK(granted(world, file) == (R | M | E));
  CHECK(granted(world, world.through("squashed", file)) == 0);
}

TEST_CASE("ACCESS to what is not there") {
  World world;
  check_bad_handles(
      world, [&](const nfs_fh3& handle) { return world.call(&nfs3::access, ACCESS3args{handle, everything}).status; });
}
