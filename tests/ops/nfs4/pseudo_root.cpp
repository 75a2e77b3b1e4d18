// The pseudo root: what is in it for whom, the ways into shares and back, and that nobody changes it.
#include "ops/nfs4/client.hpp"
#include "unit/gate/fake_file_system.hpp"
#include "vfs/filehandle.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {

struct Told {
  fsid4 fsid;
  std::uint64_t fileid = 0, mounted_on = 0;
};
Told told(Client& client, Ops ops, std::size_t lookups) {
  Results results = client.run(ops.getattr({FATTR4_FSID, FATTR4_FILEID, FATTR4_MOUNTED_ON_FILEID}));
  const auto got = results.went(lookups).next<GETATTR4res>(OP_GETATTR);
  REQUIRE(got.status == NFS4_OK);
  Told made;
  read_values(got.resok4.obj_attributes, made.fsid, made.fileid, made.mounted_on);
  return made;
}

gate::ShareRules only(std::uint8_t last) {
  gate::ShareRules rules;
  rules.networks.push_back({.address = peer_of({10, 0, 0, last}).address, .prefix_bits = 128});
  return rules;
}

READDIR4args list(std::initializer_list<std::uint32_t> numbers) {
  return {.dircount = 1000, .maxcount = 4096, .attr_request = bits(numbers)};
}
std::vector<std::string> names(const READDIR4res& result) {
  std::vector<std::string> found;
  result.resok4.reply.entries.for_each([&](const entry4& entry) { found.emplace_back(entry.name.view()); });
  return found;
}

}  // namespace

TEST_CASE("LOOKUP goes from the pseudo root into a share, whose file system is another") {
  for_both([](World& world, Client& client) {
    const Told top = told(client, Ops().root(), 0), share = told(client, Ops().go({"export"}), 1);
    CHECK(top.fsid == fsid4{0, 0});
    CHECK_FALSE(share.fsid == top.fsid);
    CHECK(share.fsid.major == world.attributes(world.root()).fsid);
    CHECK(share.fileid == world.fs->root().inode);
    CHECK(share.mounted_on == World::export_id);
    CHECK(top.mounted_on == top.fileid);
    CHECK(share.mounted_on != top.fileid);
    CHECK(client.handle({"export"}) == same_handle(world.root()));
    CHECK(client.status(Ops().go({"none"})) == NFS4ERR_NOENT);
  });
}

TEST_CASE("LOOKUPP of a share's root is the pseudo root, which has nothing above it") {
  for_both([](World& world, Client& client) {
    world.make_directory(world.root(), "d");
    Results results =
        client.run(Ops().go({"export", "d"}).add(OP_LOOKUPP).getfh().add(OP_LOOKUPP).getfh().add(OP_LOOKUPP));
    CHECK(results.status == NFS4ERR_NOENT);
    CHECK(results.went(2).skip({OP_LOOKUPP}).next<GETFH4res>(OP_GETFH).resok4.object == same_handle(world.root()));
    CHECK(results.skip({OP_LOOKUPP}).next<GETFH4res>(OP_GETFH).resok4.object == client.handle({}));
  });
}

TEST_CASE("a part of a tree that is a share has the pseudo root above it") {
  World world;
  Client client(world);
  world.make_directory(world.root(), "d");
  const auto parsed = vfs::Filehandle::parse(client.handle({"export", "d"}).bytes());
  REQUIRE(parsed);
  world.add_share(12, "part", {}, parsed->node);
  Results results = client.run(Ops().go({"part"}).add(OP_LOOKUPP).getfh());
  CHECK(results.went(1).skip({OP_LOOKUPP}).next<GETFH4res>(OP_GETFH).resok4.object == client.handle({}));
}

