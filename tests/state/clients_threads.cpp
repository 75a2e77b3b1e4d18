#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "base/bytes.hpp"
#include "state/clients_support.hpp"

using namespace ditto::state;
using namespace ditto::state::test;

namespace {

/// Runs each of `bodies` on a thread of its own, all at the same time.
template <class... Bodies>
void together(Bodies... bodies) {
  std::atomic<std::size_t> waiting = sizeof...(bodies);
  const auto start = [&](auto& body) {
    --waiting;
    while (waiting > 0) std::this_thread::yield();
    body();
  };
  std::vector<std::thread> threads;
  (threads.emplace_back([&] { start(bodies); }), ...);
  for (auto& thread : threads) thread.join();
}

}  // namespace

TEST_CASE("a renewal and a seizure at the same time: one wins") {
  std::size_t seizures = 0;
  for (int round = 0; round < 500; ++round) {
    Lease lease(0);
    bool renewed = false, seized = false;
    together([&] { renewed = lease.renew(100); }, [&] { seized = lease.seize(100, 10); },
             [&] { lease.lapse(100, 10); });
    CHECK_FALSE((renewed && seized));
    CHECK((renewed || lease.standing() == (seized ? Standing::Revoking : Standing::Live)));
    seizures += seized;
  }
  CHECK(seizures < 500);
}

TEST_CASE("two connections send the same request at once: it runs once") {
  World world;
  const auto session = world.session41(who("x"));
  for (std::uint32_t n = 1; n <= 300; ++n) {
    std::atomic<int> executed = 0, answered = 0;
    const auto send = [&] {
      const auto answer = session->sequence({.slot = 0, .sequence = n, .fingerprint = n}, wire, world.now);
      if (!answer) return;
      ++answered;
      if (answer->kind != Sequenced::Kind::Execute) return;
      ++executed;
      session->finish(0, ditto::bytes_of("r"));
    };
    together(send, send, send);
    CHECK(executed == 1);
    CHECK(answered == 3);
  }
}

TEST_CASE("clients come, work, conflict and go on all loops") {
  World world(ClientLimits{.lease_ns = 50, .courtesy_ns = 20, .clients = 40, .reply_bytes = 1 << 20});
  Clients& clients = *world.clients;
  std::atomic<Moment> now = world.now;
  std::atomic<std::uint64_t> executed = 0, gone = 0, confirmed = 0;
  std::mutex mutex;
  std::vector<PersistToken> pending;
  const auto deliver = [&](ClientEffects& effects) {
    gone += effects.gone.size();
    const std::lock_guard lock(mutex);
    for (const auto& change : effects.persist) pending.push_back(change.token);
    effects = {};
  };
  const auto work = [&](std::string name) {
    return [&, name] {
      ClientEffects effects;
      for (Verifier verifier = 1; verifier <= 60; ++verifier) {
        const auto made = clients.exchange_id(who(name, verifier), false, now, effects);
        deliver(effects);
        if (!made) continue;
        const auto created = clients.create_session(session_of(made->id, made->sequence), "p", wire, now, effects);
        deliver(effects);
        if (!created) continue;
        ++confirmed;
        const auto session = clients.session(created->id);
        if (!session) continue;
        for (std::uint32_t n = 1; n <= 20; ++n) {
          const auto answer = session->sequence({.slot = 0, .sequence = n, .fingerprint = n}, wire, ++now);
          if (!answer) break;
          if (n == 1) [[maybe_unused]]
            const auto begun = clients.begin_state(*session->client(), effects);
          deliver(effects);
          session->finish(0, ditto::bytes_of("reply"));
          ++executed;
        }
      }
    };
  };
  const auto others = [&] {
    ClientEffects effects;
    for (int n = 0; n < 2000; ++n) {
      clients.advance(now, effects);
      deliver(effects);
      clients.claim_conflict(ClientId{1} << 32 | (n % 240), now, effects);
      deliver(effects);
      std::vector<PersistToken> durable;
      {
        const std::lock_guard lock(mutex);
        durable.swap(pending);
      }
      for (const PersistToken token : durable) {
        if (token % 5 == 0) {
          clients.failed(token, now);
        } else {
          clients.persisted(token, now, effects);
        }
        deliver(effects);
      }
      ++now;
    }
  };
  together(work("a"), work("b"), work("c"), others);
  CHECK(executed > 100);
  CHECK(confirmed > 30);
  CHECK(gone > 10);
  CHECK(clients.count() <= 40);
}
