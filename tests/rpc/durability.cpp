#include "rpc/durability.hpp"

#include <catch2/catch.hpp>
#include <optional>
#include <thread>

#include "base/task.hpp"
#include "support/manual_durable.hpp"
#include "support/manual_loop.hpp"

using namespace ditto;
using namespace ditto::test;

namespace {

/// Somebody who waits until `tokens` are durable.
struct Waiting {
  Waiting(const CommitTokens& tokens, Executor& loop) { run(*this, tokens, loop); }
  Waiting(const Waiting&) = delete;
  static Detached run(Waiting& self, const CommitTokens& tokens, Executor& loop) {
    self.outcome = co_await rpc::UntilDurable(tokens, loop);
  }
  std::optional<Result<void>> outcome;
};

}  // namespace

TEST_CASE("Nothing to wait for, or durable already: no suspension") {
  ManualLoop loop;
  ManualDurable store;
  CommitTokens tokens;
  CHECK(Waiting(tokens, loop).outcome.has_value());
  store.advance(7);
  tokens.note(store, 7);
  Waiting durable(tokens, loop);
  REQUIRE(durable.outcome);
  CHECK(*durable.outcome);
  CHECK(loop.run() == 0);
}

TEST_CASE("It waits for every token and resumes on the loop, once") {
  ManualLoop loop;
  ManualDurable first, second, third;
  second.advance(5);
  CommitTokens tokens;
  tokens.note(first, 3);
  tokens.note(second, 5);
  tokens.note(third, 9);
  Waiting waiting(tokens, loop);
  CHECK_FALSE(waiting.outcome);
  first.advance(2);
  CHECK(loop.run() == 0);
  first.advance(3);
  CHECK_FALSE(waiting.outcome);
  CHECK(loop.run() == 1);
  CHECK_FALSE(waiting.outcome);
  CHECK(third.waiting() == 1);
  third.advance(20);
  CHECK(loop.run() == 1);
  REQUIRE(waiting.outcome);
  CHECK(*waiting.outcome);
}

TEST_CASE("What was taken back is told, before and after the question") {
  ManualLoop loop;
  ManualDurable store;
  CommitTokens tokens;
  tokens.note(store, 4);
  Waiting waiting(tokens, loop);
  store.take_back(4, Error::NoSpace);
  loop.run();
  REQUIRE(waiting.outcome);
  CHECK(waiting.outcome->error() == Error::NoSpace);

  // Later numbers are durable, this one is lost all the same.
  store.advance(10);
  Waiting late(tokens, loop);
  REQUIRE(late.outcome);
  CHECK(late.outcome->error() == Error::NoSpace);
}

TEST_CASE("Told by another thread at any moment") {
  for (int round = 0; round < 2000; ++round) {
    ManualLoop loop;
    ManualDurable first, second;
    CommitTokens tokens;
    tokens.note(first, 1);
    tokens.note(second, 1);
    std::thread teller([&] {
      first.advance(1);
      second.advance(1);
    });
    Waiting waiting(tokens, loop);
    while (!waiting.outcome) {
      loop.run();
      std::this_thread::yield();
    }
    teller.join();
    REQUIRE(waiting.outcome->has_value());
  }
}
