// OPEN: how files are made, by which claims they are found, who may, and what cannot be opened. What opens deny each
// other is in shares.cpp.
#include "ops/nfs4/holder.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;
using enum createmode4;
using enum open_claim_type4;

namespace {

constexpr std::uint32_t reads = OPEN4_SHARE_ACCESS_READ, writes = OPEN4_SHARE_ACCESS_WRITE,
                        both = OPEN4_SHARE_ACCESS_BOTH;

fattr4 size_and_mode(std::uint64_t size, std::uint32_t mode) { return fattr({FATTR4_SIZE, FATTR4_MODE}, size, mode); }
fattr4 mode_only(std::uint32_t mode) { return fattr({FATTR4_MODE}, mode); }

nfs_fh3 handle3(const Opened& opened) { return {.data = xdr::opaque<nfs3::NFS3_FHSIZE>(opened.handle.bytes())}; }

}  // namespace

TEST_CASE("OPEN finds a file, moves to it, and gives a stateid that reads") {
  for_both_holders([](Server& server, Holder& client) {
    const nfs_fh4 file = same_handle(server.world.make_file(server.world.root(), "file", 0644, "contents"));
    const Opened opened = client.open("file");
    REQUIRE(opened.status == NFS4_OK);
    CHECK(opened.handle == file);
    CHECK(opened.stateid.seqid == (client.minor == 0 ? 2 : 1));
    CHECK((opened.rflags & OPEN4_RESULT_LOCKTYPE_POSIX) != 0);
    CHECK(((opened.rflags & OPEN4_RESULT_CONFIRM) != 0) == (client.minor == 0));
    CHECK(opened.delegation == open_delegation_type4::OPEN_DELEGATE_NONE);
    CHECK(client.read(file, opened.stateid) == NFS4_OK);
    CHECK(client.open("missing").status == NFS4ERR_NOENT);
    CHECK(client.open("..").status == NFS4ERR_BADNAME);
    CHECK(client.open("").status == NFS4ERR_INVAL);
  });
}

TEST_CASE("OPEN UNCHECKED makes a file with attributes, and empties the one that is there, nothing else") {
  for_both_holders([](Server& server, Holder& client) {
    const Asked asked{.access = both, .how = creating(UNCHECKED4, size_and_mode(5, 0640))};
    const Opened made = client.open("file", asked);
    REQUIRE(made.status == NFS4_OK);
    CHECK(same_bits(made.attributes_set, bits({FATTR4_SIZE, FATTR4_MODE})));
    CHECK(server.world.attributes(handle3(made)).size == 5);
    CHECK(server.world.attributes(handle3(made)).mode == 0640);

    // Another size than 0 is ignored.
    REQUIRE(client.open("file", {.access = both, .how = creating(UNCHECKED4, size_and_mode(2, 0600))}).status ==
            NFS4_OK);
    CHECK(server.world.attributes(handle3(made)).size == 5);
    const Opened emptied = client.open("file", {.access = both, .how = creating(UNCHECKED4, size_and_mode(0, 0600))});
    REQUIRE(emptied.status == NFS4_OK);
    CHECK(same_bits(emptied.attributes_set, bits({FATTR4_SIZE})));
    CHECK(server.world.attributes(handle3(made)).size == 0);
    CHECK(server.world.attributes(handle3(made)).mode == 0640);
  });
}

TEST_CASE("OPEN that empties a file has to be allowed to write it") {
  for_both_holders([](Server& server, Holder& client) {
    const nfs_fh3 file = server.world.make_file(server.world.root(), "file", 0444, "contents");
    server.world.become(1000, 1000);
    Holder other(server, client.minor, "other");
    CHECK(other.open("file", {.how = creating(UNCHECKED4, mode_only(0600))}).status == NFS4_OK);
    CHECK(other.open("file", {.owner = "o2", .how = creating(UNCHECKED4, size_and_mode(0, 0600))}).status ==
          NFS4ERR_ACCESS);
    CHECK(server.world.contents(file) == "contents");
  });
}

