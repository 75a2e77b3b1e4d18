// LOCK, NM_LOCK, UNLOCK and TEST, without waiting.
#include <limits>

#include "gate/operation.hpp"
#include "lock_world.hpp"
#include "nfs/nlm/administer.hpp"
#include "vfs/filehandle.hpp"

using namespace ditto;
using namespace ditto::test;
using enum nlm::nlm4_stats;

namespace {
const Who a{"a", 1}, a2{"a", 2}, b{"b", 1};
}

TEST_CASE("LOCK keeps others away, and UNLOCK lets them in") {
  LockWorld world;
  CHECK(world.lock(a) == NLM4_GRANTED);
  CHECK(world.lock(a) == NLM4_GRANTED);  // sent again
  CHECK(world.lock(a2) == NLM4_DENIED);
  CHECK(world.lock(b) == NLM4_DENIED);
  CHECK(world.unlock(b) == NLM4_GRANTED);  // it held nothing
  CHECK(world.lock(b) == NLM4_DENIED);
  CHECK(world.unlock(a) == NLM4_GRANTED);
  CHECK(world.lock(b) == NLM4_GRANTED);
}

TEST_CASE("LOCK: the same name from another address is another host") {
  LockWorld world;
  CHECK(world.lock(a) == NLM4_GRANTED);
  world.peer = peer_of({192, 0, 2, 7});
  CHECK(world.lock(a) == NLM4_DENIED);
  CHECK(world.unlock(a) == NLM4_GRANTED);
  CHECK(world.lock(a) == NLM4_DENIED);
}

TEST_CASE("LOCK: shared locks and ranges, by POSIX's rules") {
  LockWorld world;
  CHECK(world.lock(a, {0, 10}, false) == NLM4_GRANTED);
  CHECK(world.lock(b, {5, 10}, false) == NLM4_GRANTED);
  CHECK(world.lock(b, {0, 1}) == NLM4_DENIED);
  CHECK(world.lock(b, {10, 0}) == NLM4_GRANTED);  // to the end
  CHECK(world.lock(a, {1'000'000'000'000, 1}) == NLM4_DENIED);
  CHECK(world.unlock(b, {100, 100}) == NLM4_GRANTED);
  CHECK(world.is_free({100, 100}));
  CHECK_FALSE(world.is_free({200, 1}));
}

TEST_CASE("TEST names who is in the way") {
  LockWorld world;
  CHECK(world.test(a).stat.stat == NLM4_GRANTED);
  CHECK(world.lock(a, {100, 0}) == NLM4_GRANTED);
  CHECK(world.test(a, {100, 5}).stat.stat == NLM4_GRANTED);
  CHECK(world.test(b, {0, 100}).stat.stat == NLM4_GRANTED);
  const auto met = world.test(b, {150, 1}, false);
  CHECK(met.cookie == LockWorld::cookie());
  REQUIRE(met.stat.stat == NLM4_DENIED);
  CHECK(met.stat.holder.exclusive);
  CHECK(met.stat.holder.svid == 1);
  CHECK(ditto::text_of(met.stat.holder.oh.bytes()) == "1@a");
  CHECK(met.stat.holder.l_offset == 100);
  CHECK(met.stat.holder.l_len == 0);
  CHECK(world.nlm.hosts.owners() == 1);  // asking makes nobody an owner
}

TEST_CASE("LOCK, TEST, UNLOCK and CANCEL of what cannot be locked") {
  LockWorld world;
  const auto all = [&](nlm::nlm4_stats status) {
    CHECK(world.lock(a) == status);
    CHECK(world.test(a).stat.stat == status);
  };
  for (const BadHandle& bad : bad_handles(world)) {
    INFO(bad.why);
    world.file = bad.handle;
    all(NLM4_STALE_FH);
    if (bad.why != "a removed file") {
      CHECK(world.unlock(a) == NLM4_STALE_FH);
      CHECK(world.cancel(a) == NLM4_STALE_FH);
    }
  }
  world.file = world.root();
  all(NLM4_FAILED);
  world.file = world.make_file(world.root(), "f", 0600);
  CHECK(world.lock(a, {std::numeric_limits<std::uint64_t>::max(), 2}) == NLM4_FBIG);
  CHECK(world.test(a, {2, std::numeric_limits<std::uint64_t>::max() - 1}).stat.stat == NLM4_FBIG);
  world.become(1000, 1000);
  all(NLM4_FAILED);
  CHECK(world.nlm.hosts.owners() == 0);
}

