// What opens deny each other: share reservations of NFSv4 among clients, owners and version 3; OPEN_DOWNGRADE and
// CLOSE.
#include "ops/nfs4/holder.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {

constexpr std::uint32_t reads = OPEN4_SHARE_ACCESS_READ, writes = OPEN4_SHARE_ACCESS_WRITE,
                        both = OPEN4_SHARE_ACCESS_BOTH, no_writers = OPEN4_SHARE_DENY_WRITE,
                        no_readers = OPEN4_SHARE_DENY_READ;

struct Denying {
  nfs_fh3 file3;
  nfs_fh4 file;
  explicit Denying(World& world)
      : file3(world.make_file(world.root(), "file", 0666, "contents")), file(same_handle(file3)) {}
};

nfsstat3 write3(World& world, const nfs_fh3& file) {
  const nfs3::WRITE3args args{file, 0, 1, nfs3::stable_how::FILE_SYNC, chain_of("x")};
  return world.call(&nfs3::write, args).status;
}

}  // namespace

TEST_CASE("OPEN with a deny mode keeps other owners out, until CLOSE") {
  for_both_holders([](Server& server, Holder& client) {
    const Denying held(server.world);
    Holder other(server, client.minor == 0 ? 1 : 0, "other");
    const Opened first = client.open("file", {.access = reads, .deny = no_writers});
    REQUIRE(first.status == NFS4_OK);
    CHECK(other.open("file", {.access = writes}).status == NFS4ERR_SHARE_DENIED);
    CHECK(client.open("file", {.owner = "second", .access = writes}).status == NFS4ERR_SHARE_DENIED);
    CHECK(other.open("file", {.access = reads, .deny = no_readers}).status == NFS4ERR_SHARE_DENIED);
    CHECK(other.open("file", {.access = reads}).status == NFS4_OK);
    REQUIRE(client.close(first).status == NFS4_OK);
    CHECK(other.open("file", {.access = writes}).status == NFS4_OK);
  });
}

TEST_CASE("a deny mode holds against WRITE, SETATTR and WRITE of version 3 without an open") {
  for_both_holders([](Server& server, Holder& client) {
    const Denying held(server.world);
    Holder other(server, client.minor, "other");
    const Opened first = client.open("file", {.access = both, .deny = no_writers});
    REQUIRE(first.status == NFS4_OK);
    CHECK(other.write(held.file, anonymous) == NFS4ERR_LOCKED);
    CHECK(other.resize(held.file, anonymous, 1) == NFS4ERR_LOCKED);
    CHECK(other.read(held.file, anonymous) == NFS4_OK);
    CHECK(write3(server.world, held.file3) == nfsstat3::NFS3ERR_ACCES);
    CHECK(server.world.contents(held.file3) == "contents");
    CHECK(client.write(held.file, first.stateid) == NFS4_OK);
    REQUIRE(client.close(first).status == NFS4_OK);
    CHECK(other.write(held.file, anonymous) == NFS4_OK);
    CHECK(write3(server.world, held.file3) == nfsstat3::NFS3_OK);
  });
}

TEST_CASE("OPEN of the same owner adds to what it has, by the same stateid") {
  for_both_holders([](Server& server, Holder& client) {
    const Denying held(server.world);
    Holder other(server, client.minor, "other");
    const Opened first = client.open("file", {.access = reads});
    REQUIRE(first.status == NFS4_OK);
    CHECK(client.write(held.file, first.stateid) == NFS4ERR_OPENMODE);
    const Opened more = client.open("file", {.access = writes, .deny = no_writers});
    REQUIRE(more.status == NFS4_OK);
    CHECK(more.stateid.other == first.stateid.other);
    CHECK(more.stateid.seqid == first.stateid.seqid + 1);
    CHECK(client.write(held.file, more.stateid) == NFS4_OK);
    CHECK(client.read(held.file, more.stateid) == NFS4_OK);
    CHECK(client.read(held.file, first.stateid) == NFS4ERR_OLD_STATEID);
    CHECK(other.open("file", {.access = writes}).status == NFS4ERR_SHARE_DENIED);
  });
}

TEST_CASE("OPEN that others forbid leaves the owner what it had") {
  for_both_holders([](Server& server, Holder& client) {
    const Denying held(server.world);
    Holder other(server, client.minor, "other");
    const Opened first = client.open("file", {.access = reads});
    REQUIRE(other.open("file", {.access = reads, .deny = no_writers}).status == NFS4_OK);
    CHECK(client.open("file", {.access = writes}).status == NFS4ERR_SHARE_DENIED);
    CHECK(client.read(held.file, first.stateid) == NFS4_OK);
    CHECK(client.write(held.file, first.stateid) == NFS4ERR_OPENMODE);
  });
}

TEST_CASE("OPEN that would empty a file is refused where writing is denied, and the file keeps its bytes") {
  for_both_holders([](Server& server, Holder& client) {
    const Denying held(server.world);
    Holder other(server, client.minor, "other");
    const Opened theirs = other.open("file", {.access = reads, .deny = no_writers});
    const Opened mine = client.open("file", {.owner = "mine"});
    const openflag4 emptying = creating(createmode4::UNCHECKED4, fattr({FATTR4_SIZE}, std::uint64_t{0}));
    CHECK(client.open("file", {.access = reads, .how = emptying}).status == NFS4ERR_SHARE_DENIED);
    CHECK(client.open("file", {.owner = "mine", .how = emptying}).status == NFS4ERR_SHARE_DENIED);
    CHECK(client.open("file", {.access = both, .how = emptying}).status == NFS4ERR_SHARE_DENIED);
    CHECK(server.world.contents(held.file3) == "contents");
    REQUIRE(other.close(theirs).status == NFS4_OK);

    // It writes only as long as it empties, and denies itself nothing.
    const Opened emptied = client.open("file", {.owner = "mine", .deny = no_writers, .how = emptying});
    REQUIRE(emptied.status == NFS4_OK);
    CHECK(server.world.contents(held.file3).empty());
    CHECK(emptied.stateid.other == mine.stateid.other);
    CHECK(client.write(held.file, emptied.stateid) == NFS4ERR_OPENMODE);
    CHECK(other.open("file", {.access = reads, .deny = no_writers}).status == NFS4_OK);
  });
}