TEST_CASE("OPEN GUARDED makes a file once") {
  for_both_holders([](Server& server, Holder& client) {
    const Asked asked{.access = both, .how = creating(GUARDED4, mode_only(0400))};
    const Opened made = client.open("file", asked);
    REQUIRE(made.status == NFS4_OK);
    CHECK(client.open("file", asked).status == NFS4ERR_EXIST);
    // Whoever makes a file has it open for writing, whatever its mode says.
    CHECK(client.write(made.handle, made.stateid) == NFS4_OK);
    CHECK(server.world.contents(handle3(made)) == "written");
  });
}

TEST_CASE("OPEN GUARDED of a user whose new file nobody may open") {
  for_both_holders([](Server& server, Holder&) {
    server.world.become(1000, 1000);
    Holder user(server, 1, "user");
    const Opened made = user.open("file", {.access = both, .how = creating(GUARDED4, mode_only(0))});
    REQUIRE(made.status == NFS4_OK);
    CHECK(user.write(made.handle, made.stateid) == NFS4_OK);
    CHECK(user.read(made.handle, made.stateid) == NFS4_OK);
  });
}

TEST_CASE("OPEN EXCLUSIVE finds its own file again, and nobody else's") {
  for_both_holders([](Server&, Holder& client) {
    const Opened made = client.open("file", {.access = both, .how = creating(EXCLUSIVE4, {}, 77)});
    REQUIRE(made.status == NFS4_OK);
    const Opened again = client.open("file", {.access = both, .how = creating(EXCLUSIVE4, {}, 77)});
    CHECK(again.status == NFS4_OK);
    CHECK(again.handle == made.handle);
    CHECK(client.open("file", {.access = both, .how = creating(EXCLUSIVE4, {}, 78)}).status == NFS4ERR_EXIST);
  });
}

TEST_CASE("OPEN EXCLUSIVE4_1 sets attributes as well; version 0 does not know it") {
  for_both_holders([](Server& server, Holder& client) {
    const Asked asked{.access = both, .how = creating(EXCLUSIVE4_1, mode_only(0604), 77)};
    const Opened made = client.open("file", asked);
    if (client.minor == 0) {
      CHECK(made.status == NFS4ERR_BADXDR);
      return;
    }
    REQUIRE(made.status == NFS4_OK);
    CHECK(same_bits(made.attributes_set, bits({FATTR4_MODE})));
    CHECK(server.world.attributes(handle3(made)).mode == 0604);
    CHECK(client.open("file", asked).status == NFS4_OK);
    CHECK(client.open("file", {.access = both, .how = creating(EXCLUSIVE4_1, {}, 5)}).status == NFS4ERR_EXIST);
  });
}

TEST_CASE("OPEN by claims: a filehandle in version 1, nothing to reclaim, and no delegations") {
  for_both_holders([](Server& server, Holder& client) {
    server.world.make_file(server.world.root(), "file");
    const bool first = client.minor == 0;
    const auto status = [&](open_claim_type4 type) {
      return client.open("file", {.owner = "owner" + std::to_string(static_cast<int>(type)), .claim = claim(type)})
          .status;
    };
    CHECK(status(CLAIM_FH) == (first ? NFS4ERR_INVAL : NFS4_OK));
    CHECK(status(CLAIM_PREVIOUS) == NFS4ERR_NO_GRACE);
    open_claim4 delegated = claim(CLAIM_DELEGATE_CUR);
    delegated.delegate_cur_info.file = Ops::component("file");
    CHECK(client.open("file", {.owner = "current", .claim = delegated}).status == NFS4ERR_BAD_STATEID);
    CHECK(status(CLAIM_DELEGATE_PREV) == NFS4ERR_NOTSUPP);
    CHECK(status(CLAIM_DELEG_CUR_FH) == (first ? NFS4ERR_INVAL : NFS4ERR_BAD_STATEID));
    CHECK(status(CLAIM_DELEG_PREV_FH) == (first ? NFS4ERR_INVAL : NFS4ERR_NOTSUPP));
    CHECK(client.open("file", {.owner = "x", .how = creating(UNCHECKED4), .claim = claim(CLAIM_FH)}).status ==
          NFS4ERR_INVAL);
  });
}

