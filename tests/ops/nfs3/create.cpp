// CREATE (RFC 1813, 3.3.8).
#include "gate/held.hpp"
#include "ops/world.hpp"
#include "vfs/filehandle.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;
using enum nfsstat3;

namespace {

CREATE3args args_of(const nfs_fh3& directory, std::string_view name, createmode3 mode, std::uint32_t bits = 0644) {
  CREATE3args args{at(directory, name), {.mode = mode, .obj_attributes = {}}};
  args.how.obj_attributes.mode = bits;
  return args;
}

CREATE3args exclusive(const nfs_fh3& directory, std::string_view name, std::uint64_t verifier) {
  return {at(directory, name),
          {.mode = createmode3::EXCLUSIVE, .obj_attributes = {}, .verf = verifier_of<createverf3>(verifier)}};
}

}  // namespace

TEST_CASE("CREATE makes a file and tells the directory's change") {
  World world;
  world.become(1000, 100);
  const fattr3 before = world.attributes(world.root());
  world.clock.advance_seconds(2);
  const CREATE3res made = world.call(&create, args_of(world.root(), "file", createmode3::UNCHECKED, 0640));
  REQUIRE(made.status == NFS3_OK);
  REQUIRE(made.resok.obj.has_value());
  REQUIRE(made.resok.obj_attributes.has_value());
  CHECK(made.resok.obj_attributes->mode == 0640);
  CHECK(made.resok.obj_attributes->uid == 1000);
  CHECK(made.resok.obj_attributes->gid == 100);
  CHECK(made.resok.obj_attributes->type == ftype3::NF3REG);
  const wcc_data& wcc = made.resok.dir_wcc;
  REQUIRE(wcc.before.has_value());
  CHECK(wcc.before->mtime == before.mtime);
  CHECK(wcc.before->ctime == before.ctime);
  REQUIRE(wcc.after.has_value());
  CHECK(wcc.after->mtime == time_of(world.clock.now()));
  CHECK(world.attributes(*made.resok.obj).fileid == made.resok.obj_attributes->fileid);
}

TEST_CASE("CREATE sets the other attributes, too") {
  World world;
  CREATE3args args = args_of(world.root(), "file", createmode3::GUARDED, 01755);
  args.how.obj_attributes.uid = 1000;
  args.how.obj_attributes.gid = 100;
  args.how.obj_attributes.size = 10;
  args.how.obj_attributes.mtime = {time_how::SET_TO_CLIENT_TIME, {1, 2}};
  const CREATE3res made = world.call(&create, args);
  REQUIRE(made.status == NFS3_OK);
  CHECK(made.resok.obj_attributes->mode == 01755);
  CHECK(made.resok.obj_attributes->uid == 1000);
  CHECK(made.resok.obj_attributes->gid == 100);
  CHECK(made.resok.obj_attributes->size == 10);
  CHECK(made.resok.obj_attributes->mtime == nfstime3{1, 2});

  args.where.name = name3("other");
  args.how.obj_attributes.mtime.mtime.nseconds = 1'000'000'000;
  CHECK(world.call(&create, args).status == NFS3ERR_INVAL);
  args.how.obj_attributes.mtime = {};
  args.how.obj_attributes.size = ~std::uint64_t{0};
  CHECK(world.call(&create, args).status == NFS3ERR_FBIG);
  CHECK(world.look(world.root(), "other") == NFS3ERR_NOENT);
}

TEST_CASE("CREATE without a mode gives others nothing") {
  World world;
  world.become(1000, 1000);
  const CREATE3args args{at(world.root(), "file"), {.mode = createmode3::UNCHECKED, .obj_attributes = {}}};
  const CREATE3res made = world.call(&create, args);
  REQUIRE(made.status == NFS3_OK);
  CHECK((made.resok.obj_attributes->mode & 0077) == 0);
}

TEST_CASE("CREATE unchecked finds the file that is there, and empties it when asked") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file", 0600, "hello");
  const CREATE3res found = world.call(&create, args_of(world.root(), "file", createmode3::UNCHECKED, 0666));
  REQUIRE(found.status == NFS3_OK);
  CHECK(same(*found.resok.obj, file));
  CHECK(found.resok.obj_attributes->mode == 0600);
  CHECK(found.resok.obj_attributes->size == 5);
  CREATE3args emptying = args_of(world.root(), "file", createmode3::UNCHECKED);
  emptying.how.obj_attributes.size = 0;
  CHECK(world.call(&create, emptying).resok.obj_attributes->size == 0);
  CHECK(world.contents(file).empty());
}

TEST_CASE("CREATE unchecked empties no file that others keep it from writing") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file", 0600, "hello");
  const auto parsed = vfs::Filehandle::parse(file.data.bytes());
  gate::Actor actor{
      .who = {}, .home = world.loop, .pool = world.pool, .clock = world.clock, .rests_on = world.rests_on};
  bool open = false;
  const auto hold = [](World& in, gate::Actor& as, vfs::NodeId node, bool& done) -> Detached {
    const gate::OpenRequest request{
        .open = {1, {1, {}}, {state::Share::Read, state::Share::Write}}, .how = {}, .wanted = vfs::Access::None};
    done = (co_await gate::open_node(as, in.share(), node, request)).has_value();
  };
  hold(world, actor, parsed->node, open);
  REQUIRE(open);
  CREATE3args emptying = args_of(world.root(), "file", createmode3::UNCHECKED);
  emptying.how.obj_attributes.size = 0;
  CHECK(world.call(&create, emptying).status == NFS3ERR_ACCES);
  CHECK(world.contents(file) == "hello");
  REQUIRE(gate::close_open(world.share(), parsed->node, 1));
  CHECK(world.call(&create, emptying).status == NFS3_OK);
  CHECK(world.contents(file).empty());
}

