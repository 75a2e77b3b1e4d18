// What stateids are good for, in READ, WRITE and SETATTR of a size, and FREE_STATEID and TEST_STATEID.
#include "ops/nfs4/holder.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {

constexpr std::uint32_t reads = OPEN4_SHARE_ACCESS_READ, writes = OPEN4_SHARE_ACCESS_WRITE,
                        both = OPEN4_SHARE_ACCESS_BOTH;
constexpr stateid4 current{.seqid = 1, .other = {}};

stateid4 with_number(stateid4 stateid, std::uint32_t seqid) {
  stateid.seqid = seqid;
  return stateid;
}

}  // namespace

TEST_CASE("a stateid lets its bearer do what the file was opened for") {
  for_both_holders([](Server& server, Holder& client) {
    const nfs_fh3 file3 = server.world.make_file(server.world.root(), "file", 0644, "contents");
    const nfs_fh4 file = same_handle(file3);
    const Opened reader = client.open("file", {.owner = "reader", .access = reads});
    const Opened writer = client.open("file", {.owner = "writer", .access = writes});
    CHECK(client.read(file, reader.stateid) == NFS4_OK);
    CHECK(client.write(file, reader.stateid) == NFS4ERR_OPENMODE);
    CHECK(client.resize(file, reader.stateid, 3) == NFS4ERR_OPENMODE);
    CHECK(server.world.contents(file3) == "contents");
    CHECK(client.write(file, writer.stateid) == NFS4_OK);
    CHECK(client.resize(file, writer.stateid, 3) == NFS4_OK);
    CHECK(server.world.contents(file3) == "wri");
    // What a lock's stateid is good for, its open says.
    const Locked locked = client.lock(reader, {0, 1, nfs_lock_type4::READ_LT});
    CHECK(client.read(file, locked.stateid) == NFS4_OK);
    CHECK(client.write(file, locked.stateid) == NFS4ERR_OPENMODE);
  });
}

TEST_CASE("what one operation may by its open, the next in the COMPOUND may not without") {
  for_both_holders([](Server& server, Holder& client) {
    const nfs_fh4 mine = same_handle(server.world.make_file(server.world.root(), "mine", 0666, "mine"));
    const nfs_fh4 secret = same_handle(server.world.make_file(server.world.root(), "secret", 0600, "secret"));
    server.world.become(1000, 1000);
    const Opened opened = client.open("mine", {.access = reads});
    REQUIRE(opened.status == NFS4_OK);
    Ops ops = Ops().fh(mine).add(OP_READ, READ4args{opened.stateid, 0, 10});
    ops.fh(secret).add(OP_READ, READ4args{{}, 0, 10});
    Results results = client.run(ops);
    CHECK(results.skip({OP_PUTFH}).next<READ4res>(OP_READ).status == NFS4_OK);
    CHECK(results.status == NFS4ERR_ACCESS);
  });
}

TEST_CASE("a stateid is good with its newest number, and for its own file") {
  for_both_holders([](Server& server, Holder& client) {
    const nfs_fh4 file = same_handle(server.world.make_file(server.world.root(), "file"));
    const nfs_fh4 another = same_handle(server.world.make_file(server.world.root(), "another"));
    REQUIRE(client.open("file").status == NFS4_OK);
    const Opened opened = client.open("file", {.access = both});
    const std::uint32_t number = opened.stateid.seqid;
    CHECK(client.read(file, with_number(opened.stateid, number - 1)) == NFS4ERR_OLD_STATEID);
    CHECK(client.read(file, with_number(opened.stateid, number + 1)) == NFS4ERR_BAD_STATEID);
    const nfsstat4 zero = client.read(file, with_number(opened.stateid, 0));
    CHECK(zero == (client.minor == 0 ? NFS4ERR_OLD_STATEID : NFS4_OK));
    CHECK(client.read(another, opened.stateid) == NFS4ERR_BAD_STATEID);
    stateid4 unknown = opened.stateid;
    unknown.other[11] ^= std::byte{0x40};
    CHECK(client.read(file, unknown) == NFS4ERR_BAD_STATEID);
  });
}

TEST_CASE("another client's stateid is bad in version 1, and good in version 0") {
  for_both_holders([](Server& server, Holder& client) {
    const nfs_fh4 file = same_handle(server.world.make_file(server.world.root(), "file"));
    Holder other(server, client.minor, "other");
    const Opened opened = client.open("file");
    CHECK(other.read(file, opened.stateid) == (client.minor == 0 ? NFS4_OK : NFS4ERR_BAD_STATEID));
    Opened taken = opened;
    if (client.minor > 0) CHECK(other.close(taken).status == NFS4ERR_BAD_STATEID);
    CHECK(client.read(file, opened.stateid) == NFS4_OK);
  });
}

