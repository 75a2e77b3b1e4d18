// Coroutines: values, exceptions, nesting, and moving between threads.
#include "base/task.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "base/pool.hpp"

using namespace ditto;

namespace {

Task<int> number(int value) { co_return value; }
Task<void> nothing() { co_return; }
Task<int> broken(bool really) {
  if (really) throw std::runtime_error("broken");
  co_return 1;
}
Task<std::unique_ptr<std::string>> owned() { co_return std::make_unique<std::string>("owned"); }

Task<int> sum(int depth) {
  if (depth == 0) co_return 0;
  co_return depth + co_await sum(depth - 1);
}

template <class T>
Detached start(Task<T> task, std::optional<T>& into) {
  into = co_await std::move(task);
}

/// Runs jobs only when told to, on the caller's thread.
class Manual final : public Executor {
 public:
  void post(Job& job) override { jobs_.push_back(&job); }
  bool run_one() {
    if (jobs_.empty()) return false;
    Job* job = jobs_.front();
    jobs_.pop_front();
    job->run(job);
    return true;
  }

 private:
  std::deque<Job*> jobs_;
};

}  // namespace

TEST_CASE("a task is lazy and gives its value to its awaiter", "[base]") {
  bool ran = false;
  auto make = [](bool& flag) -> Task<int> {
    flag = true;
    co_return 3;
  };
  Task<int> task = make(ran);
  CHECK(!ran);
  std::optional<int> result;
  start(std::move(task), result);
  CHECK(ran);
  CHECK(result == 3);
}

TEST_CASE("a task that nobody awaits frees what it holds", "[base]") {
  auto alive = std::make_shared<int>(1);
  {
    auto make = [](std::shared_ptr<int> held) -> Task<int> { co_return *held; };
    Task<int> task = make(alive);
    CHECK(alive.use_count() == 2);
  }
  CHECK(alive.use_count() == 1);
}

TEST_CASE("tasks nest, deeply and without eating the stack", "[base]") {
  std::optional<int> result;
  start(sum(1000), result);
  CHECK(result == 500'500);

  auto loop = []() -> Task<int> {
    int total = 0;
    for (int i = 0; i < 100'000; ++i) {
      co_await nothing();
      total += co_await number(1);
    }
    co_return total;
  };
  start(loop(), result);
  CHECK(result == 100'000);
}

TEST_CASE("move-only values travel", "[base]") {
  std::optional<std::unique_ptr<std::string>> result;
  start(owned(), result);
  REQUIRE(result);
  CHECK(**result == "owned");
}

TEST_CASE("an exception reaches the awaiter and may be caught there", "[base]") {
  auto catching = [](bool really) -> Task<std::string> {
    std::string heard;
    try {
      heard = std::to_string(co_await broken(really));
    } catch (const std::runtime_error& error) {
      heard = error.what();
    }
    co_return heard;
  };
  std::optional<std::string> result;
  start(catching(true), result);
  CHECK(result == "broken");
  start(catching(false), result);
  CHECK(result == "1");

  auto passing = []() -> Task<void> { co_await broken(true); };
  auto outer = [&]() -> Task<int> {
    bool caught = false;
    try {
      co_await passing();
    } catch (const std::runtime_error&) {
      caught = true;
    }
    co_return caught ? 1 : 0;
  };
  std::optional<int> caught;
  start(outer(), caught);
  CHECK(caught == 1);
}

TEST_CASE("resume_on suspends until the executor runs it", "[base]") {
  Manual loop;
  int stage = 0;
  auto body = [](Executor& executor, int& where) -> Task<int> {
    where = 1;
    co_await resume_on(executor);
    where = 2;
    co_await resume_on(executor);
    where = 3;
    co_return 9;
  };
  std::optional<int> result;
  start(body(loop, stage), result);
  CHECK(stage == 1);
  REQUIRE(loop.run_one());
  CHECK(stage == 2);
  CHECK(!result);
  REQUIRE(loop.run_one());
  CHECK(result == 9);
  CHECK(!loop.run_one());
}

TEST_CASE("coroutines wander between threads", "[base]") {
  // The way of every blocking call: from the loop to the pool, and back with the result. For the thread sanitizer.
  std::atomic<int> finished = 0;  // counts coroutines that have come to their end
  std::atomic<int> wrong = 0;     // counts those that found themselves on the thread they had left
  {
    BlockingPool first(2);
    BlockingPool second(2);
    auto there_and_back = [](Executor& a, Executor& b, std::atomic<int>& bad) -> Task<int> {
      int hops = 0;
      for (int i = 0; i < 20; ++i) {
        const auto before = std::this_thread::get_id();
        co_await resume_on(i % 2 == 0 ? b : a);
        if (std::this_thread::get_id() == before) ++bad;
        ++hops;
      }
      co_return hops;
    };
    auto body = [&](Executor& a, Executor& b) -> Detached {
      co_await resume_on(a);
      if (co_await there_and_back(a, b, wrong) == 20) ++finished;
    };
    for (int i = 0; i < 100; ++i) body(first, second);
    while (finished < 100) std::this_thread::yield();
  }
  CHECK(finished == 100);
  CHECK(wrong == 0);
}