TEST_CASE("LOCK in a read-only share is for readers") {
  LockWorld world;
  world.add_share(12, "readonly", {.squash = gate::Squash::None, .read_only = true});
  world.file = world.through("readonly", world.file);
  CHECK(world.lock(a) == NLM4_ROFS);
  CHECK(world.lock(a, {}, false) == NLM4_GRANTED);
}

TEST_CASE("LOCK in the grace period gives back what was held, and nothing new") {
  LockWorld world;
  auto reclaim = world.lock_args(a, {0, 10});
  reclaim.reclaim = true;
  CHECK(world.run_lock(reclaim) == NLM4_DENIED_GRACE_PERIOD);  // too late
  world.await({"a", "b"});
  CHECK(world.lock(b) == NLM4_DENIED_GRACE_PERIOD);
  CHECK(world.test(b).stat.stat == NLM4_DENIED_GRACE_PERIOD);
  CHECK(world.cancel(b) == NLM4_DENIED_GRACE_PERIOD);
  CHECK(world.run_lock(reclaim) == NLM4_GRANTED);
  reclaim = world.lock_args(b, {5, 10});
  reclaim.reclaim = reclaim.block = true;
  CHECK(world.run_lock(reclaim) == NLM4_DENIED);  // nobody waits to get something back
  CHECK(world.unlock(a, {0, 5}) == NLM4_GRANTED);
  world.end_grace();
  CHECK(world.lock(b, {0, 5}) == NLM4_GRANTED);
  CHECK(world.lock(b, {5, 5}) == NLM4_DENIED);
}

TEST_CASE("LOCK and UNLOCK have a limit on the ranges of a host") {
  LockWorld world;
  world.shares.coordinator().files().lock_counts().set_limit(2);
  CHECK(world.lock({"a", 1}, {0, 10}) == NLM4_GRANTED);
  CHECK(world.lock({"a", 2}, {20, 10}) == NLM4_GRANTED);
  CHECK(world.lock({"a", 2}, {40, 10}) == NLM4_DENIED_NOLOCKS);
  CHECK(world.unlock({"a", 1}, {5, 1}) == NLM4_DENIED_NOLOCKS);  // one would become two
  CHECK(world.lock({"b", 1}, {40, 10}) == NLM4_GRANTED);
  CHECK(world.unlock({"a", 1}, {0, 10}) == NLM4_GRANTED);
  CHECK(world.lock({"a", 2}, {60, 10}) == NLM4_GRANTED);
}

TEST_CASE("LOCK has limits on hosts, owners and files") {
  LockWorld world({.hosts = 2, .owners_of_a_host = 2, .places_of_a_host = 2});
  CHECK(world.lock({"a", 1}, {0, 1}) == NLM4_GRANTED);
  CHECK(world.lock({"a", 2}, {1, 1}) == NLM4_GRANTED);
  CHECK(world.lock({"a", 3}, {2, 1}) == NLM4_DENIED_NOLOCKS);
  CHECK(world.lock({"b", 1}, {3, 1}) == NLM4_GRANTED);
  CHECK(world.lock({"c", 1}, {4, 1}) == NLM4_DENIED_NOLOCKS);
  CHECK(world.unlock({"b", 1}, {3, 1}) == NLM4_GRANTED);
  CHECK(world.lock({"c", 1}, {4, 1}) == NLM4_GRANTED);  // who holds nothing gives way
  const nfs_fh3 first = world.file;
  world.file = world.make_file(world.root(), "second", 0666);
  CHECK(world.lock({"a", 1}) == NLM4_DENIED_NOLOCKS);
  world.file = first;
  CHECK(world.unlock({"a", 1}) == NLM4_GRANTED);
  CHECK(world.unlock({"a", 2}) == NLM4_GRANTED);
  CHECK(world.lock({"a", 3}, {2, 1}) == NLM4_GRANTED);
  CHECK(world.nlm.hosts.owners() == 2);
}

