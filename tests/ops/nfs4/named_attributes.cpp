// Named attributes: OPENATTR, and what the operations on files and directories make of a named attribute directory and
// of what is in it.
#include <set>

#include "ops/nfs4/holder.hpp"
#include "vfs/filehandle.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;
using enum createmode4;

namespace {

constexpr std::uint32_t both = OPEN4_SHARE_ACCESS_BOTH;

nfsstat4 openattr(Holder& client, const nfs_fh4& handle, bool make, nfs_fh4* directory = nullptr) {
  Results results = client.run(Ops().fh(handle).add(OP_OPENATTR, OPENATTR4args{make}).getfh());
  const nfsstat4 status = results.skip({OP_PUTFH}).next<OPENATTR4res>(OP_OPENATTR).status;
  if (status == NFS4_OK && directory) *directory = results.next<GETFH4res>(OP_GETFH).resok4.object;
  return status;
}
nfs_fh4 attributes_of(Holder& client, const nfs_fh4& handle) {
  nfs_fh4 directory;
  REQUIRE(openattr(client, handle, true, &directory) == NFS4_OK);
  return directory;
}

Opened open_in(Holder& client, const nfs_fh4& directory, std::string_view name, Asked asked = {}) {
  Opened opened = client.open_at(directory, client.open_args(name, asked), asked.owner);
  if (opened.status == NFS4_OK && (opened.rflags & OPEN4_RESULT_CONFIRM) != 0) {
    const auto confirmed = client.confirm(opened);
    REQUIRE(confirmed.status == NFS4_OK);
    opened.stateid = confirmed.resok4.open_stateid;
  }
  return opened;
}
Opened make_in(Holder& client, const nfs_fh4& directory, std::string_view name, createmode4 mode = GUARDED4) {
  return open_in(
      client, directory, name,
      {.owner = "maker", .access = both, .how = creating(mode, fattr({FATTR4_MODE}, std::uint32_t{0600}), 9)});
}

struct Told {
  nfs_ftype4 type{};
  std::uint64_t change = 0, size = 0;
  bool named_attr = false;
  std::uint64_t fileid = 0;
  std::uint32_t mode = 0;
};
Told told(Holder& client, const nfs_fh4& handle) {
  Results results = client.run(Ops().fh(handle).getattr(
      {FATTR4_TYPE, FATTR4_CHANGE, FATTR4_SIZE, FATTR4_NAMED_ATTR, FATTR4_FILEID, FATTR4_MODE}));
  const auto got = results.skip({OP_PUTFH}).next<GETATTR4res>(OP_GETATTR);
  REQUIRE(got.status == NFS4_OK);
  Told t;
  read_values(got.resok4.obj_attributes, t.type, t.change, t.size, t.named_attr, t.fileid, t.mode);
  return t;
}

std::set<std::string> names_in(Holder& client, const nfs_fh4& directory) {
  const READDIR4args args{.maxcount = 8192, .attr_request = bits({FATTR4_TYPE, FATTR4_SIZE})};
  Results results = client.run(Ops().fh(directory).add(OP_READDIR, args));
  const auto got = results.skip({OP_PUTFH}).next<READDIR4res>(OP_READDIR);
  REQUIRE(got.status == NFS4_OK);
  std::set<std::string> names;
  got.resok4.reply.entries.for_each([&](const entry4& entry) {
    nfs_ftype4 type{};
    std::uint64_t size = 0;
    read_values(fattr4{entry.attrs.attrmask, attrlist4::copy_of(entry.attrs.attr_vals.bytes())}, type, size);
    CHECK(type == nfs_ftype4::NF4NAMEDATTR);
    names.insert(std::string(entry.name.view()) + " " + std::to_string(size));
  });
  return names;
}

nfs_fh4 found(Holder& client, const nfs_fh4& directory, std::string_view name) {
  Results results = client.run(Ops().fh(directory).look(name).getfh());
  return results.skip({OP_PUTFH, OP_LOOKUP}).next<GETFH4res>(OP_GETFH).resok4.object;
}

nfs_fh4 file_in(Server& server, std::string_view name, std::uint32_t mode = 0666) {
  return same_handle(server.world.make_file(server.world.root(), name, mode));
}

}  // namespace

