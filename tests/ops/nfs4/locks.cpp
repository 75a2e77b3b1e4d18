// Byte-range locks: LOCK, LOCKT and LOCKU in both minor versions. What version 0 numbers is in owners.cpp.
#include "ops/nfs4/holder.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;
using enum nfs_lock_type4;

namespace {

constexpr std::uint32_t reads = OPEN4_SHARE_ACCESS_READ, writes = OPEN4_SHARE_ACCESS_WRITE,
                        both = OPEN4_SHARE_ACCESS_BOTH;
constexpr std::uint64_t to_the_end = NFS4_UINT64_MAX;

/// A file, opened by a client and by another.
struct Two {
  Holder other;
  Opened mine, theirs;
  Two(Server& server, Holder& client) : other(server, client.minor == 0 ? 1 : 0, "other") {
    server.world.make_file(server.world.root(), "file", 0666, "contents");
    mine = client.open("file", {.access = both});
    theirs = other.open("file", {.access = both});
    REQUIRE(mine.status == NFS4_OK);
    REQUIRE(theirs.status == NFS4_OK);
  }
  const nfs_fh4& file() const { return mine.handle; }
};

}  // namespace

TEST_CASE("LOCK of a new owner gives a stateid, and says who is in the way") {
  for_both_holders([](Server& server, Holder& client) {
    Two two(server, client);
    const Locked first = client.lock(two.mine, {10, 20});
    REQUIRE(first.status == NFS4_OK);
    CHECK(first.stateid.seqid == 1);
    CHECK(first.stateid.other != two.mine.stateid.other);
    const Locked denied = two.other.lock(two.theirs, {15, 5});
    REQUIRE(denied.status == NFS4ERR_DENIED);
    CHECK(denied.denied.offset == 10);
    CHECK(denied.denied.length == 20);
    CHECK(denied.denied.locktype == WRITE_LT);
    CHECK(denied.denied.owner.clientid == client.id);
    CHECK(denied.holder == "locker");
    // Whoever was refused may ask again, and beside it there is room.
    CHECK(two.other.lock(two.theirs, {0, 10}).status == NFS4_OK);
    // The client's own other owner is in the way just as well.
    CHECK(client.lock(two.mine, {10, 1}, "second").status == NFS4ERR_DENIED);
  });
}