TEST_CASE("OPEN_DOWNGRADE gives up access and denials that were opened apart") {
  for_both_holders([](Server& server, Holder& client) {
    const Denying held(server.world);
    Holder other(server, client.minor, "other");
    REQUIRE(client.open("file", {.access = reads}).status == NFS4_OK);
    Opened opened = client.open("file", {.access = both, .deny = no_writers});
    const stateid4 before = opened.stateid;
    CHECK(client.downgrade(opened, reads, no_readers) == NFS4ERR_INVAL);
    CHECK(client.downgrade(opened, writes) == NFS4ERR_INVAL);
    CHECK(client.downgrade(opened, 0) == NFS4ERR_INVAL);
    CHECK(client.downgrade(opened, reads, 4) == NFS4ERR_INVAL);
    REQUIRE(client.downgrade(opened, reads) == NFS4_OK);
    CHECK(opened.stateid.seqid == before.seqid + 1);
    CHECK(client.write(held.file, opened.stateid) == NFS4ERR_OPENMODE);
    CHECK(client.read(held.file, opened.stateid) == NFS4_OK);
    CHECK(other.open("file", {.access = writes}).status == NFS4_OK);
    CHECK(client.downgrade(opened, both) == NFS4ERR_INVAL);
    opened.stateid = before;
    CHECK(client.downgrade(opened, reads) == NFS4ERR_OLD_STATEID);
  });
}

TEST_CASE("OPEN_DOWNGRADE of version 1 ignores wants") {
  for_both_holders([](Server& server, Holder& client) {
    const Denying held(server.world);
    REQUIRE(client.open("file", {.access = reads}).status == NFS4_OK);
    Opened opened = client.open("file", {.access = both});
    const nfsstat4 status = client.downgrade(opened, reads | OPEN4_SHARE_ACCESS_WANT_NO_DELEG);
    CHECK(status == (client.minor == 0 ? NFS4ERR_INVAL : NFS4_OK));
  });
}

TEST_CASE("CLOSE ends the stateid, and takes what is locked by it along") {
  for_both_holders([](Server& server, Holder& client) {
    const Denying held(server.world);
    Holder other(server, client.minor, "other");
    const Opened opened = client.open("file", {.access = both});
    const Locked locked = client.lock(opened, {0, 10});
    REQUIRE(locked.status == NFS4_OK);
    CHECK(other.test(held.file, {0, 1}).status == NFS4ERR_DENIED);
    const CLOSE4res closed = client.close(opened);
    REQUIRE(closed.status == NFS4_OK);
    if (client.minor > 0) CHECK(closed.resok4 == stateid4{.seqid = NFS4_UINT32_MAX, .other = {}});
    CHECK(other.test(held.file, {0, 1}).status == NFS4_OK);
    CHECK(client.read(held.file, opened.stateid) == NFS4ERR_BAD_STATEID);
    CHECK(client.read(held.file, locked.stateid) == NFS4ERR_BAD_STATEID);
    CHECK(client.close(opened).status == NFS4ERR_BAD_STATEID);
    // A new open has a stateid of its own.
    const Opened again = client.open("file");
    CHECK(again.status == NFS4_OK);
    CHECK(again.stateid.other != opened.stateid.other);
  });
}

TEST_CASE("CLOSE wants the right file, number and stateid") {
  for_both_holders([](Server& server, Holder& client) {
    const Denying held(server.world);
    server.world.make_file(server.world.root(), "another");
    const Opened opened = client.open("file"), another = client.open("another", {.owner = "o2"});
    Opened wrong = opened;
    wrong.handle = another.handle;
    CHECK(client.close(wrong).status == NFS4ERR_BAD_STATEID);
    wrong = opened;
    ++wrong.stateid.seqid;
    CHECK(client.close(wrong).status == NFS4ERR_BAD_STATEID);
    wrong.stateid = anonymous;
    CHECK(client.close(wrong).status != NFS4_OK);
    CHECK(client.close(opened).status == NFS4_OK);
    const CLOSE4args args{1, opened.stateid};
    CHECK(client.status(Ops().root().add(OP_CLOSE, args)) == NFS4ERR_BAD_STATEID);
    CHECK(client.status(Ops().add(OP_CLOSE, args)) == NFS4ERR_NOFILEHANDLE);
  });
}

TEST_CASE("a file that is open outlives its name until CLOSE") {
  for_both_holders([](Server& server, Holder& client) {
    const Denying held(server.world);
    const Opened opened = client.open("file", {.access = both});
    server.world.remove(server.world.root(), "file");
    CHECK(client.write(held.file, opened.stateid) == NFS4_OK);
    CHECK(client.read(held.file, opened.stateid) == NFS4_OK);
    REQUIRE(client.close(opened).status == NFS4_OK);
    CHECK(client.status(Ops().fh(held.file).getattr({FATTR4_TYPE})) == NFS4ERR_STALE);
  });
}