TEST_CASE("OPENATTR gives the named attribute directory, in which OPEN makes, WRITE writes and READDIR lists") {
  for_both_holders([](Server& server, Holder& client) {
    for (const nfs_fh4& file :
         {file_in(server, "file"), same_handle(server.world.make_directory(server.world.root(), "d"))}) {
      CHECK_FALSE(told(client, file).named_attr);
      CHECK(openattr(client, file, false) == NFS4ERR_NOENT);
      const nfs_fh4 directory = attributes_of(client, file);
      CHECK(openattr(client, file, false) == NFS4ERR_NOENT);
      CHECK(told(client, directory).type == nfs_ftype4::NF4ATTRDIR);
      CHECK(names_in(client, directory).empty());

      const Told before = told(client, file);
      const Opened made = make_in(client, directory, "attribute");
      REQUIRE(made.status == NFS4_OK);
      CHECK(same_bits(made.attributes_set, bits({})));  // the mode is the file's
      CHECK(client.write(made.handle, made.stateid) == NFS4_OK);
      CHECK(told(client, file).named_attr);
      CHECK(told(client, file).change > before.change);
      CHECK(told(client, made.handle).type == nfs_ftype4::NF4NAMEDATTR);
      CHECK(told(client, made.handle).size == 7);
      CHECK((told(client, made.handle).mode & 0600) == 0600);
      CHECK_FALSE(told(client, made.handle).named_attr);
      CHECK(names_in(client, directory) == std::set<std::string>{"attribute 7"});
      nfs_fh4 again;
      CHECK(openattr(client, file, false, &again) == NFS4_OK);
      CHECK(again == directory);
      CHECK(found(client, directory, "attribute") == made.handle);
      CHECK(client.close(made).status == NFS4_OK);

      const Opened opened = open_in(client, directory, "attribute");
      REQUIRE(opened.status == NFS4_OK);
      CHECK(opened.handle == made.handle);
      CHECK(client.read(opened.handle, opened.stateid) == NFS4_OK);
      CHECK(client.close(opened).status == NFS4_OK);
      const std::set<std::uint64_t> fileids{told(client, file).fileid, told(client, directory).fileid,
                                            told(client, made.handle).fileid};
      CHECK(fileids.size() == 3);
    }
  });
}

TEST_CASE("LOOKUPP leads from a named attribute directory to its file, and from nowhere else into the tree") {
  for_both_holders([](Server& server, Holder& client) {
    const nfs_fh4 file = file_in(server, "file");
    const nfs_fh4 directory = attributes_of(client, file);
    const Opened made = make_in(client, directory, "attribute");
    Results results = client.run(Ops().fh(directory).add(OP_LOOKUPP).getfh());
    CHECK(results.skip({OP_PUTFH, OP_LOOKUPP}).next<GETFH4res>(OP_GETFH).resok4.object == file);
    CHECK(client.status(Ops().fh(made.handle).add(OP_LOOKUPP)) == NFS4ERR_NOTDIR);
    CHECK(client.status(Ops().fh(file).look("attribute")) == NFS4ERR_NOTDIR);
    CHECK(client.status(Ops().fh(directory).look("file")) == NFS4ERR_NOENT);
  });
}

TEST_CASE("REMOVE and RENAME within a named attribute directory") {
  for_both_holders([](Server& server, Holder& client) {
    const nfs_fh4 file = file_in(server, "file");
    const nfs_fh4 directory = attributes_of(client, file);
    for (const char* name : {"a", "b"}) {
      const Opened made = make_in(client, directory, name);
      REQUIRE(made.status == NFS4_OK);
      if (name == std::string_view("a")) CHECK(client.write(made.handle, made.stateid) == NFS4_OK);
      CHECK(client.close(made).status == NFS4_OK);
    }
    const auto rename = [&](const nfs_fh4& from, std::string_view old_name, const nfs_fh4& to) {
      return client.status(
          Ops().fh(from).save().fh(to).add(OP_RENAME, RENAME4args{Ops::component(old_name), Ops::component("new")}));
    };
    CHECK(rename(directory, "a", directory) == NFS4_OK);
    CHECK(names_in(client, directory) == std::set<std::string>{"b 0", "new 7"});

    const nfs_fh4 others = attributes_of(client, file_in(server, "other"));
    const nfs_fh4 root = same_handle(server.world.root());
    CHECK(rename(directory, "b", others) == NFS4ERR_XDEV);
    CHECK(rename(directory, "b", root) == NFS4ERR_XDEV);
    CHECK(rename(root, "other", directory) == NFS4ERR_XDEV);

    const auto remove = [&](std::string_view name) {
      return client.status(Ops().fh(directory).add(OP_REMOVE, REMOVE4args{Ops::component(name)}));
    };
    CHECK(remove("new") == NFS4_OK);
    CHECK(remove("new") == NFS4ERR_NOENT);
    CHECK(told(client, file).named_attr);
    CHECK(remove("b") == NFS4_OK);
    CHECK_FALSE(told(client, file).named_attr);
  });
}

