// LOOKUP (RFC 1813, 3.3.3).
#include "ops/world.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;
using enum nfsstat3;

namespace {
LOOKUP3res look_at(World& world, const nfs_fh3& directory, std::string_view name) {
  return world.call(&lookup, LOOKUP3args{at(directory, name)});
}
}  // namespace

TEST_CASE("LOOKUP gives the filehandle, its attributes and the directory's") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file", 0640, "hello");
  const LOOKUP3res found = look_at(world, world.root(), "file");
  REQUIRE(found.status == NFS3_OK);
  CHECK(same(found.resok.object, file));
  REQUIRE(found.resok.obj_attributes.has_value());
  CHECK(found.resok.obj_attributes->size == 5);
  REQUIRE(found.resok.dir_attributes.has_value());
  CHECK(found.resok.dir_attributes->type == ftype3::NF3DIR);
  CHECK(found.resok.dir_attributes->fileid == world.attributes(world.root()).fileid);
}

TEST_CASE("LOOKUP takes names byte for byte") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(),
                                       "Stra\xc3\x9f"
                                       "e");
  CHECK(same(look_at(world, world.root(),
                     "Stra\xc3\x9f"
                     "e")
                 .resok.object,
             file));
  CHECK(world.look(world.root(),
                   "stra\xc3\x9f"
                   "e") == NFS3ERR_NOENT);
  const nfs_fh3 odd = world.make_file(world.root(), "\xff\xfe not UTF-8\n");
  CHECK(same(look_at(world, world.root(), "\xff\xfe not UTF-8\n").resok.object, odd));
  const std::string longest(255, 'n');
  CHECK(same(world.make_file(world.root(), longest), look_at(world, world.root(), longest).resok.object));
}

TEST_CASE("LOOKUP of . and ..") {
  World world;
  const nfs_fh3 upper = world.make_directory(world.root(), "upper");
  const nfs_fh3 lower = world.make_directory(upper, "lower");
  CHECK(same(look_at(world, lower, ".").resok.object, lower));
  CHECK(same(look_at(world, lower, "..").resok.object, upper));
  CHECK(same(look_at(world, upper, "..").resok.object, world.root()));
  CHECK(same(look_at(world, world.root(), "..").resok.object, world.root()));
}

TEST_CASE("LOOKUP of .. never leaves a share that is a part of a tree") {
  World world;
  const nfs_fh3 inner = world.make_directory(world.root(), "inner");
  const nfs_fh3 below = world.make_directory(inner, "below");
  const vfs::NodeId node{0, world.attributes(inner).fileid};
  world.add_share(12, "part", {.squash = gate::Squash::None}, node);
  const LOOKUP3res up = look_at(world, world.root("part"), "..");
  REQUIRE(up.status == NFS3_OK);
  CHECK(same(up.resok.object, world.root("part")));
  CHECK(up.resok.obj_attributes->fileid == node.inode);
  CHECK(same(look_at(world, world.through("part", below), "..").resok.object, world.root("part")));
}

TEST_CASE("LOOKUP of what is not there tells the directory's attributes") {
  World world;
  const LOOKUP3res missing = look_at(world, world.root(), "missing");
  CHECK(missing.status == NFS3ERR_NOENT);
  REQUIRE(missing.resfail.dir_attributes.has_value());
  CHECK(missing.resfail.dir_attributes->type == ftype3::NF3DIR);
}

TEST_CASE("LOOKUP in what is no directory") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file");
  const LOOKUP3res refused = look_at(world, file, "name");
  CHECK(refused.status == NFS3ERR_NOTDIR);
  CHECK(refused.resfail.dir_attributes->type == ftype3::NF3REG);
  CHECK(world.look(world.make_symlink(world.root(), "link", "."), "file") == NFS3ERR_NOTDIR);
}

TEST_CASE("LOOKUP needs search permission") {
  World world;
  const nfs_fh3 directory = world.make_directory(world.root(), "closed", 0744);
  world.make_file(directory, "file");
  world.become(1000, 1000);
  CHECK(world.look(directory, "file") == NFS3ERR_ACCES);
  CHECK(world.look(directory, "missing") == NFS3ERR_ACCES);
}

TEST_CASE("LOOKUP of impossible names") {
  World world;
  check_bad_names([&](std::string_view name) { return world.look(world.root(), name); });
}

TEST_CASE("LOOKUP below what is not there") {
  World world;
  check_bad_handles(world, [&](const nfs_fh3& handle) { return world.look(handle, "name"); });
}