TEST_CASE("LOCK of an owner that has a stateid counts it up, and locks more") {
  for_both_holders([](Server& server, Holder& client) {
    Two two(server, client);
    const Locked first = client.lock(two.mine, {0, 10});
    const Locked more = client.relock(two.mine, first.stateid, {100, to_the_end});
    REQUIRE(more.status == NFS4_OK);
    CHECK(more.stateid.other == first.stateid.other);
    CHECK(more.stateid.seqid == 2);
    CHECK(client.relock(two.mine, first.stateid, {50, 1}).status == NFS4ERR_OLD_STATEID);
    const Locked met = two.other.test(two.file(), {5'000, 1});
    CHECK(met.status == NFS4ERR_DENIED);
    CHECK(met.denied.offset == 100);
    CHECK(met.denied.length == to_the_end);
    CHECK(two.other.test(two.file(), {50, 50}).status == NFS4_OK);
  });
}

TEST_CASE("LOCK upgrades and downgrades what the owner has") {
  for_both_holders([](Server& server, Holder& client) {
    Two two(server, client);
    const Locked mine = client.lock(two.mine, {0, 10, READ_LT});
    const Locked theirs = two.other.lock(two.theirs, {0, 10, READW_LT}, "their locker");
    REQUIRE(mine.status == NFS4_OK);
    REQUIRE(theirs.status == NFS4_OK);
    CHECK(client.relock(two.mine, mine.stateid, {0, 10, WRITE_LT}).status == NFS4ERR_DENIED);
    REQUIRE(two.other.unlock(two.theirs, theirs.stateid, {0, 10}, "their locker").status == NFS4_OK);
    const Locked upgraded = client.relock(two.mine, mine.stateid, {0, 10, WRITEW_LT});
    REQUIRE(upgraded.status == NFS4_OK);
    CHECK(two.other.test(two.file(), {0, 1, READ_LT}).status == NFS4ERR_DENIED);
    CHECK(client.relock(two.mine, upgraded.stateid, {0, 10, READ_LT}).status == NFS4_OK);
    CHECK(two.other.test(two.file(), {0, 1, READ_LT}).status == NFS4_OK);
    CHECK(two.other.test(two.file(), {0, 1, WRITE_LT}).status == NFS4ERR_DENIED);
  });
}

TEST_CASE("LOCK, LOCKT and LOCKU refuse ranges that are none") {
  for_both_holders([](Server& server, Holder& client) {
    Two two(server, client);
    const Locked locked = client.lock(two.mine, {0, 10});
    REQUIRE(locked.status == NFS4_OK);
    for (const Bytes4& range : {Bytes4{0, 0}, Bytes4{2, to_the_end - 1}}) {
      CHECK(client.lock(two.mine, range, "another").status == NFS4ERR_INVAL);
      CHECK(client.relock(two.mine, locked.stateid, range).status == NFS4ERR_INVAL);
      CHECK(client.test(two.file(), range).status == NFS4ERR_INVAL);
      CHECK(client.unlock(two.mine, locked.stateid, range).status == NFS4ERR_INVAL);
    }
    CHECK(client.relock(two.mine, locked.stateid, {to_the_end - 1, to_the_end}).status == NFS4_OK);
  });
}

TEST_CASE("LOCK wants the file open for what it locks") {
  for_both_holders([](Server& server, Holder& client) {
    server.world.make_file(server.world.root(), "file");
    const Opened reader = client.open("file", {.owner = "reader", .access = reads});
    const Opened writer = client.open("file", {.owner = "writer", .access = writes});
    CHECK(client.lock(reader, {0, 1, WRITE_LT}, "a").status == NFS4ERR_OPENMODE);
    CHECK(client.lock(writer, {0, 1, READ_LT}, "b").status == NFS4ERR_OPENMODE);
    CHECK(client.lock(reader, {0, 1, READ_LT}, "c").status == NFS4_OK);
    CHECK(client.lock(writer, {5, 1, WRITE_LT}, "d").status == NFS4_OK);
  });
}

TEST_CASE("LOCK wants a good stateid, of this file") {
  for_both_holders([](Server& server, Holder& client) {
    Two two(server, client);
    server.world.make_file(server.world.root(), "another");
    Opened wrong = two.mine;
    wrong.handle = client.open("another", {.owner = "o2"}).handle;
    CHECK(client.lock(wrong, {0, 1}).status == NFS4ERR_BAD_STATEID);
    wrong = two.mine;
    wrong.stateid.other[11] ^= std::byte{0x40};
    CHECK(client.lock(wrong, {0, 1}).status == NFS4ERR_BAD_STATEID);
    CHECK(client.relock(two.mine, two.mine.stateid, {0, 1}, "owner").status == NFS4ERR_BAD_STATEID);
    CHECK(client.lock(two.mine, {0, 1, WRITE_LT, true}).status == NFS4ERR_NO_GRACE);
    CHECK(client.test(two.file(), {0, 1}).status == NFS4_OK);
    CHECK(client.status(Ops().add(OP_LOCK, client.lock_args(two.mine, {0, 1}))) == NFS4ERR_NOFILEHANDLE);
  });
}

TEST_CASE("LOCKT meets what others have locked, and not one's own") {
  for_both_holders([](Server& server, Holder& client) {
    Two two(server, client);
    REQUIRE(client.lock(two.mine, {10, 10, READ_LT}).status == NFS4_OK);
    CHECK(client.test(two.file(), {10, 10, WRITE_LT}, "locker").status == NFS4_OK);
    const Locked met = client.test(two.file(), {0, 100, WRITE_LT}, "else");
    CHECK(met.status == NFS4ERR_DENIED);
    CHECK(met.denied.offset == 10);
    CHECK(met.denied.length == 10);
    CHECK(met.denied.locktype == READ_LT);
    CHECK(met.denied.owner.clientid == client.id);
    CHECK(met.holder == "locker");
    CHECK(two.other.test(two.file(), {10, 10, READ_LT}, "locker").status == NFS4_OK);
    CHECK(two.other.test(two.file(), {10, 10, WRITE_LT}, "locker").status == NFS4ERR_DENIED);
  });
}

TEST_CASE("LOCKT is for regular files") {
  for_both_holders([](Server& server, Holder& client) {
    World& world = server.world;
    const nfs_fh4 directory = same_handle(world.make_directory(world.root(), "d"));
    const nfs_fh4 link = same_handle(world.make_symlink(world.root(), "link", "d"));
    CHECK(client.test(directory, {0, 1}).status == NFS4ERR_ISDIR);
    CHECK(client.test(link, {0, 1}).status == (client.minor == 0 ? NFS4ERR_INVAL : NFS4ERR_SYMLINK));
    const LOCKT4args args{WRITE_LT, 0, 1, {client.id, {}}};
    CHECK(client.status(Ops().root().add(OP_LOCKT, args)) == NFS4ERR_ISDIR);
    if (client.minor > 0) return;
    const LOCKT4args nobodys{WRITE_LT, 0, 1, {client.id + 77, {}}};
    CHECK(client.status(Ops().go({"export"}).add(OP_LOCKT, nobodys)) == NFS4ERR_STALE_CLIENTID);
  });
}

TEST_CASE("LOCKU splits a lock, and what was not locked is no error") {
  for_both_holders([](Server& server, Holder& client) {
    Two two(server, client);
    const Locked locked = client.lock(two.mine, {0, 100});
    const LOCKU4res split = client.unlock(two.mine, locked.stateid, {40, 20});
    REQUIRE(split.status == NFS4_OK);
    CHECK(split.resok4.other == locked.stateid.other);
    CHECK(split.resok4.seqid == 2);
    CHECK(two.other.test(two.file(), {40, 20}).status == NFS4_OK);
    const Locked before = two.other.test(two.file(), {39, 2}), after = two.other.test(two.file(), {59, 2});
    CHECK(before.denied.offset == 0);
    CHECK(before.denied.length == 40);
    CHECK(after.denied.offset == 60);
    CHECK(after.denied.length == 40);
    CHECK(two.other.lock(two.theirs, {40, 20}, "their locker").status == NFS4_OK);
    const LOCKU4res again = client.unlock(two.mine, split.resok4, {40, 20});
    CHECK(again.status == NFS4_OK);
    CHECK(client.unlock(two.mine, locked.stateid, {0, 1}).status == NFS4ERR_OLD_STATEID);
    CHECK(client.unlock(two.mine, again.resok4, {0, to_the_end}).status == NFS4_OK);
    CHECK(two.other.test(two.file(), {0, 40}).status == NFS4_OK);
  });
}

TEST_CASE("LOCKU wants the stateid of a lock") {
  for_both_holders([](Server& server, Holder& client) {
    Two two(server, client);
    REQUIRE(client.lock(two.mine, {0, 1}).status == NFS4_OK);
    CHECK(client.unlock(two.mine, two.mine.stateid, {0, 1}, "owner").status == NFS4ERR_BAD_STATEID);
    CHECK(client.unlock(two.mine, anonymous, {0, 1}).status != NFS4_OK);
    CHECK(two.other.test(two.file(), {0, 1}).status == NFS4ERR_DENIED);
  });
}

TEST_CASE("locks of NFSv4 are advisory: who has none may read and write") {
  for_both_holders([](Server& server, Holder& client) {
    Two two(server, client);
    REQUIRE(client.lock(two.mine, {0, 100}).status == NFS4_OK);
    CHECK(two.other.write(two.file(), two.theirs.stateid) == NFS4_OK);
    CHECK(two.other.read(two.file(), anonymous) == NFS4_OK);
  });
}

TEST_CASE("LOCK that would wait keeps its turn until it asks again, or has not for a lease") {
  for_both_holders([](Server& server, Holder& client) {
    Two two(server, client);
    const Locked locked = client.lock(two.mine, {0, 10});
    CHECK(two.other.lock(two.theirs, {0, 10, WRITEW_LT}, "waits").status == NFS4ERR_DENIED);
    CHECK(two.other.lock(two.theirs, {0, 10, WRITE_LT}, "asks").status == NFS4ERR_DENIED);
    const LOCKU4res unlocked = client.unlock(two.mine, locked.stateid, {0, 10});
    REQUIRE(unlocked.status == NFS4_OK);
    SECTION("asks again") {
      CHECK(client.relock(two.mine, unlocked.resok4, {0, 10}).status == NFS4ERR_DENIED);
      CHECK(two.other.lock(two.theirs, {0, 10, WRITEW_LT}, "waits").status == NFS4_OK);
    }
    SECTION("does not") {
      server.world.clock.advance_seconds(Server::lease_seconds + 1);
      CHECK(client.relock(two.mine, unlocked.resok4, {0, 10}).status == NFS4_OK);
    }
  });
}

TEST_CASE("LOCK as a new owner by one that has a stateid goes on with that in version 1") {
  Server server;
  Holder client(server, 1);
  Two two(server, client);
  const Locked first = client.lock(two.mine, {0, 10});
  const Locked again = client.lock(two.mine, {20, 10});
  REQUIRE(again.status == NFS4_OK);
  CHECK(again.stateid.other == first.stateid.other);
  CHECK(again.stateid.seqid == 2);
}

TEST_CASE("LOCK beyond what a client may lock is refused, and what it has stays") {
  for (const std::uint32_t minor : {0U, 1U}) {
    Server server({.locks_per_client = 1});
    Holder client(server, minor);
    Two two(server, client);
    const Locked first = client.lock(two.mine, {0, 10});
    const nfsstat4 full = minor == 0 ? NFS4ERR_RESOURCE : NFS4ERR_DELAY;
    CHECK(client.lock(two.mine, {20, 10}, "second").status == full);
    CHECK(client.relock(two.mine, first.stateid, {10, 10}).status == NFS4_OK);
  }
}

TEST_CASE("LOCK counts the ranges that a client has locked, whichever lock owner has them") {
  for (const std::uint32_t minor : {0U, 1U}) {
    Server server({.locks_per_client = 2});
    Holder client(server, minor);
    Two two(server, client);
    const nfsstat4 full = minor == 0 ? NFS4ERR_RESOURCE : NFS4ERR_DELAY;
    const Locked first = client.lock(two.mine, {0, 10});
    const Locked more = client.relock(two.mine, first.stateid, {20, 10});
    REQUIRE(more.status == NFS4_OK);
    CHECK(client.relock(two.mine, more.stateid, {40, 10}).status == full);
    CHECK(client.unlock(two.mine, more.stateid, {5, 1}).status == full);  // one would become two
    CHECK(two.other.lock(two.theirs, {40, 10}).status == NFS4_OK);
    const LOCKU4res unlocked = client.unlock(two.mine, more.stateid, {0, 10});
    REQUIRE(unlocked.status == NFS4_OK);
    CHECK(client.relock(two.mine, unlocked.resok4, {60, 10}).status == NFS4_OK);
    // What is closed counts no more.
    REQUIRE(client.close(two.mine).status == NFS4_OK);
    const state::LockCounts& counts = server.world.shares.coordinator().files().lock_counts();
    CHECK(counts.of(client.id) == 0);
    CHECK(counts.of(two.other.id) == 1);
  }
}