TEST_CASE("the current stateid goes from operation to operation in version 1") {
  Server server;
  Holder client(server, 1);
  const nfs_fh4 root = same_handle(server.world.root());
  const nfs_fh3 file = server.world.make_file(server.world.root(), "file", 0644, "contents");
  const Ops ops = Ops()
                      .fh(root)
                      .add(OP_OPEN, client.open_args("file", {.access = both}))
                      .add(OP_WRITE, WRITE4args{current, 0, stable_how4::FILE_SYNC4, chain_of("CON")})
                      .add(OP_READ, READ4args{current, 0, 8})
                      .save()
                      .root()
                      .add(OP_RESTOREFH)
                      .add(OP_CLOSE, CLOSE4args{0, current});
  CHECK(client.status(ops) == NFS4_OK);
  CHECK(server.world.contents(file) == "CONtents");
  // PUTFH takes it away.
  const Ops lost = Ops()
                       .fh(root)
                       .add(OP_OPEN, client.open_args("file"))
                       .fh(same_handle(file))
                       .add(OP_READ, READ4args{current, 0, 8});
  CHECK(client.status(lost) == NFS4ERR_BAD_STATEID);
}

TEST_CASE("the current stateid is the lock's after LOCK, and can be unlocked and freed") {
  Server server;
  Holder client(server, 1);
  server.world.make_file(server.world.root(), "file");
  const Opened opened = client.open("file", {.access = both});
  const Ops ops = Ops()
                      .fh(opened.handle)
                      .add(OP_LOCK, client.lock_args(opened, {0, 10}))
                      .add(OP_WRITE, WRITE4args{current, 0, stable_how4::FILE_SYNC4, chain_of("x")})
                      .add(OP_LOCKU, LOCKU4args{nfs_lock_type4::WRITE_LT, 0, current, 0, 10});
  CHECK(client.status(ops) == NFS4_OK);
  CHECK(client.test(opened.handle, {0, 10}).status == NFS4_OK);
}

TEST_CASE("TEST_STATEID judges each stateid for itself") {
  Server server;
  Holder client(server, 1), other(server, 1, "other");
  server.world.make_file(server.world.root(), "file");
  const Opened opened = client.open("file", {.access = both}), theirs = other.open("file", {.access = both});
  const Locked locked = client.lock(opened, {0, 10});
  REQUIRE(client.relock(opened, locked.stateid, {20, 10}).status == NFS4_OK);
  TEST_STATEID4args args;
  for (const stateid4& each : {opened.stateid, with_number(opened.stateid, 0), locked.stateid, theirs.stateid,
                               anonymous, with_number(opened.stateid, 9)}) {
    args.ts_stateids.push_back(each);
  }
  Results results = client.run(Ops().add(OP_TEST_STATEID, args));
  const auto tested = results.next<TEST_STATEID4res>(OP_TEST_STATEID);
  REQUIRE(tested.status == NFS4_OK);
  const auto& codes = tested.resok4.tsr_status_codes;
  const std::vector<nfsstat4> expected{
      NFS4_OK, NFS4_OK, NFS4ERR_OLD_STATEID, NFS4ERR_BAD_STATEID, NFS4ERR_BAD_STATEID, NFS4ERR_BAD_STATEID};
  CHECK(std::vector<nfsstat4>(codes.begin(), codes.end()) == expected);
}

TEST_CASE("FREE_STATEID forgets a lock owner's stateid once nothing is locked by it") {
  Server server;
  Holder client(server, 1), other(server, 1, "other");
  server.world.make_file(server.world.root(), "file");
  const Opened opened = client.open("file", {.access = both});
  const Locked locked = client.lock(opened, {0, 10});
  const auto free = [](Holder& by, const stateid4& stateid) {
    return by.status(Ops().add(OP_FREE_STATEID, FREE_STATEID4args{stateid}));
  };
  CHECK(free(client, locked.stateid) == NFS4ERR_LOCKS_HELD);
  CHECK(free(client, opened.stateid) == NFS4ERR_LOCKS_HELD);
  const LOCKU4res unlocked = client.unlock(opened, locked.stateid, {0, 10});
  REQUIRE(unlocked.status == NFS4_OK);
  CHECK(free(other, unlocked.resok4) == NFS4ERR_BAD_STATEID);
  CHECK(free(client, locked.stateid) == NFS4ERR_OLD_STATEID);
  CHECK(free(client, unlocked.resok4) == NFS4_OK);
  CHECK(free(client, unlocked.resok4) == NFS4ERR_BAD_STATEID);
  CHECK(client.read(opened.handle, unlocked.resok4) == NFS4ERR_BAD_STATEID);
  // The owner may lock again, by a new stateid.
  CHECK(client.lock(opened, {0, 10}).status == NFS4_OK);
  CHECK(client.close(opened).status == NFS4_OK);
}
