// COMMIT (RFC 1813, 3.3.21).
#include "ops/world.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;
using enum nfsstat3;

namespace {

void write_unstable(World& world, const nfs_fh3& file, std::uint64_t offset, std::string_view text) {
  const WRITE3args args{file, offset, static_cast<count3>(text.size()), stable_how::UNSTABLE, chain_of(text)};
  REQUIRE(world.call(&nfs3::write, args).status == NFS3_OK);
}

COMMIT3res commit_range(World& world, const nfs_fh3& file, std::uint64_t offset = 0, std::uint32_t count = 0) {
  return world.call(&nfs3::commit, COMMIT3args{file, offset, count});
}

}  // namespace

TEST_CASE("COMMIT makes unstable writes survive") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file");
  const std::string text(100'000, 'x');
  write_unstable(world, file, 0, text);
  const COMMIT3res result = commit_range(world, file);
  REQUIRE(result.status == NFS3_OK);
  REQUIRE(result.resok.file_wcc.after.has_value());
  CHECK(result.resok.file_wcc.after->size == text.size());
  CHECK(result.resok.file_wcc.before.has_value());
  REQUIRE(world.rests_on.tokens().size() == 1);
  world.restart();
  CHECK(world.contents(file) == text);
}

TEST_CASE("COMMIT takes any range") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file");
  write_unstable(world, file, 0, "hello");
  CHECK(commit_range(world, file, 2, 1).status == NFS3_OK);
  CHECK(commit_range(world, file, 1'000'000, 1).status == NFS3_OK);
  CHECK(commit_range(world, file, (std::uint64_t{1} << 63) - 1, 0xffffffff).status == NFS3_OK);
  CHECK(commit_range(world, file, ~std::uint64_t{0}, 0xffffffff).status == NFS3_OK);
  CHECK(world.contents(file) == "hello");
}

TEST_CASE("COMMIT of what is no regular file is INVAL") {
  World world;
  const COMMIT3res refused = commit_range(world, world.root());
  CHECK(refused.status == NFS3ERR_INVAL);
  CHECK(refused.resfail.file_wcc.after->type == ftype3::NF3DIR);
}

TEST_CASE("COMMIT on a read-only share") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file");
  world.add_share(12, "ro", {.squash = gate::Squash::None, .read_only = true});
  CHECK(commit_range(world, world.through("ro", file)).status == NFS3ERR_ROFS);
}

TEST_CASE("COMMIT of what is not there") {
  World world;
  check_bad_handles(world, [&](const nfs_fh3& handle) { return commit_range(world, handle).status; });
}
