// One grace for every protocol: what NFSv4 clients and NLM hosts make each other wait for after a restart.
#include <optional>
#include <string>
#include <vector>

#include "nfs/nlm/procedures.hpp"
#include "ops/nfs4/holder.hpp"
#include "rpc/memory_dialer.hpp"
#include "support/manual_alarms.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using nlm::nlm4_stats;
using enum nlm::nlm4_stats;

namespace {

/// The lock manager beside NFSv4, over one server.
struct LockManager {
  explicit LockManager(Server& over)
      : server(over), file3(world().make_file(world().root(), "file", 0666, "contents")) {
    REQUIRE(monitored.start());
    start();
  }
  /// Over the server as it is now.
  void start() { nlm.emplace(world().shares, outside, monitored); }
  void restart() {
    nlm.reset();
    server.restart();
    start();
  }
  World& world() const { return server.world; }

  Server& server;
  ManualAlarms alarms{world().clock};
  MemoryDialer dialer;
  nfs::Outside outside{dialer, world().loop, alarms, "server"};
  nsm::MemoryKeeper kept;
  nsm::Monitored monitored{kept};
  std::optional<nlm::Service> nlm;
  nfs_fh3 file3;

  nlm4_stats lock(std::string_view host, bool reclaim = false) {
    nlm::nlm4_lockargs args{.exclusive = true, .reclaim = reclaim, .state = 3};
    args.alock.caller_name = nlm::name::copy_of(host);
    args.alock.fh = nlm::netobj::copy_of(file3.data.bytes());
    args.alock.oh = nlm::netobj::copy_of(bytes_of(host));
    args.alock.svid = 1;
    args.alock.l_len = 10;
    world().version = 4;
    return world().call_on(*nlm, &nlm::lock, args).stat;
  }
  nlm4_stats share(std::string_view host, nlm::fsh4_mode denied, bool reclaim = false) {
    return world().call_on(*nlm, &nlm::share, share_of(host, denied, reclaim)).stat;
  }
  nlm4_stats unshare(std::string_view host) {
    return world().call_on(*nlm, &nlm::unshare, share_of(host, nlm::fsh4_mode::fsm_DN, false)).stat;
  }
  nlm::nlm4_shareargs share_of(std::string_view host, nlm::fsh4_mode denied, bool reclaim) const {
    nlm::nlm4_shareargs args{.reclaim = reclaim};
    args.share.caller_name = nlm::name::copy_of(host);
    args.share.fh = nlm::netobj::copy_of(file3.data.bytes());
    args.share.oh = nlm::netobj::copy_of(bytes_of("oh"));
    args.share.access = nlm::fsh4_access::fsa_R;
    args.share.mode = denied;
    return args;
  }
  void await(std::string host) {
    const std::vector<std::string> hosts{std::move(host)};
    world().shares.coordinator().grace().await_hosts(hosts, world().clock.monotonic_ns(), 45 * state::one_second);
  }
};

const Asked reclaiming{.access = OPEN4_SHARE_ACCESS_BOTH, .claim = claim(open_claim_type4::CLAIM_PREVIOUS)};

void come_back(Holder& client, Server& server) {
  client.use(server);
  client.introduce();
}

}  // namespace

TEST_CASE("while an NLM host may get back its locks, NFSv4 grants nothing new") {
  for_both_holders([](Server& server, Holder& client) {
    LockManager locks(server);
    REQUIRE(client.open("file").status == NFS4_OK);
    locks.await("host");
    CHECK(client.open("file", {.owner = "new"}).status == NFS4ERR_GRACE);
    CHECK(client.test(same_handle(locks.file3), {0, 1}).status == NFS4ERR_GRACE);
    CHECK(locks.lock("stranger") == NLM4_DENIED_GRACE_PERIOD);
    CHECK(locks.lock("stranger", true) == NLM4_DENIED_GRACE_PERIOD);
    CHECK(locks.lock("host", true) == NLM4_GRANTED);
    server.wait_seconds(44);
    CHECK(client.open("file", {.owner = "new"}).status == NFS4ERR_GRACE);
    server.wait_seconds(1);
    CHECK(locks.lock("host", true) == NLM4_DENIED_GRACE_PERIOD);
    const Opened opened = client.open("file", {.owner = "new", .access = OPEN4_SHARE_ACCESS_BOTH});
    REQUIRE(opened.status == NFS4_OK);
    CHECK(client.lock(opened, {0, 1}).status == NFS4ERR_DENIED);
  });
}

