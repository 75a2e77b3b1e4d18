// Between the file system's attributes and fattr3: times at the ends of their range, owners without a number, the fsid.
#include "nfs/v3/attributes.hpp"

#include <set>

#include "ops/world.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;

TEST_CASE("times outside of 1970 to 2106 are told as the nearest that can be") {
  CHECK(time_of({0, 0}) == nfstime3{0, 0});
  CHECK(time_of({-1, 999'999'999}) == nfstime3{0, 0});
  CHECK(time_of({1'700'000'000, 123}) == nfstime3{1'700'000'000, 123});
  CHECK(time_of({0x7fffffff, 1}) == nfstime3{0x7fffffff, 1});
  CHECK(time_of({0x80000000, 1}) == nfstime3{0x80000000, 1});
  CHECK(time_of({0xffffffff, 7}) == nfstime3{0xffffffff, 7});
  CHECK(time_of({0x100000000, 0}) == nfstime3{0xffffffff, 999'999'999});
  CHECK(timestamp_of({0xffffffff, 7}) == Timestamp{0xffffffff, 7});
}

TEST_CASE("attributes are told field by field") {
  World world;
  vfs::Attributes attributes{.id = {0, 77}, .type = vfs::FileType::CharDevice, .mode = 04755, .link_count = 3};
  attributes.owner = vfs::Principal::id(1000);
  attributes.group = {vfs::Principal::Kind::Sid, 5};
  attributes.size = 0x123456789;
  attributes.space_used = 4096;
  attributes.device = {8, 17};
  attributes.access_time = {1, 2};
  attributes.modify_time = {3, 4};
  attributes.change_time = {5, 6};
  const fattr3 told = attributes_of(attributes, world.share());
  CHECK(told.type == ftype3::NF3CHR);
  CHECK(told.mode == 04755);
  CHECK(told.nlink == 3);
  CHECK(told.uid == 1000);
  CHECK(told.gid == 65534);  // a SID has no number yet
  CHECK(told.size == 0x123456789);
  CHECK(told.used == 4096);
  CHECK(told.rdev.specdata1 == 8);
  CHECK(told.rdev.specdata2 == 17);
  CHECK(told.fileid == 77);
  CHECK(told.atime == nfstime3{1, 2});
  CHECK(told.mtime == nfstime3{3, 4});
  CHECK(told.ctime == nfstime3{5, 6});
}

TEST_CASE("every type of node has its number in the RFC") {
  using enum vfs::FileType;
  CHECK(type_of(Regular) == ftype3::NF3REG);
  CHECK(type_of(Directory) == ftype3::NF3DIR);
  CHECK(type_of(BlockDevice) == ftype3::NF3BLK);
  CHECK(type_of(CharDevice) == ftype3::NF3CHR);
  CHECK(type_of(Symlink) == ftype3::NF3LNK);
  CHECK(type_of(Socket) == ftype3::NF3SOCK);
  CHECK(type_of(Fifo) == ftype3::NF3FIFO);
}

TEST_CASE("the fsid is the store's, apart for each subvolume, and the same through every share of a tree") {
  World world;
  world.add_share(12, "again", {});
  const gate::Share& other = world.add_other_store(13, "other");
  std::set<std::uint64_t> seen;
  for (const std::uint32_t subvolume : {0U, 1U, 2U, 0xffffffffU}) {
    const vfs::Attributes attributes{.id = {subvolume, 5}};
    const std::uint64_t fsid = attributes_of(attributes, world.share()).fsid;
    CHECK(attributes_of(attributes, world.share("again")).fsid == fsid);
    CHECK(seen.insert(fsid).second);
    CHECK(seen.insert(attributes_of(attributes, other).fsid).second);
  }
}

TEST_CASE("what a client asks to change is taken as it is meant") {
  sattr3 asked;
  CHECK(changes_of(asked)->empty());

  asked.mode = 0107755;  // with the type's bits, as some clients send it
  asked.uid = 0xffffffff;
  asked.gid = 5;
  asked.size = 10;
  asked.atime = {time_how::SET_TO_SERVER_TIME, {}};
  asked.mtime = {time_how::SET_TO_CLIENT_TIME, {9, 999'999'999}};
  const auto changes = changes_of(asked);
  REQUIRE(changes);
  CHECK(changes->mode == 07755u);
  CHECK_FALSE(changes->owner.has_value());  // (uid_t)-1 leaves it
  CHECK(changes->group == vfs::Principal::id(5));
  CHECK(changes->size == 10u);
  REQUIRE(changes->access_time.has_value());
  CHECK(changes->access_time->server_time);
  REQUIRE(changes->modify_time.has_value());
  CHECK_FALSE(changes->modify_time->server_time);
  CHECK(changes->modify_time->value == Timestamp{9, 999'999'999});

  asked.mtime.mtime.nseconds = 1'000'000'000;
  CHECK(changes_of(asked).error() == Error::InvalidArgument);
  asked.mtime = {};
  asked.size = (std::uint64_t{1} << 63) - 1;
  CHECK(changes_of(asked).has_value());
  asked.size = std::uint64_t{1} << 63;
  CHECK(changes_of(asked).error() == Error::FileTooBig);
}