TEST_CASE("CREATE unchecked asks for the right to write what it is to empty") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file", 0600, "hello");
  world.become(10, 20);
  CREATE3args emptying = args_of(world.root(), "file", createmode3::UNCHECKED);
  emptying.how.obj_attributes.size = 0;
  CHECK(world.call(&create, emptying).status == NFS3ERR_ACCES);
  world.become(0, 0);
  CHECK(world.contents(file) == "hello");
}

TEST_CASE("CREATE guarded refuses what is there") {
  World world;
  world.make_file(world.root(), "file", 0600, "hello");
  const CREATE3res refused = world.call(&create, args_of(world.root(), "file", createmode3::GUARDED));
  CHECK(refused.status == NFS3ERR_EXIST);
  CHECK_FALSE(refused.resfail.dir_wcc.before.has_value());
  REQUIRE(refused.resfail.dir_wcc.after.has_value());
  CHECK(refused.resfail.dir_wcc.after->type == ftype3::NF3DIR);
}

TEST_CASE("CREATE of a name that is a directory") {
  World world;
  world.make_directory(world.root(), "directory");
  for (const createmode3 mode : {createmode3::UNCHECKED, createmode3::GUARDED}) {
    CHECK(world.call(&create, args_of(world.root(), "directory", mode)).status == NFS3ERR_EXIST);
  }
  CHECK(world.call(&create, exclusive(world.root(), "directory", 1)).status == NFS3ERR_EXIST);
}

TEST_CASE("CREATE exclusive finds its own file again, even after a restart, and nobody else's") {
  World world;
  const CREATE3res made = world.call(&create, exclusive(world.root(), "file", 0x0123456789abcdef));
  REQUIRE(made.status == NFS3_OK);
  CHECK((made.resok.obj_attributes->mode & 0077) == 0);

  const CREATE3res again = world.call(&create, exclusive(world.root(), "file", 0x0123456789abcdef));
  REQUIRE(again.status == NFS3_OK);
  CHECK(same(*again.resok.obj, *made.resok.obj));
  CHECK(world.call(&create, exclusive(world.root(), "file", 0x0123456789abcdee)).status == NFS3ERR_EXIST);

  world.restart();
  const CREATE3res after = world.call(&create, exclusive(world.root(), "file", 0x0123456789abcdef));
  REQUIRE(after.status == NFS3_OK);
  CHECK(same(*after.resok.obj, *made.resok.obj));
  CHECK(world.call(&create, exclusive(world.root(), "file", 1)).status == NFS3ERR_EXIST);
}

TEST_CASE("CREATE exclusive does not take a file that was made otherwise, whatever its times say") {
  World world;
  world.make_file(world.root(), "file");
  CHECK(world.call(&create, exclusive(world.root(), "file", 0)).status == NFS3ERR_EXIST);
}

TEST_CASE("CREATE exclusive ends with the SETATTR that follows it") {
  World world;
  const CREATE3res made = world.call(&create, exclusive(world.root(), "file", 5));
  REQUIRE(made.status == NFS3_OK);
  SETATTR3args attributes{.object = *made.resok.obj, .new_attributes = {}, .guard = {}};
  attributes.new_attributes.mode = 0644;
  REQUIRE(world.call(&setattr, attributes).status == NFS3_OK);
  CHECK(world.attributes(*made.resok.obj).mode == 0644);
}

TEST_CASE("CREATE needs write and search permission") {
  World world;
  const nfs_fh3 directory = world.make_directory(world.root(), "directory", 0755);
  world.become(1000, 1000);
  const CREATE3res refused = world.call(&create, args_of(directory, "file", createmode3::GUARDED));
  CHECK(refused.status == NFS3ERR_ACCES);
  CHECK(refused.resfail.dir_wcc.after.has_value());
}

TEST_CASE("CREATE for somebody else is root's") {
  World world;
  world.become(1000, 1000);
  CREATE3args args = args_of(world.root(), "file", createmode3::GUARDED);
  args.how.obj_attributes.uid = 1001;
  CHECK(world.call(&create, args).status == NFS3ERR_PERM);
  CHECK(world.look(world.root(), "file") == NFS3ERR_NOENT);
}

TEST_CASE("CREATE in what is no directory") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file");
  CHECK(world.call(&create, args_of(file, "name", createmode3::GUARDED)).status == NFS3ERR_NOTDIR);
}

TEST_CASE("CREATE of . and .. is EXIST") {
  World world;
  for (const char* name : {".", ".."}) {
    const CREATE3res refused = world.call(&create, args_of(world.root(), name, createmode3::UNCHECKED));
    CHECK(refused.status == NFS3ERR_EXIST);
    CHECK(refused.resfail.dir_wcc.after.has_value());
  }
}

TEST_CASE("CREATE of impossible names") {
  World world;
  check_bad_names([&](std::string_view name) {
    return world.call(&create, args_of(world.root(), name, createmode3::UNCHECKED)).status;
  });
}

TEST_CASE("CREATE on a read-only share") {
  World world;
  world.add_share(12, "ro", {.squash = gate::Squash::None, .read_only = true});
  const CREATE3res refused = world.call(&create, args_of(world.root("ro"), "file", createmode3::GUARDED));
  CHECK(refused.status == NFS3ERR_ROFS);
  CHECK(refused.resfail.dir_wcc.after.has_value());
}

TEST_CASE("CREATE below what is not there") {
  World world;
  check_bad_handles(world, [&](const nfs_fh3& handle) {
    return world.call(&create, args_of(handle, "name", createmode3::GUARDED)).status;
  });
}
