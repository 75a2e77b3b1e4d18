#include "state/lock_queue.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <vector>

#include "support/seeded_random.hpp"
#include "support/seeds.hpp"

using namespace ditto::state;
using ditto::test::for_each_seed;
using ditto::test::SeededRandom;

namespace {

using Kind = LockOutcome::Kind;
constexpr auto S = LockKind::Shared, X = LockKind::Exclusive;

LockOwner owner(std::uint64_t number) { return {LockRules::Posix, number, number}; }

struct Fixture {
  WaitGraph graph;
  LockQueue queue{FileKey{1, 2}, graph};
  Effects effects;
  Moment now = 0;

  LockOutcome ask(std::uint64_t who, LockKind kind, Waiting waiting = Waiting::No, Moment until = never,
                  ByteRange range = {0, 9}) {
    return queue.lock({.lock = {range, kind, owner(who)}, .waiting = waiting, .ticket = 100 + who, .until = until}, now,
                      effects);
  }
  void release(std::uint64_t who) { CHECK(queue.unlock(owner(who), {0, 9}, now, effects).value()); }
  bool holds(std::uint64_t who) const { return queue.table().holds_any(owner(who)); }
  /// The tickets that were resumed since the last call, as owners; those that were refused negative.
  std::vector<int> resumed() {
    std::vector<int> found;
    for (const Effect& effect : effects) {
      if (const auto* resume = std::get_if<Resume>(&effect)) {
        const int who = static_cast<int>(resume->ticket) - 100;
        found.push_back(resume->refused ? -who : who);
      }
    }
    effects.clear();
    return found;
  }
};

}  // namespace

TEST_CASE("parked requests get the lock in the order in which they came") {
  Fixture f;
  CHECK(f.ask(1, X).kind == Kind::Granted);
  CHECK(f.ask(2, X, Waiting::Parked).kind == Kind::Parked);
  CHECK(f.ask(3, S, Waiting::Parked).kind == Kind::Parked);
  CHECK(f.ask(4, S, Waiting::Parked).kind == Kind::Parked);
  f.release(1);
  CHECK(f.resumed() == std::vector{2});
  f.release(2);
  CHECK(f.resumed() == std::vector{3, 4});
  CHECK(f.queue.waiting() == 0);
  CHECK(f.graph.waiting() == 0);
}

TEST_CASE("whose time is over does not begin to wait") {
  Fixture f;
  f.now = 100;
  CHECK(f.ask(1, X).kind == Kind::Granted);
  for (const Waiting waiting : {Waiting::Parked, Waiting::Polling}) {
    CHECK(f.ask(2, X, waiting, 100).kind == Kind::Denied);
    CHECK(f.queue.waiting() == 0);
    CHECK(f.graph.waiting() == 0);
    CHECK(f.ask(2, X, waiting, 101).kind == (waiting == Waiting::Parked ? Kind::Parked : Kind::Denied));
    CHECK(f.queue.waiting() == 1);
    f.queue.advance(101, f.effects);
    CHECK(f.queue.waiting() == 0);
  }
  // What is free it gets.
  f.release(1);
  CHECK(f.ask(2, X, Waiting::Parked, 100).kind == Kind::Granted);
}

TEST_CASE("a stream of readers does not starve a writer that waits") {
  Fixture f;
  CHECK(f.ask(1, S).kind == Kind::Granted);
  CHECK(f.ask(2, X, Waiting::Parked).kind == Kind::Parked);
  CHECK(f.ask(3, S, Waiting::Parked).kind == Kind::Parked);
  // Whoever does not wait is not made to fail for somebody who has no lock yet.
  CHECK(f.ask(4, S).kind == Kind::Granted);
  f.release(1);
  CHECK(f.resumed().empty());
  f.release(4);
  CHECK(f.resumed() == std::vector{2});
}

TEST_CASE("downgrading and unlocking a part lets others in") {
  Fixture f;
  CHECK(f.ask(1, X).kind == Kind::Granted);
  CHECK(f.ask(2, S, Waiting::Parked, never, {0, 4}).kind == Kind::Parked);
  CHECK(f.ask(3, X, Waiting::Parked, never, {5, 9}).kind == Kind::Parked);
  CHECK(f.ask(1, S).kind == Kind::Granted);
  CHECK(f.resumed() == std::vector{2});
  CHECK(f.queue.unlock(owner(1), {5, 20}, 0, f.effects).value());
  CHECK(f.resumed() == std::vector{3});
}