TEST_CASE("the pseudo root's filehandle is the same after a restart, and is no node's") {
  World world;
  Client client(world);
  const nfs_fh4 before = client.handle({});
  world.restart();
  CHECK(client.handle({}) == before);
  CHECK(client.status(Ops().fh(before).look("export")) == NFS4_OK);
  // Version 3 knows no such thing.
  nfs_fh3 as3;
  as3.data.assign(before.bytes());
  CHECK(world.call(&nfs3::getattr, nfs3::GETATTR3args{as3}).status == nfsstat3::NFS3ERR_BADHANDLE);
}

TEST_CASE("READDIR of the pseudo root lists the shares that the caller is admitted to") {
  for_both([](World& world, Client& client) {
    world.add_share(12, "ours", only(1));
    world.add_share(13, "theirs", only(2));
    world.peer = peer_of({10, 0, 0, 1});
    Results results = client.run(Ops().root().add(OP_READDIR, list({FATTR4_FILEID, FATTR4_MOUNTED_ON_FILEID})));
    const auto got = results.went(0).next<READDIR4res>(OP_READDIR);
    REQUIRE(got.status == NFS4_OK);
    CHECK(names(got) == std::vector<std::string>{"export", "ours"});
    CHECK(got.resok4.reply.eof);
    std::vector<std::uint64_t> mounted_on;
    got.resok4.reply.entries.for_each([&](const entry4& entry) {
      std::uint64_t fileid = 0;
      read_values(entry.attrs, fileid, mounted_on.emplace_back());
      CHECK(fileid == world.fs->root().inode);
    });
    CHECK(mounted_on == std::vector<std::uint64_t>{World::export_id, 12});

    CHECK(client.status(Ops().go({"ours"})) == NFS4_OK);
    CHECK(client.status(Ops().go({"theirs"})) == NFS4ERR_NOENT);
    world.peer = peer_of({10, 0, 0, 2});
    CHECK(client.status(Ops().go({"ours"})) == NFS4ERR_NOENT);
    CHECK(client.status(Ops().fh(same_handle(world.root("ours")))) == NFS4ERR_STALE);
  });
}

TEST_CASE("READDIR of the pseudo root goes on behind a cookie, for the same shares") {
  World world;
  Client client(world);
  world.add_share(12, "second", {});
  READDIR4args args = list({});
  args.dircount = 1;  // one entry at a time
  std::vector<std::string> found;
  for (bool end = false; !end;) {
    Results results = client.run(Ops().root().add(OP_READDIR, args));
    const auto got = results.went(0).next<READDIR4res>(OP_READDIR);
    REQUIRE(got.status == NFS4_OK);
    got.resok4.reply.entries.for_each([&](const entry4& entry) {
      CHECK(entry.cookie > 2);
      args.cookie = entry.cookie;
      found.emplace_back(entry.name.view());
    });
    args.cookieverf = got.resok4.cookieverf;
    end = got.resok4.reply.eof;
    REQUIRE(found.size() <= 2);
  }
  CHECK(found == std::vector<std::string>{"export", "second"});
  world.add_share(13, "third", {});
  CHECK(client.status(Ops().root().add(OP_READDIR, args)) == NFS4ERR_NOT_SAME);
  args = list({});
  args.cookie = 1000;
  const auto verifier = client.run(Ops().root().add(OP_READDIR, list({}))).went(0).next<READDIR4res>(OP_READDIR);
  args.cookieverf = verifier.resok4.cookieverf;
  CHECK(client.status(Ops().root().add(OP_READDIR, args)) == NFS4ERR_BAD_COOKIE);
}

TEST_CASE("the pseudo root's change is another when the shares are") {
  World world;
  Client client(world);
  const auto change = [&] {
    Results results = client.run(Ops().root().getattr({FATTR4_CHANGE}));
    std::uint64_t value = 0;
    read_values(results.went(0).next<GETATTR4res>(OP_GETATTR).resok4.obj_attributes, value);
    return value;
  };
  const std::uint64_t before = change();
  CHECK(change() == before);
  world.add_share(12, "second", {});
  CHECK(change() != before);
}

