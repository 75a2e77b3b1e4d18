// What an administrator takes from clients: their stateids say ADMIN_REVOKED until they are freed, SEQUENCE says so,
// and others get what was taken (RFC 8881, 8.5 and 18.46.3).
#include "nfs/v4/keeper.hpp"
#include "ops/nfs4/holder.hpp"
#include "state/listing.hpp"
#include "vfs/filehandle.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {

using Taken = Keeper::Taken;
const Asked all_for_myself{.access = OPEN4_SHARE_ACCESS_BOTH, .deny = OPEN4_SHARE_DENY_BOTH};

Detached drive(Task<Taken> task, std::optional<Taken>& taken) { taken = co_await task; }

Taken take(Server& server, const Keeper::ToTake& what) {
  std::optional<Taken> taken;
  drive(server.keeper->take(server.world.loop, what), taken);
  server.world.turn();
  REQUIRE(taken);
  return *taken;
}

void make_file(Server& server, std::string_view name) {
  server.world.make_file(server.world.root(), name, 0666, "contents");
}

/// As the files know it.
state::OpenId only_open(Server& server) {
  for (const state::HeldRow& row : list_held(server.world.shares.coordinator().files(), 10).listed) {
    if (const auto* open = std::get_if<state::Open>(&row.what)) return open->id;
  }
  return 0;
}

std::optional<state::ByteLock> only_lock(Server& server) {
  for (const state::HeldRow& row : list_held(server.world.shares.coordinator().files(), 10).listed) {
    if (const auto* lock = std::get_if<state::ByteLock>(&row.what)) return *lock;
  }
  return std::nullopt;
}

std::uint32_t flags_of(Holder& client) {
  SEQUENCE4args args = client.sequence;
  ++args.sa_sequenceid;
  const auto result = client.run_plain(Ops().add(OP_SEQUENCE, args)).next<SEQUENCE4res>(OP_SEQUENCE);
  REQUIRE(result.status == NFS4_OK);
  client.sequence = args;
  return result.resok4.sr_status_flags;
}

nfsstat4 free_stateid(Holder& client, const stateid4& stateid) {
  return client.status(Ops().add(OP_FREE_STATEID, FREE_STATEID4args{stateid}));
}

}  // namespace

TEST_CASE("an open that an administrator takes is ADMIN_REVOKED, and another gets the file") {
  for_both_holders([](Server& server, Holder& client) {
    make_file(server, "file");
    Holder other(server, client.minor == 0 ? 1 : 0, "other");
    const Opened opened = client.open("file", all_for_myself);
    REQUIRE(opened.status == NFS4_OK);
    REQUIRE(client.lock(opened, {0, 10}).status == NFS4_OK);
    CHECK(other.open("file", all_for_myself).status == NFS4ERR_SHARE_DENIED);
    CHECK(take(server, {.client = client.id, .open = only_open(server) + 77}).outcome == Taken::Outcome::Unknown);
    const Taken taken = take(server, {.client = client.id, .open = only_open(server)});
    CHECK(taken.outcome == Taken::Outcome::Done);
    CHECK(taken.opens == 1);
    CHECK(taken.locks == 1);
    CHECK(client.read(opened.handle, opened.stateid) == NFS4ERR_ADMIN_REVOKED);
    CHECK(client.write(opened.handle, opened.stateid) == NFS4ERR_ADMIN_REVOKED);
    const Opened got = other.open("file", all_for_myself);
    CHECK(got.status == NFS4_OK);
    CHECK(client.close(opened).status == NFS4ERR_ADMIN_REVOKED);
    CHECK(other.close(got).status == NFS4_OK);
    // The client may have it anew.
    const Opened again = client.open("file", all_for_myself);
    CHECK(again.status == NFS4_OK);
    CHECK(client.read(again.handle, again.stateid) == NFS4_OK);
    CHECK(client.close(again).status == NFS4_OK);
  });
}

TEST_CASE("SEQUENCE says that something was taken until the client has freed it, and its record as long") {
  Server server;
  Holder client(server, 1);
  make_file(server, "file");
  const Opened opened = client.open("file", all_for_myself);
  const Locked locked = client.lock(opened, {0, 10});
  REQUIRE(locked.status == NFS4_OK);
  CHECK((flags_of(client) & SEQ4_STATUS_ADMIN_STATE_REVOKED) == 0);
  CHECK(take(server, {.client = client.id}).opens == 1);
  REQUIRE(server.records.kept.clients.size() == 1);
  CHECK(server.records.kept.clients[0].revoked);
  CHECK((flags_of(client) & SEQ4_STATUS_ADMIN_STATE_REVOKED) != 0);
  CHECK(free_stateid(client, locked.stateid) == NFS4_OK);
  CHECK((flags_of(client) & SEQ4_STATUS_ADMIN_STATE_REVOKED) != 0);
  CHECK(free_stateid(client, opened.stateid) == NFS4_OK);
  CHECK((flags_of(client) & SEQ4_STATUS_ADMIN_STATE_REVOKED) == 0);
  CHECK_FALSE(server.records.kept.clients[0].revoked);
  CHECK(client.read(opened.handle, opened.stateid) == NFS4ERR_BAD_STATEID);
  // Nothing is counted that is not there.
  const auto known = server.keeper->clients().client(client.id);
  CHECK_FALSE(known->has_state());
}