TEST_CASE("OPEN says why there is no delegation to whoever asks for one") {
  Server server;
  Holder client(server, 1);
  server.world.make_file(server.world.root(), "file");
  for (const std::uint32_t want : {OPEN4_SHARE_ACCESS_WANT_READ_DELEG, OPEN4_SHARE_ACCESS_WANT_NO_DELEG}) {
    const Opened opened = client.open("file", {.access = reads | want});
    CHECK(opened.status == NFS4_OK);
    CHECK(opened.delegation == open_delegation_type4::OPEN_DELEGATE_NONE_EXT);
  }
}

TEST_CASE("OPEN demands an access and knows its bits") {
  for_both_holders([](Server& server, Holder& client) {
    server.world.make_file(server.world.root(), "file");
    CHECK(client.open("file", {.access = 0}).status == NFS4ERR_INVAL);
    CHECK(client.open("file", {.access = 4}).status == NFS4ERR_INVAL);
    CHECK(client.open("file", {.deny = 4}).status == NFS4ERR_INVAL);
    const nfsstat4 wants = client.open("file", {.access = reads | OPEN4_SHARE_ACCESS_WANT_NO_DELEG}).status;
    CHECK(wants == (client.minor == 0 ? NFS4ERR_INVAL : NFS4_OK));
  });
}

TEST_CASE("OPEN is checked against the mode; what may be run may be read") {
  for_both_holders([](Server& server, Holder& client) {
    World& world = server.world;
    world.make_file(world.root(), "private", 0600);
    world.make_file(world.root(), "readable", 0644);
    world.make_file(world.root(), "program", 0711);
    world.become(1000, 1000);
    Holder user(server, client.minor, "user");
    CHECK(user.open("private").status == NFS4ERR_ACCESS);
    CHECK(user.open("readable").status == NFS4_OK);
    CHECK(user.open("readable", {.access = both}).status == NFS4ERR_ACCESS);
    const Opened program = user.open("program");
    REQUIRE(program.status == NFS4_OK);
    CHECK(user.read(program.handle, program.stateid) == NFS4_OK);
    CHECK(user.open("program", {.owner = "o2", .access = writes}).status == NFS4ERR_ACCESS);
  });
}

TEST_CASE("OPEN gives what it gave although the mode has changed") {
  for_both_holders([](Server& server, Holder& client) {
    World& world = server.world;
    world.become(1000, 1000);
    Holder user(server, client.minor, "user");
    const Opened opened = user.open("file", {.access = both, .how = creating(GUARDED4, mode_only(0600))});
    REQUIRE(opened.status == NFS4_OK);
    REQUIRE(user.status(Ops().fh(opened.handle).add(OP_SETATTR, SETATTR4args{{}, mode_only(0)})) == NFS4_OK);
    CHECK(user.write(opened.handle, opened.stateid) == NFS4_OK);
    CHECK(user.read(opened.handle, opened.stateid) == NFS4_OK);
    CHECK(user.read(opened.handle, anonymous) == NFS4ERR_ACCESS);
    CHECK(user.open("file", {.owner = "o2"}).status == NFS4ERR_ACCESS);
  });
}

TEST_CASE("OPEN is for regular files") {
  for_both_holders([](Server& server, Holder& client) {
    World& world = server.world;
    world.make_directory(world.root(), "d");
    world.make_symlink(world.root(), "link", "d");
    const CREATE4args fifo{.objtype = {.type = nfs_ftype4::NF4FIFO}, .objname = Ops::component("fifo")};
    REQUIRE(client.status(Ops().go({"export"}).add(OP_CREATE, fifo)) == NFS4_OK);
    CHECK(client.open("d").status == NFS4ERR_ISDIR);
    CHECK(client.open("link").status == NFS4ERR_SYMLINK);
    CHECK(client.open("fifo").status == NFS4ERR_SYMLINK);
    CHECK(client.status(Ops().root().add(OP_OPEN, client.open_args("export"))) == NFS4ERR_ISDIR);
    client.count("owner", NFS4_OK);
    const auto made = client.open_args("new", {.how = creating(GUARDED4)});
    CHECK(client.status(Ops().root().add(OP_OPEN, made)) == NFS4ERR_ROFS);
    client.count("owner", NFS4_OK);
    CHECK(client.status(Ops().add(OP_OPEN, client.open_args("d"))) == NFS4ERR_NOFILEHANDLE);
  });
}

