// READDIR: cookies, both budgets, attributes in one pass, and what it refuses.
#include <set>

#include "ops/nfs4/client.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {

struct Listed {
  std::vector<std::string> names;
  std::vector<fattr4> attributes;
  std::uint64_t last = 0;
  bool eof = false;
  std::size_t bytes = 0;
};

READDIR4args args_of(std::uint32_t maxcount, std::initializer_list<std::uint32_t> numbers = {}) {
  return {.maxcount = maxcount, .attr_request = bits(numbers)};
}
Listed list(Client& client, const READDIR4args& args) {
  Results results = client.run(Ops().go({"export"}).add(OP_READDIR, args));
  const auto got = results.went(1).next<READDIR4res>(OP_READDIR);
  REQUIRE(got.status == NFS4_OK);
  Listed listed{.eof = got.resok4.reply.eof, .bytes = xdr::encoded_size(got.resok4)};
  got.resok4.reply.entries.for_each([&](const entry4& entry) {
    listed.names.emplace_back(entry.name.view());
    listed.attributes.push_back(
        {.attrmask = entry.attrs.attrmask, .attr_vals = attrlist4::copy_of(entry.attrs.attr_vals.bytes())});
    CHECK(entry.cookie > 2);
    listed.last = entry.cookie;
  });
  return listed;
}
nfsstat4 refused(Client& client, const READDIR4args& args, std::string_view in = "export") {
  return client.status(Ops().go({in}).add(OP_READDIR, args));
}
void fill(World& world, int files) {
  for (int i = 0; i < files; ++i) world.make_file(world.root(), "file" + std::to_string(i));
}

}  // namespace

TEST_CASE("READDIR lists every entry but . and .., each with its own attributes") {
  for_both([](World& world, Client& client) {
    fill(world, 5);
    world.make_directory(world.root(), "d");
    const Listed listed = list(client, args_of(8192, {FATTR4_TYPE, FATTR4_FILEHANDLE, FATTR4_FILES_TOTAL, 250}));
    CHECK(listed.eof);
    CHECK(std::set(listed.names.begin(), listed.names.end()) ==
          std::set<std::string>{"file0", "file1", "file2", "file3", "file4", "d"});
    for (std::size_t i = 0; i < listed.names.size(); ++i) {
      CHECK(same_bits(listed.attributes[i].attrmask, bits({FATTR4_TYPE, FATTR4_FILEHANDLE, FATTR4_FILES_TOTAL})));
      nfs_ftype4 type{};
      nfs_fh4 handle;
      std::uint64_t files = 0;
      read_values(listed.attributes[i], type, handle, files);
      CHECK(type == (listed.names[i] == "d" ? nfs_ftype4::NF4DIR : nfs_ftype4::NF4REG));
      CHECK(handle == client.handle({"export", listed.names[i]}));
    }
  });
}

TEST_CASE("READDIR keeps to maxcount and goes on behind a cookie") {
  for_both([](World& world, Client& client) {
    fill(world, 40);
    std::set<std::string> seen;
    READDIR4args args = args_of(300, {FATTR4_FILEID});
    for (bool eof = false; !eof;) {
      const Listed listed = list(client, args);
      CHECK(listed.bytes <= 300);
      REQUIRE(!listed.names.empty());
      for (const std::string& name : listed.names) CHECK(seen.insert(name).second);
      args.cookie = listed.last;
      eof = listed.eof;
    }
    CHECK(seen.size() == 40);
  });
}

TEST_CASE("READDIR takes dircount as a hint: one entry always comes") {
  World world;
  Client client(world);
  fill(world, 10);
  READDIR4args args = args_of(8192);
  args.dircount = 1;
  CHECK(list(client, args).names.size() == 1);
  args.dircount = 3 * (8 + 4 + 8);
  CHECK(list(client, args).names.size() == 3);
  args.dircount = 0;
  CHECK(list(client, args).names.size() == 10);
}

TEST_CASE("READDIR is TOOSMALL when not even one entry fits, and an empty directory always does") {
  for_both([](World& world, Client& client) {
    CHECK(list(client, args_of(16)).eof);
    CHECK(refused(client, args_of(15)) == NFS4ERR_TOOSMALL);
    world.make_file(world.root(), "file");
    CHECK(refused(client, args_of(40)) == NFS4ERR_TOOSMALL);
    CHECK(refused(client, args_of(0)) == NFS4ERR_TOOSMALL);
    CHECK(list(client, args_of(64)).names.size() == 1);
  });
}

TEST_CASE("READDIR keeps to what the session has room for") {
  World world;
  Client client(world);
  client.minor = 1;
  fill(world, 40);
  client.session.reply_bytes = 600;
  const Listed listed = list(client, args_of(8192));
  CHECK(!listed.names.empty());
  CHECK(listed.names.size() < 40);
  CHECK_FALSE(listed.eof);
  client.session.reply_bytes = 140;
  CHECK(refused(client, args_of(8192)) == NFS4ERR_REP_TOO_BIG);
}

TEST_CASE("READDIR refuses what it cannot go on from, and what cannot be told") {
  for_both([](World& world, Client& client) {
    world.make_file(world.root(), "file");
    READDIR4args args = args_of(8192);
    for (const std::uint64_t cookie : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{1} << 63}) {
      args.cookie = cookie;
      CHECK(refused(client, args) == NFS4ERR_BAD_COOKIE);
    }
    args.cookie = list(client, args_of(8192)).last;
    args.cookieverf[0] = std::byte{1};
    CHECK(refused(client, args) == NFS4ERR_NOT_SAME);
    CHECK(refused(client, args_of(8192, {FATTR4_TIME_MODIFY_SET})) == NFS4ERR_INVAL);
    CHECK(client.status(Ops().go({"export", "file"}).add(OP_READDIR, args_of(8192))) == NFS4ERR_NOTDIR);
    world.make_directory(world.root(), "closed", 0711);
    world.become(1000, 1000);
    CHECK(client.status(Ops().go({"export", "closed"}).add(OP_READDIR, args_of(8192))) == NFS4ERR_ACCESS);
  });
}
