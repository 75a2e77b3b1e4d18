// READDIRPLUS (RFC 1813, 3.3.17).
#include <set>

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
  post_op_attr attributes;
  post_op_fh3 handle;
};

READDIRPLUS3res list(World& world, const nfs_fh3& directory, std::uint32_t dircount, std::uint32_t maxcount,
                     std::uint64_t cookie = 0, std::uint64_t verifier = 0) {
  return world.call(&nfs3::readdirplus,
                    READDIRPLUS3args{directory, cookie, verifier_of<cookieverf3>(verifier), dircount, maxcount});
}

std::vector<Entry> entries_of(const READDIRPLUS3res& result) {
  std::vector<Entry> entries;
  result.resok.reply.entries.for_each([&](const entryplus3& entry) {
    entries.push_back(
        {std::string(entry.name.view()), entry.fileid, entry.cookie, entry.name_attributes, entry.name_handle});
  });
  return entries;
}

/// What dircount counts: fileid, name, cookie, and the word before each entry.
std::size_t directory_bytes(const std::vector<Entry>& entries) {
  std::size_t bytes = 0;
  for (const Entry& entry : entries) bytes += 4 + 8 + 4 + (entry.name.size() + 3) / 4 * 4 + 8;
  return bytes;
}

}  // namespace

TEST_CASE("READDIRPLUS gives handle and attributes of every entry, as LOOKUP does") {
  World world;
  world.make_file(world.root(), "file", 0640, "hello");
  world.make_directory(world.root(), "directory");
  world.make_symlink(world.root(), "link", "target");
  const READDIRPLUS3res result = list(world, world.root(), 65536, 65536);
  REQUIRE(result.status == NFS3_OK);
  CHECK(result.resok.reply.eof);
  CHECK(result.resok.dir_attributes.has_value());
  std::set<std::string> names;
  for (const Entry& entry : entries_of(result)) {
    INFO(entry.name);
    names.insert(entry.name);
    const LOOKUP3res looked = world.call(&lookup, LOOKUP3args{at(world.root(), entry.name)});
    REQUIRE(looked.status == NFS3_OK);
    REQUIRE(entry.handle.has_value());
    CHECK(same(*entry.handle, looked.resok.object));
    REQUIRE(entry.attributes.has_value());
    CHECK(entry.attributes->fileid == entry.fileid);
    CHECK(entry.attributes->type == looked.resok.obj_attributes->type);
    CHECK(entry.attributes->size == looked.resok.obj_attributes->size);
    CHECK(entry.attributes->mode == looked.resok.obj_attributes->mode);
  }
  CHECK(names == std::set<std::string>{".", "..", "file", "directory", "link"});
}

TEST_CASE("READDIRPLUS keeps to both limits and goes on where it stopped") {
  World world;
  std::multiset<std::string> expected{".", ".."};
  for (int i = 0; i < 200; ++i) {
    expected.insert("file" + std::to_string(i));
    world.make_file(world.root(), "file" + std::to_string(i));
  }
  struct Limits {
    std::uint32_t dircount, maxcount;
  };
  for (const Limits limits : {Limits{65536, 65536}, Limits{512, 65536}, Limits{65536, 1000}, Limits{4096, 32768},
                              Limits{0, 65536}, Limits{0xffffffff, 0xffffffff}}) {
    INFO("dircount " << limits.dircount << " maxcount " << limits.maxcount);
    std::multiset<std::string> names;
    std::uint64_t cookie = 0;
    for (bool end = false; !end;) {
      const READDIRPLUS3res result = list(world, world.root(), limits.dircount, limits.maxcount, cookie);
      REQUIRE(result.status == NFS3_OK);
      const auto entries = entries_of(result);
      CHECK(xdr::encoded_size(result.resok) <= limits.maxcount);
      CHECK((entries.size() <= 1 || directory_bytes(entries) <= limits.dircount));
      for (const Entry& entry : entries) names.insert(entry.name);
      end = result.resok.reply.eof;
      REQUIRE((end || !entries.empty()));
      if (!entries.empty()) cookie = entries.back().cookie;
    }
    CHECK(names == expected);
  }
}

TEST_CASE("READDIRPLUS into too little room") {
  World world;
  const READDIRPLUS3res refused = list(world, world.root(), 65536, 200);
  CHECK(refused.status == NFS3ERR_TOOSMALL);
  CHECK(refused.resfail.dir_attributes.has_value());
  CHECK(list(world, world.root(), 65536, 0).status == NFS3ERR_TOOSMALL);
}

TEST_CASE("READDIRPLUS continues READDIR's cookies") {
  World world;
  for (int i = 0; i < 10; ++i) world.make_file(world.root(), std::to_string(i));
  const auto all = entries_of(list(world, world.root(), 65536, 65536));
  const READDIR3res plain = world.call(&nfs3::readdir, READDIR3args{world.root(), all[4].cookie, {}, 65536});
  std::vector<std::string> rest;
  plain.resok.reply.entries.for_each([&](const entry3& entry) { rest.emplace_back(entry.name.view()); });
  REQUIRE(rest.size() == all.size() - 5);
  CHECK(rest.front() == all[5].name);
}

TEST_CASE("READDIRPLUS of a share's root gives no way out of it") {
  World world;
  const nfs_fh3 inner = world.make_directory(world.root(), "inner", 0750);
  const std::uint64_t fileid = world.attributes(inner).fileid;
  world.add_share(12, "part", {.squash = gate::Squash::None}, vfs::NodeId{0, fileid});
  const nfs_fh3 root = world.root("part");
  const auto entries = entries_of(list(world, root, 65536, 65536));
  REQUIRE(entries.size() == 2);
  CHECK(entries[1].name == "..");
  CHECK(entries[1].fileid == fileid);
  CHECK(same(entries[1].handle.value(), root));
  REQUIRE(entries[1].attributes.has_value());
  CHECK(entries[1].attributes->fileid == fileid);
  CHECK(entries[1].attributes->mode == 0750);
  // Continued behind ".", whose attributes are then not at hand.
  const auto up = entries_of(list(world, root, 65536, 65536, entries[0].cookie));
  REQUIRE(up.size() == 1);
  CHECK(same(up[0].handle.value(), root));
  CHECK((!up[0].attributes.has_value() || up[0].attributes->fileid == fileid));
}

TEST_CASE("READDIRPLUS takes its own verifier and no other one") {
  World world;
  world.make_file(world.root(), "file");
  const READDIRPLUS3res first = list(world, world.root(), 65536, 65536);
  const std::uint64_t cookie = entries_of(first).front().cookie;
  CHECK(list(world, world.root(), 65536, 65536, cookie, number_of(first.resok.cookieverf)).status == NFS3_OK);
  CHECK(list(world, world.root(), 65536, 65536, cookie, 99).status == NFS3ERR_BAD_COOKIE);
  CHECK(list(world, world.root(), 65536, 65536, ~std::uint64_t{0}).status == NFS3ERR_BAD_COOKIE);
}

TEST_CASE("READDIRPLUS refused: permission, type, filehandles") {
  World world;
  const nfs_fh3 closed = world.make_directory(world.root(), "closed", 0711);
  CHECK(list(world, world.make_file(world.root(), "file"), 4096, 4096).status == NFS3ERR_NOTDIR);
  check_bad_handles(world, [&](const nfs_fh3& handle) { return list(world, handle, 4096, 4096).status; });
  world.become(1000, 1000);
  CHECK(list(world, closed, 4096, 4096).status == NFS3ERR_ACCES);
}