TEST_CASE("a lock is kept for the owner that polls and whose turn has come") {
  Fixture f;
  CHECK(f.ask(1, X).kind == Kind::Granted);
  CHECK(f.ask(2, X, Waiting::Polling, 90 * one_second).kind == Kind::Denied);
  f.release(1);
  REQUIRE(f.effects.size() == 1);
  REQUIRE(std::holds_alternative<LockAvailable>(f.effects[0]));
  CHECK(std::get<LockAvailable>(f.effects[0]).owner == owner(2));
  const LockOutcome other = f.ask(3, S);
  CHECK(other.kind == Kind::Denied);
  CHECK(other.holder.owner == owner(2));
  CHECK(f.queue.test({{3, 3}, S, owner(3)})->owner == owner(2));
  CHECK_FALSE(f.queue.test({{3, 3}, S, owner(2)}));

  SECTION("it asks again and has it") {
    CHECK(f.ask(2, X, Waiting::Polling, 90 * one_second).kind == Kind::Granted);
    CHECK(f.queue.waiting() == 0);
  }
  SECTION("it asks without waiting and has it") { CHECK(f.ask(2, X).kind == Kind::Granted); }
  SECTION("it does not come back, and the next is told") {
    CHECK(f.ask(4, X, Waiting::Polling, 90 * one_second).kind == Kind::Denied);
    f.effects.clear();
    CHECK(f.queue.next_deadline() == LockQueue::reservation);
    f.queue.advance(LockQueue::reservation - 1, f.effects);
    CHECK(f.effects.empty());
    f.queue.advance(LockQueue::reservation, f.effects);
    REQUIRE(f.effects.size() == 1);
    CHECK(std::get<LockAvailable>(f.effects[0]).owner == owner(4));
    f.queue.advance(2 * LockQueue::reservation, f.effects);
    CHECK(f.ask(3, S).kind == Kind::Granted);
  }
}

TEST_CASE("asking again keeps the place among those that poll") {
  Fixture f;
  CHECK(f.ask(1, X).kind == Kind::Granted);
  CHECK(f.ask(2, X, Waiting::Polling, 10).kind == Kind::Denied);
  CHECK(f.ask(3, X, Waiting::Polling, 30).kind == Kind::Denied);
  CHECK(f.ask(2, X, Waiting::Polling, 40).kind == Kind::Denied);
  CHECK(f.queue.waiting() == 2);
  f.queue.advance(20, f.effects);
  CHECK(f.queue.waiting() == 2);
  f.release(1);
  CHECK(std::get<LockAvailable>(f.effects[0]).owner == owner(2));
  CHECK(f.ask(3, X, Waiting::Polling, 50).kind == Kind::Denied);
}

TEST_CASE("a lock is kept for nobody whose time has run out, though no tick has noticed") {
  Fixture f;
  CHECK(f.ask(1, X).kind == Kind::Granted);
  CHECK(f.ask(2, X, Waiting::Polling, 10).kind == Kind::Denied);
  SECTION("before it was free") {
    f.now = 11;
    f.release(1);
    CHECK(f.effects.empty());
  }
  SECTION("after its turn had come") {
    f.release(1);
    f.now = LockQueue::reservation;
  }
  CHECK(f.ask(3, X).kind == Kind::Granted);
  CHECK(f.queue.waiting() == 0);
}

