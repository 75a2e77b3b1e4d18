// READDIR (RFC 1813, 3.3.16).
#include <set>

#include "nfs/v3/listing.hpp"
#include "ops/world.hpp"
#include "wire/xdr.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;
using enum nfsstat3;

namespace {

struct Entry {
  std::string name;
  std::uint64_t fileid, cookie;
};

READDIR3res list(World& world, const nfs_fh3& directory, std::uint32_t count, std::uint64_t cookie = 0,
                 std::uint64_t verifier = 0) {
  return world.call(&nfs3::readdir, READDIR3args{directory, cookie, verifier_of<cookieverf3>(verifier), count});
}

std::vector<Entry> entries_of(const READDIR3res& result) {
  std::vector<Entry> entries;
  result.resok.reply.entries.for_each(
      [&](const entry3& entry) { entries.push_back({std::string(entry.name.view()), entry.fileid, entry.cookie}); });
  return entries;
}

/// Lists to the end in replies of at most `count` bytes; every reply keeps to it.
std::vector<Entry> list_all(World& world, const nfs_fh3& directory, std::uint32_t count) {
  std::vector<Entry> all;
  std::uint64_t cookie = 0;
  for (int replies = 0; replies < 100'000; ++replies) {
    const READDIR3res result = list(world, directory, count, cookie);
    REQUIRE(result.status == NFS3_OK);
    CHECK(xdr::encoded_size(result.resok) <= count);
    const auto entries = entries_of(result);
    all.insert(all.end(), entries.begin(), entries.end());
    if (result.resok.reply.eof) return all;
    REQUIRE_FALSE(entries.empty());
    cookie = entries.back().cookie;
  }
  FAIL("a listing without end");
  return all;
}

std::multiset<std::string> names_of(const std::vector<Entry>& entries) {
  std::multiset<std::string> names;
  for (const Entry& entry : entries) names.insert(entry.name);
  return names;
}

}  // namespace

TEST_CASE("READDIR of an empty directory") {
  World world;
  const nfs_fh3 directory = world.make_directory(world.root(), "directory");
  const READDIR3res result = list(world, directory, 4096);
  REQUIRE(result.status == NFS3_OK);
  CHECK(result.resok.reply.eof);
  REQUIRE(result.resok.dir_attributes.has_value());
  CHECK(result.resok.dir_attributes->fileid == world.attributes(directory).fileid);
  const auto entries = entries_of(result);
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].name == ".");
  CHECK(entries[0].fileid == world.attributes(directory).fileid);
  CHECK(entries[1].name == "..");
  CHECK(entries[1].fileid == world.attributes(world.root()).fileid);
}

TEST_CASE("READDIR gives each name once, whatever the size of the replies") {
  World world;
  std::multiset<std::string> expected{".", ".."};
  for (int i = 0; i < 300; ++i) {
    const std::string name = "file" + std::string(static_cast<std::size_t>(i % 40), 'x') + std::to_string(i);
    world.make_file(world.root(), name);
    expected.insert(name);
  }
  for (const std::uint32_t count : {200U, 333U, 1024U, 65536U, 0xffffffffU}) {
    INFO("count " << count);
    CHECK(names_of(list_all(world, world.root(), count)) == expected);
  }
}

TEST_CASE("READDIR goes on from any cookie, though entries come and go") {
  World world;
  for (int i = 0; i < 50; ++i) world.make_file(world.root(), "file" + std::to_string(i));
  const auto all = list_all(world, world.root(), 65536);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto rest = entries_of(list(world, world.root(), 65536, all[i].cookie));
    CHECK(rest.size() == all.size() - i - 1);
  }
  // Behind an entry that was removed, and past ones made meanwhile.
  const auto half = all.begin() + 25;
  world.remove(world.root(), half->name);
  const auto after = entries_of(list(world, world.root(), 65536, half->cookie));
  CHECK(names_of(after) == names_of({half + 1, all.end()}));
  CHECK(list(world, world.root(), 65536, all.back().cookie).resok.reply.eof);
}

