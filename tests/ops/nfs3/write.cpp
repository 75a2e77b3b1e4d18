// WRITE (RFC 1813, 3.3.7).
#include "ops/world.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;
using enum nfsstat3;

namespace {

constexpr std::uint64_t largest = (std::uint64_t{1} << 63) - 1;

WRITE3args args_of(const nfs_fh3& file, std::uint64_t offset, std::string_view text,
                   stable_how stable = stable_how::UNSTABLE) {
  return {file, offset, static_cast<count3>(text.size()), stable, chain_of(text)};
}

WRITE3res write_at(World& world, const nfs_fh3& file, std::uint64_t offset, std::string_view text,
                   stable_how stable = stable_how::UNSTABLE) {
  return world.call(&nfs3::write, args_of(file, offset, text, stable));
}

}  // namespace

TEST_CASE("WRITE stores the bytes and tells both ends of the change") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file", 0644, "hello");
  const fattr3 before = world.attributes(file);
  world.clock.advance_seconds(3);
  const WRITE3res written = write_at(world, file, 3, "p me");
  REQUIRE(written.status == NFS3_OK);
  CHECK(written.resok.count == 4);
  REQUIRE(written.resok.file_wcc.before.has_value());
  CHECK(written.resok.file_wcc.before->size == 5);
  CHECK(written.resok.file_wcc.before->mtime == before.mtime);
  CHECK(written.resok.file_wcc.before->ctime == before.ctime);
  REQUIRE(written.resok.file_wcc.after.has_value());
  CHECK(written.resok.file_wcc.after->size == 7);
  CHECK(written.resok.file_wcc.after->mtime == time_of(world.clock.now()));
  CHECK(world.contents(file) == "help me");
}

TEST_CASE("WRITE is at least as stable as was asked") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file");
  for (const stable_how asked : {stable_how::UNSTABLE, stable_how::DATA_SYNC, stable_how::FILE_SYNC}) {
    const WRITE3res written = write_at(world, file, 0, std::string(100'000, 'x'), asked);
    REQUIRE(written.status == NFS3_OK);
    CHECK(written.resok.count == 100'000);
    CHECK(written.resok.committed >= asked);
  }
}

TEST_CASE("WRITE and COMMIT give the same verifier until the server starts again") {
  World world;
  nfs_fh3 file = world.make_file(world.root(), "file");
  const WRITE3res first = write_at(world, file, 0, "one");
  const WRITE3res second = write_at(world, file, 3, "two");
  const COMMIT3res commit = world.call(&nfs3::commit, COMMIT3args{file, 0, 0});
  CHECK(first.resok.verf == second.resok.verf);
  CHECK(first.resok.verf == commit.resok.verf);
  world.restart();
  CHECK(write_at(world, file, 0, "new").resok.verf != first.resok.verf);
}

TEST_CASE("WRITE beyond the end leaves a hole of zeros") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file", 0644, "a");
  REQUIRE(write_at(world, file, 4, "b").status == NFS3_OK);
  CHECK(world.contents(file) == std::string("a\0\0\0b", 5));
}

TEST_CASE("WRITE of nothing succeeds and changes nothing") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file", 0644, "hello");
  const fattr3 before = world.attributes(file);
  world.clock.advance_seconds(3);
  const WRITE3res written = write_at(world, file, 100, "");
  CHECK(written.status == NFS3_OK);
  CHECK(written.resok.count == 0);
  CHECK(world.attributes(file).size == 5);
  CHECK(world.attributes(file).mtime == before.mtime);
  world.become(1000, 1000);
  CHECK(write_at(world, file, 0, "").status == NFS3ERR_ACCES);
}

TEST_CASE("WRITE with more data than count stores count bytes; with less it is refused") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file");
  WRITE3args args = args_of(file, 0, "hello world");
  args.count = 5;
  const WRITE3res cut = world.call(&nfs3::write, args);
  CHECK(cut.resok.count == 5);
  CHECK(world.contents(file) == "hello");
  args.count = 12;
  const WRITE3res refused = world.call(&nfs3::write, args);
  CHECK(refused.status == NFS3ERR_INVAL);
  CHECK(refused.resfail.file_wcc.after->size == 5);
  args.count = 0;
  CHECK(world.call(&nfs3::write, args).resok.count == 0);
}

TEST_CASE("WRITE knows the largest file") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file");
  for (const std::uint64_t offset : {largest, largest + 1, ~std::uint64_t{0}, ~std::uint64_t{0} - 4}) {
    INFO("offset " << offset);
    const WRITE3res refused = write_at(world, file, offset, "hello");
    CHECK(refused.status == NFS3ERR_FBIG);
    CHECK(refused.resfail.file_wcc.after->size == 0);
  }
  CHECK(write_at(world, file, largest - 4, "hello").status == NFS3ERR_FBIG);
  CHECK(world.attributes(file).size == 0);
  REQUIRE(write_at(world, file, largest - 5, "hello").status == NFS3_OK);
  CHECK(world.attributes(file).size == largest);
}

TEST_CASE("WRITE lets the owner through") {
  World world;
  world.become(1000, 100);
  const nfs_fh3 file = world.make_file(world.root(), "file", 0444);
  CHECK(write_at(world, file, 0, "mine").status == NFS3_OK);
  world.become(2000, 200);
  const WRITE3res refused = write_at(world, file, 0, "theirs");
  CHECK(refused.status == NFS3ERR_ACCES);
  CHECK_FALSE(refused.resfail.file_wcc.before.has_value());
  CHECK(refused.resfail.file_wcc.after->size == 4);
}

TEST_CASE("WRITE by others takes set-id bits away") {
  World world;
  world.become(1000, 100);
  const nfs_fh3 file = world.make_file(world.root(), "file", 06777);
  world.become(2000, 200);
  REQUIRE(write_at(world, file, 0, "x").status == NFS3_OK);
  CHECK(world.attributes(file).mode == 0777);
}

TEST_CASE("WRITE leaves set-group-id to the group where it may not execute") {
  World world;
  world.become(1000, 100);
  const nfs_fh3 file = world.make_file(world.root(), "file", 06766);
  world.become(2000, 100);
  REQUIRE(write_at(world, file, 0, "x").status == NFS3_OK);
  CHECK(world.attributes(file).mode == 02766);
  world.become(2000, 200);
  REQUIRE(write_at(world, file, 0, "y").status == NFS3_OK);
  CHECK(world.attributes(file).mode == 0766);
}

TEST_CASE("WRITE to what is no regular file is INVAL") {
  World world;
  const WRITE3res refused = write_at(world, world.root(), 0, "x");
  CHECK(refused.status == NFS3ERR_INVAL);
  CHECK(refused.resfail.file_wcc.after->type == ftype3::NF3DIR);
  CHECK(write_at(world, world.make_symlink(world.root(), "link", "x"), 0, "x").status == NFS3ERR_INVAL);
}

TEST_CASE("WRITE on a read-only share") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file", 0666, "old");
  world.add_share(12, "ro", {.squash = gate::Squash::None, .read_only = true});
  const WRITE3res refused = write_at(world, world.through("ro", file), 0, "new");
  CHECK(refused.status == NFS3ERR_ROFS);
  CHECK(refused.resfail.file_wcc.after.has_value());
  CHECK(world.contents(file) == "old");
}

TEST_CASE("WRITE to what is not there") {
  World world;
  check_bad_handles(world, [&](const nfs_fh3& handle) { return write_at(world, handle, 0, "x").status; });
}
