// Access control lists decide for version 3, too, which knows nothing of them: its clients see a mode.
#include "ops/world.hpp"
#include "vfs/acl/letters.hpp"
#include "vfs/filehandle.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;
using enum nfsstat3;

namespace {

constexpr std::uint32_t R = 0x01, L = 0x02, M = 0x04, E = 0x08, D = 0x10, X = 0x20;

void set_list(World& world, const nfs_fh3& handle, const std::string& letters) {
  const vfs::Credential root = vfs::Credential::root();
  vfs::Context context{.who = root, .now = world.clock.now(), .blocking = vfs::Blocking::Allowed};
  const auto node = vfs::Filehandle::parse(handle.data.bytes());
  REQUIRE(node.has_value());
  auto pin = world.fs->pin(context, node->node);
  REQUIRE(pin.has_value());
  const vfs::SetAttributes changes{.acl = std::make_shared<const vfs::Acl>(acl(letters))};
  REQUIRE(world.fs->setattr(context, **pin, changes, std::nullopt).has_value());
}

std::uint32_t granted(World& world, const nfs_fh3& object) {
  const ACCESS3res result = world.call(&access, ACCESS3args{object, 0x3f});
  REQUIRE(result.status == NFS3_OK);
  return result.resok.access;
}

nfsstat3 reads(World& world, const nfs_fh3& file) { return world.call(&nfs3::read, READ3args{file, 0, 10}).status; }
nfsstat3 writes(World& world, const nfs_fh3& file) {
  return world.call(&nfs3::write, WRITE3args{file, 0, 1, stable_how::FILE_SYNC, chain_of("x")}).status;
}
nfsstat3 chmods(World& world, const nfs_fh3& file, std::uint32_t mode) {
  SETATTR3args args{.object = file, .new_attributes = {}, .guard = {}};
  args.new_attributes.mode = mode;
  return world.call(&setattr, args).status;
}

}  // namespace

TEST_CASE("ACCESS, READ and WRITE of version 3 go by a file's list") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file", 0666, "contents");
  set_list(world, file, "D::u7:wa A::u7:rx A::g8:rwa");
  CHECK(world.attributes(file).mode == 0);
  world.become(7, 8);
  CHECK(granted(world, file) == (R | X));
  CHECK(reads(world, file) == NFS3_OK);
  CHECK(writes(world, file) == NFS3ERR_ACCES);
  world.become(9, 8);
  CHECK(granted(world, file) == (R | M | E));
  CHECK(writes(world, file) == NFS3_OK);
  world.become(9, 9, {5, 8});
  CHECK(writes(world, file) == NFS3_OK);
  world.become(9, 9);
  CHECK(granted(world, file) == 0);
  CHECK(reads(world, file) == NFS3ERR_ACCES);
}

TEST_CASE("what may be run may be read, and the owner may always read and write, as without a list") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file", 0666, "contents");
  set_list(world, file, "A::u7:x");
  world.become(7, 7);
  CHECK(granted(world, file) == X);
  CHECK(reads(world, file) == NFS3_OK);
  world.become(0, 0);
  world.become(1000, 1000);
  const nfs_fh3 own = world.make_file(world.root(), "own", 0600, "contents");
  set_list(world, own, "D::OWNER@:rwax");
  CHECK(granted(world, own) == 0);
  CHECK(reads(world, own) == NFS3_OK);
  CHECK(writes(world, own) == NFS3_OK);
}

TEST_CASE("a directory's list decides what version 3 may list, search, add and remove") {
  World world;
  const nfs_fh3 d = world.make_directory(world.root(), "d", 0777);
  const nfs_fh3 file = world.make_file(d, "file");
  set_list(world, d, "A::u7:x A::u8:rwaxD A::u9:wx D::u9:D");
  world.become(7, 7);
  CHECK(granted(world, d) == L);
  CHECK(world.look(d, "file") == NFS3_OK);
  CHECK(world.call(&readdir, READDIR3args{d, 0, {}, 4096}).status == NFS3ERR_ACCES);
  CHECK(world.call(&nfs3::remove, REMOVE3args{at(d, "file")}).status == NFS3ERR_ACCES);
  world.become(6, 6);
  CHECK(world.look(d, "file") == NFS3ERR_ACCES);
  world.become(8, 8);
  CHECK(granted(world, d) == (R | L | M | E | D));
  world.make_file(d, "new");
  world.remove(d, "new");
  world.become(9, 9);
  CHECK(world.call(&nfs3::remove, REMOVE3args{at(d, "file")}).status == NFS3ERR_ACCES);
  world.make_file(d, "nine");
  set_list(world, file, "A::u9:d");
  world.remove(d, "file");
}

TEST_CASE("version 3's chmod changes the list, and what it makes inherits one") {
  World world;
  const nfs_fh3 d = world.make_directory(world.root(), "d", 0777);
  set_list(world, d, "A:fd:u7:rwax A:fd:EVERYONE@:rwax");
  const nfs_fh3 file = world.make_file(d, "file", 0660, "contents");
  CHECK(world.attributes(file).mode == 0660);
  world.become(7, 7);
  CHECK(granted(world, file) == (R | M | E));
  world.become(0, 0);
  REQUIRE(chmods(world, file, 0600) == NFS3_OK);
  world.become(7, 7);
  CHECK(granted(world, file) == 0);
  CHECK(chmods(world, file, 0666) == NFS3ERR_PERM);
}
