#include <array>
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "state/clients_support.hpp"
#include "support/seeds.hpp"

using namespace ditto::state;
using namespace ditto::state::test;

namespace {

constexpr std::size_t lock_count = 3;

/// A lock as the server has it, and, from outside, how often it was granted anew in all incarnations.
struct Lock {
  ClientId holder = 0;
  std::uint64_t grants = 0;
};

/// A client that does what the RFCs ask: it reclaims what it believes to hold and nothing else.
struct Actor {
  Introduction name;
  bool v41 = false;
  std::shared_ptr<Client> client;
  std::shared_ptr<Session> session;
  std::uint32_t sequence = 0;
  std::array<std::uint64_t, lock_count> believes{};  // Lock::grants when it got the lock; 0: it has not
  std::set<std::size_t> to_reclaim;
  Moment silent_until = 0;
};

/// Clients of both versions, partitions, conflicts, a store that is slow or fails, and crashes.
class Story {
 public:
  explicit Story(std::uint64_t seed) : random_(seed) {
    for (const char* name : {"a", "b", "c", "d"})
      actors_.push_back({.name = who(name), .v41 = actors_.size() % 2 == 0});
  }

  void step() {
    switch (random_() % 12) {
      case 0: world_.pass(1 + random_() % 60); break;
      case 1: world_.settle(); break;
      case 2:
        if (random_() % 8 == 0) world_.fail_all();
        break;
      case 3:
        if (random_() % 8 == 0) crash();
        break;
      case 4: actors_[random_() % actors_.size()].silent_until = world_.now + random_() % 300 * second; break;
      default: act(actors_[random_() % actors_.size()]);
    }
    drop_gone();
  }

  std::size_t crashes = 0, reclaimed = 0, reclaims_refused = 0, granted = 0;

 private:
  void crash() {
    world_.restart();
    ++crashes;
    for (Lock& lock : locks_) lock.holder = 0;
    for (Actor& actor : actors_) actor.session = nullptr;
  }

  void drop_gone() {
    for (const ClientId id : std::exchange(world_.gone, {})) {
      for (Lock& lock : locks_) {
        if (lock.holder == id) lock.holder = 0;
      }
    }
  }

  void act(Actor& actor) {
    if (world_.now < actor.silent_until || !(actor.v41 ? connect41(actor) : connect40(actor))) return;
    drop_gone();
    if (!actor.to_reclaim.empty() && random_() % 4 != 0) return reclaim(actor);
    if (!actor.to_reclaim.empty()) return;
    if (actor.v41 && !actor.client->reclaim_complete && random_() % 2 == 0) {
      const auto done = world_.complete(*actor.client);
      REQUIRE((done || done.error() == Refusal::Delay));
      return;
    }
    const std::size_t index = random_() % lock_count;
    if (actor.believes[index]) {
      unlock(actor, index);
    } else {
      lock(actor, index);
    }
  }

  bool connect40(Actor& actor) {
    const auto renewed = world_.clients->renew(actor.client ? actor.client->id : 0, world_.now);
    if (renewed) return true;
    const auto made = world_.setclientid(actor.name);
    if (!made || !world_.confirm(*made)) return false;
    return introduced(actor, world_.clients->client(made->id), renewed.error() == Refusal::StaleClientId);
  }

  bool connect41(Actor& actor) {
    const auto ping = [&] {
      return actor.session->sequence({.slot = 0, .sequence = actor.sequence + 1}, wire, world_.now);
    };
    if (actor.session) {
      const auto answer = ping();
      if (answer) {
        ++actor.sequence;
        actor.session->finish(0, std::nullopt);
        return true;
      }
      if (answer.error() != Refusal::BadSession) return false;
    }
    const auto made = world_.exchange(actor.name);
    if (!made) return false;
    REQUIRE_FALSE(made->confirmed);
    const auto created = world_.create_session(session_of(made->id, made->sequence));
    REQUIRE(created);
    actor.session = world_.clients->session(created->id);
    actor.sequence = 0;
    const bool restarted = !actor.client || incarnation_of(actor.client->id) != incarnation_of(made->id);
    return introduced(actor, actor.session->client(), restarted);
  }

  bool introduced(Actor& actor, std::shared_ptr<Client> client, bool restarted) {
    actor.client = std::move(client);
    actor.to_reclaim.clear();
    for (std::size_t index = 0; index < lock_count; ++index) {
      if (!restarted) actor.believes[index] = 0;  // its lease ran out
      if (actor.believes[index]) actor.to_reclaim.insert(index);
    }
    return true;
  }

  bool is_recorded(Actor& actor) {
    const auto begun = world_.begin_state(*actor.client);
    return begun && begun->ready;
  }

  void reclaim(Actor& actor) {
    const std::size_t index = *actor.to_reclaim.begin();
    if (!world_.clients->may_reclaim(*actor.client)) {
      ++reclaims_refused;
      actor.believes[index] = 0;
      actor.to_reclaim.erase(index);
      return;
    }
    if (!is_recorded(actor)) return;
    // The rule: nobody got it since.
    REQUIRE(locks_[index].grants == actor.believes[index]);
    REQUIRE(locks_[index].holder == 0);
    locks_[index].holder = actor.client->id;
    REQUIRE(actor.client->locks.add());
    actor.to_reclaim.erase(index);
    ++reclaimed;
  }

  void lock(Actor& actor, std::size_t index) {
    if (!world_.clients->may_grant(*actor.client) || !is_recorded(actor)) return;
    Lock& lock = locks_[index];
    if (lock.holder != 0) {
      world_.conflict(lock.holder);
      drop_gone();
      if (lock.holder != 0) return;
    }
    lock.holder = actor.client->id;
    REQUIRE(actor.client->locks.add());
    actor.believes[index] = ++lock.grants;
    ++granted;
  }

  void unlock(Actor& actor, std::size_t index) {
    REQUIRE(locks_[index].holder == actor.client->id);
    locks_[index].holder = 0;
    actor.client->locks.remove();
    actor.believes[index] = 0;
  }

  World world_;
  std::mt19937_64 random_;
  std::array<Lock, lock_count> locks_;
  std::vector<Actor> actors_;
};

}  // namespace

TEST_CASE("after a restart nobody reclaims what somebody else got since") {
  std::size_t crashes = 0, reclaimed = 0, refused = 0, granted = 0;
  ditto::test::for_each_seed(300, [&](std::uint64_t seed) {
    Story story(seed);
    for (int step = 0; step < 1500; ++step) story.step();
    crashes += story.crashes;
    reclaimed += story.reclaimed;
    refused += story.reclaims_refused;
    granted += story.granted;
  });
  if (!ditto::test::usual_seeds()) return;
  CHECK(crashes > 1000);
  CHECK(reclaimed > 500);
  CHECK(refused > 100);
  CHECK(granted > 5000);
}