TEST_CASE("while an NFSv4 client may reclaim, NLM grants nothing, and then what is left") {
  for_both_holders([](Server& server, Holder& client) {
    LockManager locks(server);
    const Opened opened = client.open("file", {.access = OPEN4_SHARE_ACCESS_BOTH});
    REQUIRE(client.lock(opened, {0, 10}).status == NFS4_OK);
    locks.restart();
    CHECK(locks.lock("host") == NLM4_DENIED_GRACE_PERIOD);
    CHECK(locks.lock("host", true) == NLM4_DENIED_GRACE_PERIOD);  // it is not known to have held anything
    come_back(client, server);
    const Opened again = client.open("file", reclaiming);
    REQUIRE(again.status == NFS4_OK);
    REQUIRE(client.lock(again, {0, 10, nfs_lock_type4::WRITE_LT, true}).status == NFS4_OK);
    if (client.minor == 0) {
      server.wait_seconds(Server::lease_seconds - 1);
      CHECK(locks.lock("host") == NLM4_DENIED_GRACE_PERIOD);
      REQUIRE(client.read(again.handle, again.stateid) == NFS4_OK);
      server.wait_seconds(1);
    } else {
      REQUIRE(client.reclaim_complete() == NFS4_OK);
    }
    CHECK(locks.lock("host") == NLM4_DENIED);
    REQUIRE(client.close(again).status == NFS4_OK);
    CHECK(locks.lock("host") == NLM4_GRANTED);
  });
}

TEST_CASE("RECLAIM_COMPLETE of all does not end grace for NLM hosts") {
  Server server;
  LockManager locks(server);
  Holder client(server, 1);
  REQUIRE(client.open("file").status == NFS4_OK);
  locks.restart();
  locks.await("host");
  come_back(client, server);
  REQUIRE(client.open("file", reclaiming).status == NFS4_OK);
  REQUIRE(client.reclaim_complete() == NFS4_OK);
  CHECK(client.open("file", {.owner = "new"}).status == NFS4ERR_GRACE);
  CHECK(locks.lock("host", true) == NLM4_GRANTED);
  server.wait_seconds(45);
  CHECK(client.open("file", {.owner = "new"}).status == NFS4_OK);
}

TEST_CASE("SHARE that denies something is on record, and its host is awaited for that") {
  using enum nlm::fsh4_mode;
  Server server;
  LockManager locks(server);
  const auto& objects = server.records.kept.objects;
  CHECK(locks.share("host", fsm_DN) == NLM4_GRANTED);
  CHECK(objects.empty());
  CHECK(locks.share("host", fsm_DW) == NLM4_GRANTED);
  REQUIRE(objects.size() == 1);
  CHECK(objects[0].who == state::Claimant{{state::Protocol::Nlm, "host"}, "oh"});
  CHECK(locks.unshare("host") == NLM4_GRANTED);
  CHECK(objects.empty());
  CHECK(locks.share("host", fsm_DW) == NLM4_GRANTED);

  locks.restart();
  Holder client(server, 1);
  CHECK(client.write(same_handle(locks.file3), anonymous) == NFS4ERR_GRACE);
  CHECK(client.open("file").status == NFS4ERR_GRACE);
  CHECK(locks.share("other", fsm_DW, true) == NLM4_DENIED_GRACE_PERIOD);
  CHECK(locks.share("host", fsm_DRW, true) == NLM4_DENIED);
  CHECK(locks.share("host", fsm_DW, true) == NLM4_GRANTED);
  CHECK(client.write(same_handle(locks.file3), anonymous) == NFS4ERR_LOCKED);
  CHECK(objects.size() == 1);
  server.wait_seconds(Server::lease_seconds - 1);
  REQUIRE(client.status(Ops().root()) == NFS4_OK);
  server.wait_seconds(1);
  CHECK(client.open("file", {.access = OPEN4_SHARE_ACCESS_WRITE}).status == NFS4ERR_SHARE_DENIED);
  CHECK(objects.size() == 1);
}