TEST_CASE("CREATE and LINK make no named attributes, and OPEN makes none that it could not tell again") {
  for_both_holders([](Server& server, Holder& client) {
    const nfs_fh4 file = file_in(server, "file"), root = same_handle(server.world.root());
    const nfs_fh4 directory = attributes_of(client, file);
    const Opened made = make_in(client, directory, "attribute");
    const nfsstat4 wrong = client.minor == 0 ? NFS4ERR_INVAL : NFS4ERR_WRONG_TYPE;
    for (const nfs_ftype4 type : {nfs_ftype4::NF4DIR, nfs_ftype4::NF4FIFO}) {
      CHECK(client.status(Ops().fh(directory).add(
                OP_CREATE, CREATE4args{.objtype = {.type = type}, .objname = Ops::component("new")})) == wrong);
    }
    for (const nfs_ftype4 type : {nfs_ftype4::NF4REG, nfs_ftype4::NF4NAMEDATTR, nfs_ftype4::NF4ATTRDIR}) {
      CHECK(client.status(Ops().fh(directory).add(
                OP_CREATE, CREATE4args{.objtype = {.type = type}, .objname = Ops::component("new")})) ==
            NFS4ERR_BADTYPE);
    }
    const auto link = [&](const nfs_fh4& node, const nfs_fh4& to) {
      return client.status(Ops().fh(node).save().fh(to).add(OP_LINK, LINK4args{Ops::component("new")}));
    };
    CHECK(link(file, directory) == NFS4ERR_XDEV);
    CHECK(link(made.handle, root) == NFS4ERR_XDEV);
    CHECK(link(made.handle, attributes_of(client, file_in(server, "other"))) == NFS4ERR_XDEV);
    CHECK(link(made.handle, directory) == NFS4ERR_NOTSUPP);
    CHECK(make_in(client, directory, "new", EXCLUSIVE4).status == NFS4ERR_INVAL);
    if (client.minor > 0) CHECK(make_in(client, directory, "new", EXCLUSIVE4_1).status == NFS4ERR_INVAL);
    CHECK(names_in(client, directory) == std::set<std::string>{"attribute 0"});
  });
}

TEST_CASE("OPENATTR of what has no named attributes") {
  for_both_holders([](Server& server, Holder& client) {
    const nfs_fh4 file = file_in(server, "file");
    const nfs_fh4 directory = attributes_of(client, file);
    const Opened made = make_in(client, directory, "attribute");
    const nfsstat4 wrong = client.minor == 0 ? NFS4ERR_NOTSUPP : NFS4ERR_WRONG_TYPE;
    CHECK(openattr(client, directory, true) == wrong);
    CHECK(openattr(client, made.handle, false) == wrong);
    const nfs_fh4 link = same_handle(server.world.make_symlink(server.world.root(), "link", "target"));
    CHECK(openattr(client, link, true) == NFS4ERR_NOTSUPP);
    CHECK(client.status(Ops().root().add(OP_OPENATTR, OPENATTR4args{true})) == NFS4ERR_NOTSUPP);
    CHECK(client.status(Ops().add(OP_OPENATTR, OPENATTR4args{true})) == NFS4ERR_NOFILEHANDLE);
  });
}

TEST_CASE("named attributes are for whoever may read or write the file, as chmod of the file has it") {
  for_both_holders([](Server& server, Holder& client) {
    const nfs_fh4 file = file_in(server, "file", 0644);
    const nfs_fh4 bare = file_in(server, "bare", 0644);
    const nfs_fh4 directory = attributes_of(client, file);
    const Opened made = make_in(client, directory, "attribute");
    REQUIRE(client.write(made.handle, made.stateid) == NFS4_OK);
    REQUIRE(client.close(made).status == NFS4_OK);

    server.world.become(1000, 1000);
    Holder other(server, client.minor, "other");
    CHECK(openattr(other, file, false) == NFS4_OK);
    CHECK(openattr(other, bare, true) == NFS4ERR_ACCESS);
    CHECK(names_in(other, directory) == std::set<std::string>{"attribute 7"});
    CHECK(open_in(other, directory, "attribute").status == NFS4_OK);
    CHECK(open_in(other, directory, "attribute", {.owner = "writer", .access = both}).status == NFS4ERR_ACCESS);
    CHECK(make_in(other, directory, "new").status == NFS4ERR_ACCESS);
    CHECK(other.status(Ops().fh(directory).add(OP_REMOVE, REMOVE4args{Ops::component("attribute")})) == NFS4ERR_ACCESS);
    const auto mode = [&](const nfs_fh4& handle, std::uint32_t bits) {
      return client.status(Ops().fh(handle).add(OP_SETATTR, SETATTR4args{{}, fattr({FATTR4_MODE}, bits)}));
    };
    server.world.become(0, 0);
    CHECK(mode(made.handle, 0600) == NFS4ERR_ATTRNOTSUPP);
    CHECK(mode(directory, 0600) == NFS4ERR_ATTRNOTSUPP);
    CHECK(mode(file, 0600) == NFS4_OK);
    server.world.become(1000, 1000);
    CHECK(openattr(other, file, false) == NFS4ERR_ACCESS);
    CHECK(other.status(Ops().fh(directory).look("attribute")) == NFS4ERR_ACCESS);
    CHECK(open_in(other, directory, "attribute", {.owner = "late"}).status == NFS4ERR_ACCESS);
  });
}

