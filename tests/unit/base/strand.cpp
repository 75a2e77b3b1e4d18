#include "base/strand.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <vector>

#include "base/pool.hpp"
#include "base/task.hpp"
#include "support/manual_loop.hpp"

using namespace ditto;
using namespace ditto::test;

namespace {

Detached note(std::shared_ptr<Strand> on, std::vector<int>& seen, int first, int second) {
  co_await resume_on(*on);
  seen.push_back(first);
  co_await resume_on(*on);
  seen.push_back(second);
}

/// Ends on the strand, of which it has the last hand.
Detached count(std::shared_ptr<Strand> on, int turns, std::atomic<int>& inside, std::atomic<int>& most,
               std::atomic<int>& done) {
  for (; turns > 0; --turns) {
    co_await resume_on(*on);
    const int now = ++inside;
    if (now > most) most = now;
    --inside;
    ++done;
  }
}

}  // namespace

TEST_CASE("A strand's jobs run in their order, each as one of the executor's") {
  ManualLoop threads;
  std::vector<int> seen;
  {
    const auto strand = Strand::on(threads);
    note(strand, seen, 1, 3);
    note(strand, seen, 2, 4);
  }
  CHECK(seen.empty());
  CHECK(threads.run() == 4);
  CHECK(seen == std::vector<int>{1, 2, 3, 4});
}

TEST_CASE("On several threads no two jobs of a strand run at a time, and it stays until the last has") {
  std::atomic<int> inside{0}, most{0}, done{0};
  constexpr int coroutines = 8, turns = 500;
  {
    BlockingPool threads(4);
    const auto strand = Strand::on(threads);
    for (int i = 0; i < coroutines; ++i) count(strand, turns, inside, most, done);
  }
  CHECK(most == 1);
  CHECK(done == coroutines * turns);
}