TEST_CASE("SHARE whose record cannot be made durable fails, and leaves nothing") {
  using enum nlm::fsh4_mode;
  Server server;
  LockManager locks(server);
  server.records.way = KeptRecords::Way::Failing;
  CHECK(locks.share("host", fsm_DW) == NLM4_FAILED);
  server.records.way = KeptRecords::Way::AtOnce;
  CHECK(server.records.kept.objects.empty());
  Holder client(server, 1);
  CHECK(client.open("file", {.access = OPEN4_SHARE_ACCESS_WRITE}).status == NFS4_OK);
}

TEST_CASE("Keeper says whom grace waits for") {
  Server server;
  LockManager locks(server);
  Holder old(server, 0, "old"), fresh(server, 1, "fresh");
  REQUIRE(old.open("file").status == NFS4_OK);
  REQUIRE(fresh.open("file").status == NFS4_OK);
  CHECK(server.keeper->coordinator().grace().awaited().empty());
  locks.restart();
  locks.await("host");
  const state::Moment now = server.world.clock.monotonic_ns();
  using enum state::Protocol;
  using Waits = std::vector<state::Awaited>;
  CHECK(server.keeper->coordinator().grace().awaited() ==
        Waits{{{Nfs40, "old"}, now, false}, {{Nfs41, "fresh"}, now, false}, {{Nlm, "host"}, now, false}});
  come_back(fresh, server);
  REQUIRE(fresh.open("file", reclaiming).status == NFS4_OK);
  CHECK(server.keeper->coordinator().grace().awaited() ==
        Waits{{{Nfs40, "old"}, now, false}, {{Nfs41, "fresh"}, now, true}, {{Nlm, "host"}, now, false}});
  REQUIRE(fresh.reclaim_complete() == NFS4_OK);
  CHECK(server.keeper->coordinator().grace().awaited() ==
        Waits{{{Nfs40, "old"}, now, false}, {{Nlm, "host"}, now, false}});
  server.wait_seconds(Server::lease_seconds);
  CHECK(server.keeper->coordinator().grace().awaited().empty());
}

TEST_CASE("RECLAIM_COMPLETE that cannot be written is not answered as if it were") {
  for (const std::uint32_t minor : {1U, 2U}) {
    Server server;
    LockManager locks(server);
    Holder client(server, minor);
    REQUIRE(client.open("file").status == NFS4_OK);
    locks.restart();
    come_back(client, server);
    REQUIRE(client.open("file", reclaiming).status == NFS4_OK);
    server.records.way = KeptRecords::Way::Failing;
    CHECK(client.reclaim_complete() == NFS4ERR_DELAY);
    server.records.way = KeptRecords::Way::AtOnce;
    CHECK(client.open("file", {.owner = "new"}).status == NFS4ERR_GRACE);
    CHECK(client.reclaim_complete() == NFS4_OK);
    CHECK(client.reclaim_complete() == NFS4ERR_COMPLETE_ALREADY);
    REQUIRE(client.open("file", {.owner = "new"}).status == NFS4_OK);

    locks.restart();
    come_back(client, server);
    CHECK(client.open("file", {.owner = "new", .claim = reclaiming.claim}).status == NFS4_OK);
  }
}