TEST_CASE("an open frees the locks that were taken with it") {
  Server server;
  Holder client(server, 1);
  make_file(server, "file");
  const Opened opened = client.open("file", all_for_myself);
  REQUIRE(client.lock(opened, {0, 10}).status == NFS4_OK);
  take(server, {.client = client.id});
  CHECK(free_stateid(client, opened.stateid) == NFS4_OK);
  CHECK((flags_of(client) & SEQ4_STATUS_ADMIN_STATE_REVOKED) == 0);
  CHECK_FALSE(server.keeper->clients().client(client.id)->has_state());
}

TEST_CASE("locks that an administrator takes go to others, and the open stays") {
  for_both_holders([](Server& server, Holder& client) {
    make_file(server, "file");
    Holder other(server, client.minor, "other");
    const Opened opened = client.open("file", {.access = OPEN4_SHARE_ACCESS_BOTH});
    const Locked locked = client.lock(opened, {0, 10});
    REQUIRE(locked.status == NFS4_OK);
    const Opened theirs = other.open("file", {.access = OPEN4_SHARE_ACCESS_BOTH});
    CHECK(other.lock(theirs, {5, 1}).status == NFS4ERR_DENIED);
    const auto lock = only_lock(server);
    REQUIRE(lock);
    const std::uint64_t inode = vfs::Filehandle::parse(opened.handle.bytes())->node.inode;
    const Keeper::ToTake what{.client = client.id, .lock_owner = lock->owner.number, .inode = inode};
    CHECK(take(server, what).locks == 1);
    CHECK(take(server, what).outcome == Taken::Outcome::Unknown);
    CHECK(other.lock(theirs, {5, 1}).status == NFS4_OK);
    CHECK(client.relock(opened, locked.stateid, {20, 1}).status == NFS4ERR_ADMIN_REVOKED);
    CHECK(client.read(opened.handle, opened.stateid) == NFS4_OK);
  });
}

TEST_CASE("who waits for a lock that is taken gets it") {
  Server server;
  Holder client(server, 1), other(server, 1, "other");
  make_file(server, "file");
  const Opened opened = client.open("file", {.access = OPEN4_SHARE_ACCESS_BOTH}),
               theirs = other.open("file", {.access = OPEN4_SHARE_ACCESS_BOTH});
  REQUIRE(client.lock(opened, {0, 10}).status == NFS4_OK);
  REQUIRE(other.lock(theirs, {0, 10, nfs_lock_type4::WRITEW_LT}).status == NFS4ERR_DENIED);
  const auto waiting = list_waiting(server.world.shares.coordinator().files(), 10);
  REQUIRE(waiting.count == 1);
  CHECK(waiting.listed[0].client == other.id);
  take(server, {.client = client.id});
  CHECK(list_waiting(server.world.shares.coordinator().files(), 10).listed[0].kept);
  CHECK(other.lock(theirs, {0, 10, nfs_lock_type4::WRITEW_LT}).status == NFS4_OK);
}

TEST_CASE("after a restart nothing that was taken is reclaimed") {
  for_both_holders([](Server& server, Holder& client) {
    make_file(server, "file");
    REQUIRE(client.open("file", all_for_myself).status == NFS4_OK);
    take(server, {.client = client.id});
    server.restart();
    client.use(server);
    client.introduce();
    client.numbers.clear();
    const Opened reclaimed =
        client.open("file", {.access = OPEN4_SHARE_ACCESS_BOTH, .claim = claim(open_claim_type4::CLAIM_PREVIOUS)});
    CHECK((reclaimed.status == NFS4ERR_NO_GRACE || reclaimed.status == NFS4ERR_RECLAIM_BAD));
  });
}

TEST_CASE("a client that is not there, or holds nothing") {
  Server server;
  Holder client(server, 1);
  CHECK(take(server, {.client = client.id + 5}).outcome == Taken::Outcome::Unknown);
  CHECK(take(server, {.client = client.id, .open = 3}).outcome == Taken::Outcome::Unknown);
  const Taken nothing = take(server, {.client = client.id});
  CHECK(nothing.outcome == Taken::Outcome::Done);
  CHECK(nothing.opens == 0);
}