// RFC 8881, 18.16.3.
TEST_CASE("OPEN of a file on a read-only share is not for writing") {
  for_both_holders([](Server& server, Holder& client) {
    World& world = server.world;
    const nfs_fh3 file = world.make_file(world.root(), "file", 0666, "contents");
    world.make_symlink(world.root(), "link", "file");
    world.make_directory(world.root(), "d");
    world.add_share(12, "fixed", {.squash = gate::Squash::None, .read_only = true});
    const auto opened = [&](const char* name, const Asked& asked) {
      const nfsstat4 status = client.status(Ops().go({"fixed"}).add(OP_OPEN, client.open_args(name, asked)));
      client.count("owner", status);
      return status;
    };
    CHECK(opened("file", {.access = writes}) == NFS4ERR_ROFS);
    CHECK(opened("file", {.access = both}) == NFS4ERR_ROFS);
    CHECK(opened("file", {.access = both, .how = creating(UNCHECKED4)}) == NFS4ERR_ROFS);
    // The client goes on where a link leads, which may be elsewhere.
    CHECK(opened("link", {.access = writes}) == NFS4ERR_SYMLINK);
    CHECK(opened("d", {.access = writes}) == NFS4ERR_ISDIR);
    CHECK(opened("file", {.access = reads}) == NFS4_OK);
    CHECK(opened("file", {.how = creating(UNCHECKED4)}) == NFS4_OK);
    CHECK(opened("file", {.how = creating(UNCHECKED4, size_and_mode(0, 0600))}) == NFS4ERR_ROFS);
    CHECK(opened("file", {.how = creating(GUARDED4)}) == NFS4ERR_ROFS);
    CHECK(opened("new", {.how = creating(UNCHECKED4)}) == NFS4ERR_ROFS);
    CHECK(world.contents(file) == "contents");
  });
}

TEST_CASE("OPEN that was to make a file says what is there instead of one") {
  for_both_holders([](Server& server, Holder& client) {
    World& world = server.world;
    world.make_directory(world.root(), "d");
    world.make_symlink(world.root(), "link", "d");
    const CREATE4args fifo{.objtype = {.type = nfs_ftype4::NF4FIFO}, .objname = Ops::component("fifo")};
    REQUIRE(client.status(Ops().go({"export"}).add(OP_CREATE, fifo)) == NFS4_OK);
    CHECK(client.open("d", {.how = creating(UNCHECKED4)}).status == NFS4ERR_ISDIR);
    CHECK(client.open("link", {.how = creating(UNCHECKED4)}).status == NFS4ERR_SYMLINK);
    CHECK(client.open("fifo", {.how = creating(UNCHECKED4, size_and_mode(0, 0600))}).status == NFS4ERR_SYMLINK);
    for (const char* name : {"d", "link", "fifo"}) {
      CHECK(client.open(name, {.how = creating(GUARDED4)}).status == NFS4ERR_EXIST);
    }
  });
}

TEST_CASE("OPEN beyond what a client may have open is refused, until it closes something") {
  for (const std::uint32_t minor : {0U, 1U}) {
    Server server({.opens_per_client = 1});
    Holder client(server, minor);
    server.world.make_file(server.world.root(), "a");
    server.world.make_file(server.world.root(), "b");
    const Opened first = client.open("a");
    REQUIRE(first.status == NFS4_OK);
    CHECK(client.open("b").status == (minor == 0 ? NFS4ERR_RESOURCE : NFS4ERR_DELAY));
    REQUIRE(client.close(first).status == NFS4_OK);
    CHECK(client.open("b").status == NFS4_OK);
  }
}