TEST_CASE("parked requests end by deadline, withdrawal and the end of their client") {
  Fixture f;
  CHECK(f.ask(1, X).kind == Kind::Granted);
  CHECK(f.ask(2, X, Waiting::Parked, 50).kind == Kind::Parked);
  CHECK(f.ask(3, X, Waiting::Parked).kind == Kind::Parked);
  CHECK(f.ask(4, X, Waiting::Parked).kind == Kind::Parked);
  f.queue.advance(50, f.effects);
  CHECK(f.resumed() == std::vector{-2});
  CHECK(f.queue.find_parked({{0, 9}, X, owner(3)}) == 103);
  CHECK_FALSE(f.queue.find_parked({{0, 8}, X, owner(3)}));
  CHECK(f.queue.withdraw(103, 0, f.effects));
  CHECK_FALSE(f.queue.withdraw(103, 0, f.effects));
  CHECK(f.resumed().empty());
  f.queue.drop_client(4, 0, f.effects);
  CHECK(f.resumed() == std::vector{-4});
  CHECK(f.queue.drop_client(1, 0, f.effects) == 1);
  CHECK(f.queue.empty());
  CHECK(f.graph.waiting() == 0);
}

TEST_CASE("a circle over two files is refused, and ends when it is broken") {
  WaitGraph graph;
  LockQueue a(FileKey{1, 1}, graph), b(FileKey{1, 2}, graph);
  Effects effects;
  const auto ask = [&](LockQueue& queue, std::uint64_t who, Waiting waiting, TicketId ticket) {
    return queue.lock({.lock = {{0, 9}, X, owner(who)}, .waiting = waiting, .ticket = ticket}, 0, effects);
  };
  CHECK(ask(a, 1, Waiting::No, 0).kind == Kind::Granted);
  CHECK(ask(b, 2, Waiting::No, 0).kind == Kind::Granted);
  CHECK(ask(b, 1, Waiting::Parked, 11).kind == Kind::Parked);
  const LockOutcome circle = ask(a, 2, Waiting::Parked, 12);
  CHECK(circle.kind == Kind::Refused);
  CHECK(circle.refusal == Refusal::Deadlock);
  CHECK(a.waiting() == 0);
  b.drop_owner(owner(2), 0, effects);
  CHECK(ask(a, 2, Waiting::Parked, 12).kind == Kind::Parked);
}

TEST_CASE("SMB requests wait without a graph") {
  WaitGraph graph;
  LockQueue queue(FileKey{1, 1}, graph);
  Effects effects;
  const LockOwner one{LockRules::Smb, 1, 1};
  CHECK(queue.lock({.lock = {{0, 9}, X, one}}, 0, effects).kind == Kind::Granted);
  // An open that locks again what it has locked waits for itself: so SMB has it.
  CHECK(queue.lock({.lock = {{0, 9}, X, one}, .waiting = Waiting::Parked, .ticket = 1}, 0, effects).kind ==
        Kind::Parked);
  CHECK(graph.waiting() == 0);
  CHECK(queue.unlock(one, {0, 9}, 0, effects).value());
  CHECK(queue.table().size() == 1);
}

TEST_CASE("the queue is bounded") {
  Fixture f;
  CHECK(f.ask(1, X).kind == Kind::Granted);
  for (std::uint64_t i = 0; i < LockQueue::max_waiters; ++i)
    REQUIRE(f.ask(2 + i, S, Waiting::Parked).kind == Kind::Parked);
  const LockOutcome refused = f.ask(5000, S, Waiting::Parked);
  CHECK(refused.kind == Kind::Refused);
  CHECK(refused.refusal == Refusal::LimitReached);
  CHECK(f.ask(5001, S, Waiting::Polling).kind == Kind::Denied);
  CHECK(f.queue.waiting() == LockQueue::max_waiters);
}