TEST_CASE("a named attribute is opened, denied and locked by itself") {
  for_both_holders([](Server& server, Holder& client) {
    const nfs_fh4 file = file_in(server, "file");
    const nfs_fh4 directory = attributes_of(client, file);
    const Opened made = make_in(client, directory, "attribute");
    Holder other(server, client.minor, "other");
    const Opened denying = other.open("file", {.access = OPEN4_SHARE_ACCESS_READ, .deny = OPEN4_SHARE_DENY_WRITE});
    REQUIRE(denying.status == NFS4_OK);
    CHECK(client.write(made.handle, made.stateid) == NFS4_OK);
    REQUIRE(client.lock(made, {0, 10}).status == NFS4_OK);
    CHECK(other.test(made.handle, {0, 1}).status == NFS4ERR_DENIED);
    CHECK(other.test(file, {0, 1}).status == NFS4_OK);
  });
}

TEST_CASE("a named attribute that is open is there when its file is removed, and gone when it is closed") {
  for_both_holders([](Server& server, Holder& client) {
    const nfs_fh4 file = file_in(server, "file");
    const nfs_fh4 directory = attributes_of(client, file);
    const Opened made = make_in(client, directory, "attribute");
    REQUIRE(client.write(made.handle, made.stateid) == NFS4_OK);
    REQUIRE(client.status(Ops().go({"export"}).add(OP_REMOVE, REMOVE4args{Ops::component("file")})) == NFS4_OK);
    server.world.fs->maintain(server.world.clock.now());
    CHECK(client.read(made.handle, made.stateid) == NFS4_OK);
    CHECK(client.status(Ops().fh(directory).look("attribute")) == NFS4ERR_STALE);
    CHECK(client.close(made).status == NFS4_OK);
    CHECK(client.status(Ops().fh(made.handle).getattr({FATTR4_SIZE})) == NFS4ERR_STALE);
  });
}

TEST_CASE("filehandles of named attributes are good after a restart") {
  for_both_holders([](Server& server, Holder& client) {
    const nfs_fh4 file = file_in(server, "file");
    const nfs_fh4 directory = attributes_of(client, file);
    const Opened made = make_in(client, directory, "attribute");
    REQUIRE(client.write(made.handle, made.stateid) == NFS4_OK);
    REQUIRE(client.close(made).status == NFS4_OK);
    server.restart();
    Holder later(server, client.minor, "later");
    CHECK(told(later, made.handle).size == 7);
    CHECK(found(later, directory, "attribute") == made.handle);
    CHECK(attributes_of(later, file) == directory);
  });
}

TEST_CASE("a read-only share shows named attributes and makes none") {
  for_both_holders([](Server& server, Holder& client) {
    const nfs_fh4 file = file_in(server, "file");
    REQUIRE(make_in(client, attributes_of(client, file), "attribute").status == NFS4_OK);
    file_in(server, "bare");
    server.world.add_share(12, "fixed", {.squash = gate::Squash::None, .read_only = true});
    nfs_fh4 directory;
    CHECK(openattr(client, client.handle({"fixed", "file"}), true, &directory) == NFS4_OK);
    CHECK(names_in(client, directory) == std::set<std::string>{"attribute 0"});
    CHECK(client.status(Ops().fh(directory).add(OP_REMOVE, REMOVE4args{Ops::component("attribute")})) == NFS4ERR_ROFS);
    CHECK(openattr(client, client.handle({"fixed", "bare"}), false) == NFS4ERR_NOENT);
    CHECK(openattr(client, client.handle({"fixed", "bare"}), true) == NFS4ERR_ROFS);
  });
}

TEST_CASE("to version 3, a named attribute is a regular file, and its directory a directory") {
  Server server;
  Holder client(server, 1);
  const nfs_fh4 file = file_in(server, "file");
  const nfs_fh4 directory = attributes_of(client, file);
  const Opened made = make_in(client, directory, "attribute");
  REQUIRE(client.write(made.handle, made.stateid) == NFS4_OK);
  const auto handle3 = [](const nfs_fh4& handle) {
    return nfs_fh3{.data = xdr::opaque<nfs3::NFS3_FHSIZE>(handle.bytes())};
  };
  CHECK(server.world.contents(handle3(made.handle)) == "written");
  CHECK(server.world.attributes(handle3(made.handle)).type == nfs3::ftype3::NF3REG);
  CHECK(server.world.attributes(handle3(directory)).type == nfs3::ftype3::NF3DIR);
  CHECK(server.world.look(server.world.root(), "attribute") == nfsstat3::NFS3ERR_NOENT);
}