TEST_CASE("everybody may read and search the pseudo root, and do nothing else") {
  for_both([](World& world, Client& client) {
    world.become(1000, 1000);
    Results results = client.run(Ops().root().add(OP_ACCESS, ACCESS4args{0x3f}));
    const auto got = results.went(0).next<ACCESS4res>(OP_ACCESS);
    CHECK(got.resok4.supported == 0x1f);
    CHECK(got.resok4.access == (ACCESS4_READ | ACCESS4_LOOKUP));
    const CREATE4args make{.objtype = {.type = nfs_ftype4::NF4DIR}, .objname = Ops::component("d")};
    CHECK(client.status(Ops().root().add(OP_CREATE, make)) == NFS4ERR_ROFS);
    CHECK(client.status(Ops().root().add(OP_REMOVE, REMOVE4args{Ops::component("export")})) == NFS4ERR_ROFS);
    const RENAME4args rename{Ops::component("export"), Ops::component("other")};
    CHECK(client.status(Ops().root().save().add(OP_RENAME, rename)) == NFS4ERR_ROFS);
    CHECK(client.status(Ops().root().save().look("export").add(OP_RENAME, rename)) == NFS4ERR_XDEV);
    const LINK4args link{Ops::component("l")};
    CHECK(client.status(Ops().go({"export"}).save().root().add(OP_LINK, link)) == NFS4ERR_ROFS);
    CHECK(client.status(Ops().root().save().look("export").add(OP_LINK, link)) == NFS4ERR_XDEV);
    const SETATTR4args chmod{{}, fattr({FATTR4_MODE}, std::uint32_t{0777})};
    CHECK(client.status(Ops().root().add(OP_SETATTR, chmod)) == NFS4ERR_ROFS);
    CHECK(client.status(Ops().root().add(OP_READ, READ4args{{}, 0, 10})) == NFS4ERR_ISDIR);
    CHECK(client.status(Ops().root().add(OP_WRITE, WRITE4args{})) == NFS4ERR_ISDIR);
    CHECK(client.status(Ops().root().add(OP_COMMIT, COMMIT4args{})) == NFS4ERR_ISDIR);
    CHECK(client.status(Ops().root().add(OP_READLINK)) == (client.minor == 0 ? NFS4ERR_INVAL : NFS4ERR_WRONG_TYPE));
  });
}

TEST_CASE("a share whose attributes cannot be had is told by rdattr_error, or fails the READDIR") {
  World world;
  Client client(world);
  const auto broken = std::make_shared<FakeFileSystem>();
  broken->on_getattr = [](vfs::Context&) -> Result<vfs::Attributes> { return fail(Error::Io); };
  REQUIRE(world.shares.add(std::make_shared<gate::Share>(12, "broken", broken, broken->root(), gate::ShareRules{})));
  CHECK(client.status(Ops().root().add(OP_READDIR, list({FATTR4_TYPE}))) == NFS4ERR_IO);
  Results results = client.run(Ops().root().add(OP_READDIR, list({FATTR4_TYPE, FATTR4_RDATTR_ERROR})));
  const auto got = results.went(0).next<READDIR4res>(OP_READDIR);
  CHECK(names(got) == std::vector<std::string>{"export", "broken"});
  got.resok4.reply.entries.for_each([&](const entry4& entry) {
    const bool is_broken = entry.name.view() == "broken";
    CHECK(same_bits(entry.attrs.attrmask,
                    is_broken ? bits({FATTR4_RDATTR_ERROR}) : bits({FATTR4_TYPE, FATTR4_RDATTR_ERROR})));
    xdr::Reader values(entry.attrs.attr_vals.bytes());
    nfs_ftype4 type{};
    nfsstat4 error{};
    if (!is_broken) values(type);
    values(error);
    CHECK(error == (is_broken ? NFS4ERR_IO : NFS4_OK));
  });
}
