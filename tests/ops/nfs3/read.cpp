// READ (RFC 1813, 3.3.6).
#include "ops/world.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;
using enum nfsstat3;

namespace {

constexpr std::uint64_t largest = (std::uint64_t{1} << 63) - 1;

READ3res read_at(World& world, const nfs_fh3& file, std::uint64_t offset, std::uint32_t count) {
  return world.call(&nfs3::read, READ3args{file, offset, count});
}

}  // namespace

TEST_CASE("READ gives the bytes, how many, and whether they are the last") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file", 0644, "hello world");
  const READ3res part = read_at(world, file, 6, 3);
  REQUIRE(part.status == NFS3_OK);
  CHECK(text_of(part.resok.data.chain) == "wor");
  CHECK(part.resok.count == 3);
  CHECK_FALSE(part.resok.eof);
  REQUIRE(part.resok.file_attributes.has_value());
  CHECK(part.resok.file_attributes->size == 11);

  const READ3res exact = read_at(world, file, 6, 5);
  CHECK(exact.resok.count == 5);
  CHECK(exact.resok.eof);
  const READ3res longer = read_at(world, file, 6, 500);
  CHECK(text_of(longer.resok.data.chain) == "world");
  CHECK(longer.resok.eof);
}

TEST_CASE("READ at the end and beyond is empty, wherever that is") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file", 0644, "hello");
  for (const std::uint64_t offset :
       {std::uint64_t{5}, std::uint64_t{6}, largest - 1, largest, largest + 1, ~std::uint64_t{0}}) {
    INFO("offset " << offset);
    const READ3res result = read_at(world, file, offset, 0xffffffff);
    CHECK(result.status == NFS3_OK);
    CHECK(result.resok.count == 0);
    CHECK(result.resok.data.size() == 0);
    CHECK(result.resok.eof);
  }
}

TEST_CASE("READ of nothing") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file", 0644, "hello");
  CHECK(read_at(world, file, 0, 0).resok.count == 0);
  CHECK_FALSE(read_at(world, file, 0, 0).resok.eof);
  CHECK(read_at(world, file, 5, 0).resok.eof);
  CHECK(read_at(world, world.make_file(world.root(), "empty"), 0, 100).resok.eof);
}

TEST_CASE("READ of more than rtmax is cut to it") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file");
  SETATTR3args grow{.object = file, .new_attributes = {}, .guard = {}};
  grow.new_attributes.size = std::uint64_t{3} << 20;
  REQUIRE(world.call(&setattr, grow).status == NFS3_OK);
  const READ3res result = read_at(world, file, 1, 0xffffffff);
  CHECK(result.resok.count == 1 << 20);
  CHECK(result.resok.data.size() == 1 << 20);
  CHECK_FALSE(result.resok.eof);
  CHECK(read_at(world, file, (std::uint64_t{3} << 20) - 10, 0xffffffff).resok.count == 10);
}

TEST_CASE("READ in a file of the largest size") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file");
  SETATTR3args grow{.object = file, .new_attributes = {}, .guard = {}};
  grow.new_attributes.size = largest;
  REQUIRE(world.call(&setattr, grow).status == NFS3_OK);
  const READ3res last = read_at(world, file, largest - 3, 100);
  CHECK(last.resok.count == 3);
  CHECK(text_of(last.resok.data.chain) == std::string(3, '\0'));
  CHECK(last.resok.eof);
}

TEST_CASE("READ lets the owner through and takes execute for read") {
  World world;
  world.become(1000, 100);
  const nfs_fh3 mine = world.make_file(world.root(), "mine", 0200, "secret");
  CHECK(read_at(world, mine, 0, 6).status == NFS3_OK);
  const nfs_fh3 program = world.make_file(world.root(), "program", 0711, "code");
  world.become(2000, 200);
  CHECK(read_at(world, program, 0, 4).status == NFS3_OK);
  const READ3res refused = read_at(world, mine, 0, 6);
  CHECK(refused.status == NFS3ERR_ACCES);
  REQUIRE(refused.resfail.file_attributes.has_value());
  CHECK(refused.resfail.file_attributes->size == 6);
}

TEST_CASE("READ of what is no regular file is INVAL") {
  World world;
  const READ3res directory = read_at(world, world.root(), 0, 10);
  CHECK(directory.status == NFS3ERR_INVAL);
  CHECK(directory.resfail.file_attributes->type == ftype3::NF3DIR);
  CHECK(read_at(world, world.make_symlink(world.root(), "link", "x"), 0, 10).status == NFS3ERR_INVAL);
}

TEST_CASE("READ of what is not there") {
  World world;
  check_bad_handles(world, [&](const nfs_fh3& handle) { return read_at(world, handle, 0, 10).status; });
}
