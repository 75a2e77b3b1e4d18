// Delegations to write over a restart of the server: they are on record, and keep from their files whoever would have
// recalled them, until they are reclaimed or grace is over.
#include "nfs/v3/procedures.hpp"
#include "ops/nfs4/callback_world.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;
using enum open_delegation_type4;
using nfs3::nfsstat3;

namespace {

constexpr std::uint32_t both = OPEN4_SHARE_ACCESS_BOTH, reads = OPEN4_SHARE_ACCESS_READ;

struct Promised {
  CallbackServer server;
  Called a{server, "a"}, b{server, "b"};
  const nfs_fh3 file3 = server.world.make_file(server.world.root(), "file", 0666, "contents");
  const nfs_fh4 file = same_handle(file3);
  const std::vector<state::ObjectRecord>& records = server.records.kept.objects;

  nfsstat4 give_back(const stateid4& stateid) {
    return a.on<DELEGRETURN4res>(file, OP_DELEGRETURN, DELEGRETURN4args{stateid}).status;
  }
  Opened reclaim(open_delegation_type4 type) {
    open_claim4 previous = claim(open_claim_type4::CLAIM_PREVIOUS);
    previous.delegate_type = type;
    return a.open_at(file, a.open_args("", {.access = both, .claim = previous}), "owner");
  }
};

struct Reading3 {
  Reading3(World& over, const nfs_fh3& from) : args{from, 0, 10} { over.start(&nfs3::read, args, result); }
  nfs3::READ3args args;
  std::optional<nfs3::READ3res> result;
};

}  // namespace

TEST_CASE("a delegation to write is on record while it is held, and one to read is not") {
  Promised on;
  const Opened opened = on.a.open("file", {.access = both});
  REQUIRE(opened.delegation == OPEN_DELEGATE_WRITE);
  REQUIRE(on.records.size() == 1);
  CHECK(on.records[0].kind == state::ObjectRecord::Kind::Delegation);
  CHECK(on.records[0].who == state::Claimant{{state::Protocol::Nfs41, "a"}, ""});
  CHECK(on.records[0].caching == state::caching::rwh);
  CHECK(on.give_back(opened.delegated) == NFS4_OK);
  CHECK(on.records.empty());
  on.server.world.make_file(on.server.world.root(), "other", 0666);
  REQUIRE(on.a.open("other", {.access = reads}).delegation == OPEN_DELEGATE_READ);
  CHECK(on.records.empty());
  on.server.world.make_file(on.server.world.root(), "third", 0666);
  REQUIRE(on.a.open("third", {.access = both}).delegation == OPEN_DELEGATE_WRITE);
  CHECK(on.records.size() == 1);
  on.server.keeper->drop(on.a.id);
  CHECK(on.records.empty());
}

TEST_CASE("a delegation whose record cannot be made durable is not given, and leaves nothing") {
  Promised on;
  REQUIRE(on.a.open("file", {.owner = "first", .access = reads | OPEN4_SHARE_ACCESS_WANT_NO_DELEG}).status == NFS4_OK);
  on.server.records.way = KeptRecords::Way::Failing;
  const Opened opened = on.a.open("file", {.access = both});
  CHECK(opened.status == NFS4_OK);
  CHECK(opened.delegation == OPEN_DELEGATE_NONE);
  CHECK(on.server.callbacks.delegations().size() == 0);
  CHECK(on.records.empty());
  Reading3 reading(on.server.world, on.file3);
  REQUIRE(reading.result);
  CHECK(reading.result->status == nfsstat3::NFS3_OK);
}

TEST_CASE("after a restart version 3 and I/O without an open wait where a delegation to write may be reclaimed") {
  Promised on;
  REQUIRE(on.a.open("file", {.access = both}).delegation == OPEN_DELEGATE_WRITE);
  on.server.restart();
  Reading3 impatient(on.server.world, on.file3);
  CHECK_FALSE(impatient.result);
  on.server.wait_seconds(1);
  REQUIRE(impatient.result);
  CHECK(impatient.result->status == nfsstat3::NFS3ERR_JUKEBOX);
  on.b.come_back(on.server);
  CHECK(on.b.read(on.file, anonymous) == NFS4ERR_GRACE);

  on.a.come_back(on.server);
  const Opened again = on.reclaim(OPEN_DELEGATE_WRITE);
  REQUIRE(again.status == NFS4_OK);
  REQUIRE(again.delegation == OPEN_DELEGATE_WRITE);
  REQUIRE(on.records.size() == 1);
  CHECK(on.records[0].incarnation == 2);
  CHECK(on.a.write(on.file, again.delegated) == NFS4_OK);
  REQUIRE(on.a.reclaim_complete() == NFS4_OK);
  // From now on it is recalled as any.
  Reading3 reading(on.server.world, on.file3);
  CHECK_FALSE(reading.result);
  REQUIRE_FALSE(on.a.back.calls.empty());
  CHECK(on.a.back.calls.back().recall.stateid == again.delegated);
  CHECK(on.give_back(again.delegated) == NFS4_OK);
  on.server.turn();
  REQUIRE(reading.result);
  CHECK(reading.result->status == nfsstat3::NFS3_OK);
  CHECK(on.records.empty());
}

TEST_CASE("what was not reclaimed of delegations keeps nobody waiting when grace is over") {
  Promised on;
  REQUIRE(on.a.open("file", {.access = both}).delegation == OPEN_DELEGATE_WRITE);
  on.server.restart();
  on.a.come_back(on.server);
  REQUIRE(on.reclaim(OPEN_DELEGATE_NONE).status == NFS4_OK);
  CHECK(on.records.size() == 1);
  REQUIRE(on.a.reclaim_complete() == NFS4_OK);
  CHECK(on.records.empty());
  Reading3 reading(on.server.world, on.file3);
  REQUIRE(reading.result);
  CHECK(reading.result->status == nfsstat3::NFS3_OK);
}
