// The status monitor: who started anew, and who is told.
#include "lock_world.hpp"

using namespace ditto;
using namespace ditto::test;
using enum nlm::nlm4_stats;
using nsm::res;

namespace {

const Who a{"a", 1}, b{"b", 1};

void notify(LockWorld& world, std::string_view name, std::int32_t state) {
  world.call_on(world.nsm, &nsm::notify, {nsm::string::copy_of(name), state});
}
nsm::mon_id id_of(std::string_view host) {
  return {nsm::string::copy_of(host), {nsm::string::copy_of("localhost"), 200'000, 1, 16}};
}
struct nsm::mon mon_of(std::string_view host) {
  struct nsm::mon wanted{.mon_id = id_of(host)};
  wanted.priv[3] = std::byte{9};
  return wanted;
}

}  // namespace

TEST_CASE("NOTIFY by a host that started anew frees what it held") {
  LockWorld world;
  CHECK(world.lock(a, {0, 1}) == NLM4_GRANTED);
  CHECK(world.lock(b, {1, 1}) == NLM4_GRANTED);
  const rpc::Peer here = world.peer;
  world.peer = peer_of({192, 0, 2, 7});
  notify(world, "a", 5);
  CHECK_FALSE(world.is_free({0, 1}));  // somebody else says so
  world.peer = here;
  notify(world, "c", 5);
  CHECK_FALSE(world.is_free({0, 1}));
  notify(world, "A.example.org", 5);
  CHECK(world.is_free({0, 1}));
  CHECK_FALSE(world.is_free({1, 1}));
}

TEST_CASE("NOTIFY that comes late, or again, leaves what was locked since") {
  LockWorld world;
  CHECK(world.lock(a, {0, 1}) == NLM4_GRANTED);
  world.state = 5;
  CHECK(world.lock({"a", 2}, {1, 1}) == NLM4_GRANTED);
  notify(world, "a", 5);
  CHECK(world.is_free({0, 1}));
  CHECK_FALSE(world.is_free({1, 1}));
  notify(world, "a", 5);
  CHECK_FALSE(world.is_free({1, 1}));
  notify(world, "a", 7);
  CHECK(world.is_free({1, 1}));
}

TEST_CASE("same_host: short names and full ones") {
  CHECK(nsm::same_host("a", "A"));
  CHECK(nsm::same_host("a", "a.example.org"));
  CHECK_FALSE(nsm::same_host("a.example.com", "a.example.org"));
  CHECK_FALSE(nsm::same_host("198.18.1.2", "198.18.1.3"));
  CHECK_FALSE(nsm::same_host("ab", "a.example.org"));
}

TEST_CASE("NULL, STAT, MON, UNMON and UNMON_ALL are for programs of this machine") {
  LockWorld world;
  world.call_on(world.nsm, &nsm::null);
  CHECK(world.call_on(world.nsm, &nsm::stat, {nsm::string::copy_of("a")}).res_stat == res::stat_succ);
  CHECK(world.call_on(world.nsm, &nsm::stat, {}).res_stat == res::stat_fail);
  const auto monitored = world.call_on(world.nsm, &nsm::mon, mon_of("a"));
  CHECK(monitored.res_stat == res::stat_succ);
  CHECK(monitored.state == 1);
  CHECK(world.nsm.watchers.of("a").size() == 1);
  CHECK(world.call_on(world.nsm, &nsm::mon, mon_of("a")).res_stat == res::stat_succ);
  CHECK(world.nsm.watchers.of("a").size() == 1);
  CHECK(world.call_on(world.nsm, &nsm::mon, mon_of("b")).res_stat == res::stat_succ);
  CHECK(world.call_on(world.nsm, &nsm::unmon, id_of("a")).state == 1);
  CHECK(world.nsm.watchers.of("a").empty());
  CHECK(world.nsm.watchers.of("b").size() == 1);

  world.peer = peer_of({192, 0, 2, 7});
  CHECK(world.call_on(world.nsm, &nsm::stat, {nsm::string::copy_of("a")}).res_stat == res::stat_fail);
  CHECK(world.call_on(world.nsm, &nsm::mon, mon_of("a")).res_stat == res::stat_fail);
  world.call_on(world.nsm, &nsm::unmon, id_of("b"));
  world.call_on(world.nsm, &nsm::unmon_all, id_of("b").my_id);
  CHECK(world.nsm.watchers.of("b").size() == 1);
  world.peer = peer_of({127, 0, 0, 1});
  CHECK(world.call_on(world.nsm, &nsm::unmon_all, id_of("b").my_id).state == 1);
  CHECK(world.nsm.watchers.of("b").empty());
}

TEST_CASE("MON is bounded, and NOTIFY calls who asked for it") {
  LockWorld world;
  for (std::size_t i = 0; i < nsm::Watchers::max_watchers; ++i) {
    CHECK(world.call_on(world.nsm, &nsm::mon, mon_of("host" + std::to_string(i))).res_stat == res::stat_succ);
  }
  CHECK(world.call_on(world.nsm, &nsm::mon, mon_of("more")).res_stat == res::stat_fail);
  world.answer(BufferChain());
  world.peer = peer_of({192, 0, 2, 7});
  notify(world, "host7", 9);
  const auto called = world.called();
  REQUIRE(called.size() == 1);
  CHECK(called[0].program == 200'000);
  CHECK(called[0].procedure == 16);
  const auto told = xdr::decode<nsm::status>(called[0].arguments);
  REQUIRE(told);
  CHECK(told->mon_name.view() == "host7");
  CHECK(told->state == 9);
  CHECK(told->priv[3] == std::byte{9});
}

TEST_CASE("SIMU_CRASH is this machine's to ask for, and tells the hosts") {
  LockWorld world;
  CHECK(world.lock(a) == NLM4_GRANTED);
  world.peer = peer_of({192, 0, 2, 7});
  world.call_on(world.nsm, &nsm::simu_crash);
  CHECK(world.crashes == 0);
  world.peer = peer_of({127, 0, 0, 1});
  world.answer(BufferChain());
  world.call_on(world.nsm, &nsm::simu_crash);
  CHECK(world.crashes == 1);
  CHECK(world.monitored.state() == 3);
  REQUIRE(world.called().size() == 1);
  const auto told = xdr::decode<nsm::stat_chge>(world.called()[0].arguments);
  REQUIRE(told);
  CHECK(told->mon_name.view() == "server");
  CHECK(told->state == 3);
}

TEST_CASE("a start tells the hosts of the one before, again until they have heard, and the state is odd and higher") {
  LockWorld world;
  CHECK(world.lock(a, {0, 1}) == NLM4_GRANTED);
  CHECK(world.lock(b, {1, 1}) == NLM4_GRANTED);
  nsm::Monitored next(world.keeper);
  const auto peers = next.start();
  REQUIRE(peers);
  CHECK(peers->size() == 2);
  CHECK(next.state() == 3);
  CHECK(world.keeper.load()->peers.size() == 2);  // a crash now would tell them again
  nsm::Service service{world.outside, next, {}, {}};
  nsm::tell(service, *peers);
  world.turn();
  CHECK(world.called().empty());
  CHECK(world.dialer.calls.size() == 2);
  world.answer(BufferChain());
  world.wait_seconds(1);
  CHECK(world.called().size() == 1);
  world.answer(BufferChain());
  world.wait_seconds(6);
  CHECK(world.called().size() == 2);
  CHECK(world.called()[1].program == 100024);
  CHECK(world.called()[1].procedure == 6);
  REQUIRE(next.add({"c", world.peer.address}, [](const auto&) { return true; }));
  CHECK(world.keeper.load()->peers.size() == 1);
  world.wait_seconds(200);
  CHECK(world.called().size() == 2);
}

TEST_CASE("a host that cannot be kept gets no lock") {
  struct Failing final : nsm::Keeper {
    Result<nsm::Kept> load() override { return nsm::Kept{}; }
    Result<void> save(const nsm::Kept&) override { return fail(Error::Io); }
  } keeper;
  LockWorld world;
  nsm::Monitored monitored(keeper);
  nlm::Service nlm(world.shares, world.outside, monitored);
  CHECK(world.call_on(nlm, &nlm::lock, world.lock_args(a)).stat == NLM4_DENIED_NOLOCKS);
  CHECK(world.is_free());
}

TEST_CASE("hosts that hold nothing any more are not kept") {
  LockWorld world;
  CHECK(world.lock(a, {0, 1}) == NLM4_GRANTED);
  CHECK(world.unlock(a) == NLM4_GRANTED);
  CHECK(world.lock(b, {1, 1}) == NLM4_GRANTED);
  REQUIRE(world.keeper.load()->peers.size() == 1);
  CHECK(world.keeper.load()->peers[0].name == "b");
}