TEST_CASE("READDIR cookies stay below 2^63 and are never 0") {
  World world;
  for (int i = 0; i < 100; ++i) world.make_file(world.root(), std::to_string(i));
  for (const Entry& entry : list_all(world, world.root(), 4096)) {
    CHECK(entry.cookie != 0);
    CHECK(entry.cookie < std::uint64_t{1} << 63);
  }
}

TEST_CASE("READDIR into too little room") {
  World world;
  const nfs_fh3 directory = world.make_directory(world.root(), "directory");
  for (std::uint32_t count = 0; count < listing_frame_bytes + 28; ++count) {
    const READDIR3res refused = list(world, directory, count);
    REQUIRE(refused.status == NFS3ERR_TOOSMALL);
    REQUIRE(refused.resfail.dir_attributes.has_value());
  }
  // One entry: TRUE, fileid, name of 4 + 4 bytes, cookie.
  const READDIR3res one = list(world, directory, listing_frame_bytes + 28);
  CHECK(one.status == NFS3_OK);
  CHECK(entries_of(one).size() == 1);
  CHECK_FALSE(one.resok.reply.eof);
  // At the end there is nothing to hold.
  CHECK(list(world, directory, listing_frame_bytes, entries_of(list(world, directory, 4096)).back().cookie).status ==
        NFS3_OK);
}

TEST_CASE("READDIR takes its own verifier with every cookie, and no other one") {
  World world;
  const READDIR3res first = list(world, world.root(), 4096);
  const std::uint64_t verifier = number_of(first.resok.cookieverf);
  const std::uint64_t cookie = entries_of(first).back().cookie;
  CHECK(list(world, world.root(), 4096, cookie, verifier).status == NFS3_OK);
  CHECK(list(world, world.root(), 4096, cookie, 0).status == NFS3_OK);
  CHECK(list(world, world.root(), 4096, 0, 12345).status == NFS3_OK);
  const READDIR3res refused = list(world, world.root(), 4096, cookie, 12345);
  CHECK(refused.status == NFS3ERR_BAD_COOKIE);
  CHECK(refused.resfail.dir_attributes.has_value());
  world.make_file(world.root(), "new");
  world.restart();
  CHECK(list(world, world.root(), 4096, cookie, verifier).status == NFS3_OK);
}

TEST_CASE("READDIR from cookies that were never given") {
  World world;
  CHECK(list(world, world.root(), 4096, std::uint64_t{1} << 63).status == NFS3ERR_BAD_COOKIE);
  CHECK(list(world, world.root(), 4096, ~std::uint64_t{0}).status == NFS3ERR_BAD_COOKIE);
  CHECK(list(world, world.root(), 4096, std::uint64_t{1} << 40).status == NFS3_OK);
}

TEST_CASE("READDIR of a share's root shows nothing above it") {
  World world;
  const nfs_fh3 inner = world.make_directory(world.root(), "inner");
  const std::uint64_t fileid = world.attributes(inner).fileid;
  world.add_share(12, "part", {.squash = gate::Squash::None}, vfs::NodeId{0, fileid});
  const auto entries = entries_of(list(world, world.root("part"), 4096));
  REQUIRE(entries.size() == 2);
  CHECK(entries[1].name == "..");
  CHECK(entries[1].fileid == fileid);
}

TEST_CASE("READDIR refused: permission, type, filehandles") {
  World world;
  const nfs_fh3 closed = world.make_directory(world.root(), "closed", 0711);
  CHECK(list(world, world.make_file(world.root(), "file"), 4096).status == NFS3ERR_NOTDIR);
  check_bad_handles(world, [&](const nfs_fh3& handle) { return list(world, handle, 4096).status; });
  world.become(1000, 1000);
  const READDIR3res refused = list(world, closed, 4096);
  CHECK(refused.status == NFS3ERR_ACCES);
  CHECK(refused.resfail.dir_attributes.has_value());
}