TEST_CASE("a client may lock so many ranges of all files together, by whatever owners, and no more") {
  WaitGraph graph;
  LockCounts counts;
  counts.set_limit(3);
  Effects effects;
  LockQueue b(FileKey{1, 2}, graph, &counts);
  const auto lock = [&](LockQueue& queue, std::uint64_t number, ByteRange range, LockKind kind = X) {
    const LockOutcome outcome = queue.lock({.lock = {range, kind, {LockRules::Posix, 7, number}}}, 0, effects);
    if (outcome.kind == Kind::Refused) CHECK(outcome.refusal == Refusal::LimitReached);
    return outcome.kind;
  };
  {
    LockQueue a(FileKey{1, 1}, graph, &counts);
    CHECK(lock(a, 1, {0, 9}) == Kind::Granted);
    CHECK(lock(b, 2, {0, 9}) == Kind::Granted);
    CHECK(lock(b, 1, {20, 29}) == Kind::Granted);
    CHECK(lock(b, 1, {40, 49}) == Kind::Refused);
    CHECK(lock(a, 1, {3, 4}, S) == Kind::Refused);  // three of one
    CHECK(lock(a, 1, {10, 19}) == Kind::Granted);   // becomes one with what is there
    CHECK(lock(a, 1, {0, 19}, S) == Kind::Granted);
    CHECK(counts.of(7) == 3);
    const LockOwner one{LockRules::Posix, 7, 1};
    CHECK(a.unlock(one, {5, 6}, 0, effects).error() == Refusal::LimitReached);  // two of one
    CHECK(a.unlock(one, {0, 6}, 0, effects).value());
    CHECK(b.lock({.lock = {{30, 39}, X, owner(8)}}, 0, effects).kind == Kind::Granted);  // another client's
    CHECK(b.unlock(one, {20, 29}, 0, effects).value());
    CHECK(lock(b, 3, {40, 49}) == Kind::Granted);
    CHECK(b.drop_owner({LockRules::Posix, 7, 3}, 0, effects) == 1);
    CHECK(counts.of(7) == 2);
  }
  CHECK(counts.of(7) == 1);
  CHECK(b.drop_client(7, 0, effects) == 1);
  CHECK(counts.of(7) == 0);
  CHECK(counts.of(8) == 1);
  b.clear(effects);
  CHECK(counts.of(8) == 0);
}

TEST_CASE("for any history locks exclude each other, nobody waits for nothing, and all who wait end") {
  for_each_seed(300, [](std::uint64_t seed) {
    SeededRandom random(seed);
    WaitGraph graph;
    LockCounts counts;
    std::map<int, LockQueue> files;
    for (int i = 0; i < 3; ++i) files.try_emplace(i, FileKey{1, static_cast<std::uint64_t>(i)}, graph, &counts);
    Effects effects;
    Moment now = 0;
    TicketId tickets = 0;
    std::map<TicketId, bool> parked;
    for (int step = 0; step < 120; ++step) {
      now += random.below(one_second);
      LockQueue& file = files.at(static_cast<int>(random.below(3)));
      const LockOwner who = owner(1 + random.below(4));
      const std::uint64_t first = random.below(4);
      const ByteRange range{first, first + random.below(4)};
      switch (random.below(5)) {
        case 0: (void)file.unlock(who, range, now, effects); break;
        case 1: file.drop_owner(who, now, effects); break;
        case 2: file.advance(now, effects); break;
        default: {
          const auto waiting = static_cast<Waiting>(random.below(3));
          const LockRequest request{.lock = {range, random.below(2) ? S : X, who},
                                    .waiting = waiting,
                                    .ticket = ++tickets,
                                    .until = now + (1 + random.below(9)) * one_second};
          if (file.lock(request, now, effects).kind == Kind::Parked) parked[request.ticket] = true;
        }
      }
      for (const Effect& effect : effects) {
        if (const auto* resume = std::get_if<Resume>(&effect)) REQUIRE(parked.erase(resume->ticket) == 1);
      }
      effects.clear();
      std::size_t waiting = 0;
      std::map<ClientId, std::size_t> held;
      for (const auto& [number, each] : files) {
        waiting += each.waiting();
        const auto locks = each.table().all();
        for (const ByteLock& lock : locks) ++held[lock.owner.client];
        for (const ByteLock& a : locks) {
          for (const ByteLock& b : locks) REQUIRE((&a == &b || a.owner == b.owner || !conflict(a, b)));
        }
      }
      REQUIRE(graph.waiting() == waiting);
      for (ClientId client = 1; client <= 4; ++client) REQUIRE(counts.of(client) == held[client]);
    }
    for (auto& [number, file] : files) file.advance(now + 100 * one_second, effects);
    for (const Effect& effect : effects) {
      if (const auto* resume = std::get_if<Resume>(&effect)) parked.erase(resume->ticket);
    }
    CHECK(parked.empty());
    CHECK(graph.waiting() == 0);
  });
}