TEST_CASE("LOCK has a host monitored, and NM_LOCK does not") {
  LockWorld world;
  CHECK(world.call_on(world.nlm, &nlm::nm_lock, world.lock_args(a, {0, 1})).stat == NLM4_GRANTED);
  CHECK(world.monitored.size() == 0);
  CHECK(world.call_on(world.nlm, &nlm::nm_lock, world.lock_args(b, {0, 1}, true, true)).stat == NLM4_DENIED);
  CHECK(world.nlm.blocks.size() == 0);
  CHECK(world.lock(b, {5, 1}) == NLM4_GRANTED);
  CHECK(world.monitored.has({"b", world.peer.address}));
  REQUIRE(world.keeper.load()->peers.size() == 1);
  CHECK(world.keeper.load()->peers[0].name == "b");
  CHECK(world.keeper.load()->state == 1);
}

TEST_CASE("FREE_ALL takes all that a host holds, and nothing of another's") {
  LockWorld world;
  CHECK(world.lock(a, {0, 1}) == NLM4_GRANTED);
  CHECK(world.lock(a2, {1, 1}) == NLM4_GRANTED);
  CHECK(world.lock(b, {2, 1}) == NLM4_GRANTED);
  const nlm::nlm4_notify gone{nlm::name::copy_of("a"), 0};
  const rpc::Peer here = world.peer;
  world.peer = peer_of({192, 0, 2, 7});
  world.call_on(world.nlm, &nlm::free_all, gone);
  CHECK_FALSE(world.is_free({0, 2}));
  world.peer = here;
  world.call_on(world.nlm, &nlm::free_all, gone);
  CHECK(world.is_free({0, 2}));
  CHECK_FALSE(world.is_free({2, 1}));
}

TEST_CASE("LOCK: another protocol's locks count, and have no name") {
  LockWorld world;
  CHECK(world.lock(b, {50, 1}) == NLM4_GRANTED);
  const auto located = vfs::Filehandle::parse(world.file.data.bytes());
  state::Effects effects;
  world.shares.coordinator().files().with(gate::file_key(*world.fs, located->node), [&](state::FileState& state) {
    const state::LockOwner smb{state::LockRules::Smb, world.shares.coordinator().new_id(), 77};
    CHECK(state.lock({.lock = {{0, 9}, state::LockKind::Exclusive, smb}}, 0, effects).kind ==
          state::LockOutcome::Kind::Granted);
  });
  CHECK(world.lock(a, {0, 1}) == NLM4_DENIED);
  const auto met = world.test(a, {0, 1});
  CHECK(met.stat.stat == NLM4_DENIED);
  CHECK(met.stat.holder.oh.empty());
}

TEST_CASE("an administrator sees hosts and what they hold, and takes it") {
  LockWorld world;
  CHECK(world.lock(a, {0, 10}) == NLM4_GRANTED);
  CHECK(world.lock(a2, {20, 10}) == NLM4_GRANTED);
  const auto hosts = world.nlm.hosts.list();
  REQUIRE(hosts.size() == 1);
  CHECK(hosts[0].name.name == "a");
  CHECK(hosts[0].owners == 2);
  CHECK(hosts[0].files == 2);
  const auto located = vfs::Filehandle::parse(world.file.data.bytes());
  REQUIRE(located);
  std::optional<state::LockOwner> first;
  world.shares.coordinator().files().with(gate::file_key(*world.fs, located->node), [&](state::FileState& state) {
    first = state.locks().table().all().front().owner;
  });
  REQUIRE(first);
  CHECK_FALSE(nlm::take_locks(world.nlm, *first, located->node.inode + 1));
  CHECK_FALSE(nlm::take_locks(world.nlm, {first->rules, first->client, first->number + 100}, located->node.inode));
  CHECK(nlm::take_locks(world.nlm, *first, located->node.inode));
  CHECK(world.lock(b, {0, 10}) == NLM4_GRANTED);
  CHECK(world.lock(b, {20, 1}) == NLM4_DENIED);
  CHECK_FALSE(nlm::take_host(world.nlm, hosts[0].client + 1000));
  CHECK(nlm::take_host(world.nlm, hosts[0].client));
  CHECK(world.lock(b, {20, 1}) == NLM4_GRANTED);
  CHECK_FALSE(nlm::take_host(world.nlm, hosts[0].client));
}
