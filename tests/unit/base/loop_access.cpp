#include "base/loop_access.hpp"

#include <catch2/catch.hpp>

#include "base/task.hpp"
#include "support/manual_loop.hpp"

using namespace ditto;
using namespace ditto::test;

namespace {

Detached enter(LoopAccess& access, Executor& from, int& entered) {
  entered = co_await access.enter(from) ? 1 : 0;
}

}  // namespace

TEST_CASE("Who comes from elsewhere goes on on the loop, who is there already at once") {
  ManualLoop loop, other;
  LoopAccess access(loop);
  int entered = -1;
  enter(access, other, entered);
  CHECK(entered == -1);
  CHECK(loop.run() == 1);
  CHECK(entered == 1);
  entered = -1;
  enter(access, loop, entered);
  CHECK(entered == 1);
  CHECK(loop.run() == 0);
}

TEST_CASE("Nothing is posted to a loop that was closed") {
  ManualLoop loop, other;
  LoopAccess access(loop);
  access.close();
  CHECK(access.is_closed());
  int entered = -1;
  enter(access, other, entered);
  CHECK(entered == 0);
  Job job{.run = [](Job*) {}};
  CHECK_FALSE(access.post(job));
  CHECK(loop.run() == 0);
}
