#include "state/wait_graph.hpp"

#include <array>
#include <catch2/catch.hpp>

using namespace ditto::state;

namespace {
LockOwner owner(std::uint64_t number) { return {LockRules::Posix, 1, number}; }
}  // namespace

TEST_CASE("whoever would close a circle does not wait") {
  WaitGraph graph;
  CHECK(graph.wait(1, owner(1), std::array{owner(2)}));
  CHECK(graph.wait(2, owner(2), std::array{owner(3), owner(4)}));
  CHECK_FALSE(graph.wait(3, owner(4), std::array{owner(5), owner(1)}));
  CHECK(graph.waiting() == 2);
  // With the way through 2 gone there is no circle.
  graph.stop(2);
  CHECK(graph.wait(3, owner(4), std::array{owner(5), owner(1)}));
  CHECK_FALSE(graph.wait(2, owner(2), std::array{owner(3), owner(4)}));
}

TEST_CASE("an owner waits for several things at a time, and each ticket is its own") {
  WaitGraph graph;
  CHECK(graph.wait(1, owner(1), std::array{owner(2)}));
  CHECK(graph.wait(2, owner(1), std::array{owner(3)}));
  CHECK_FALSE(graph.wait(3, owner(3), std::array{owner(1)}));
  graph.stop(2);
  CHECK(graph.wait(3, owner(3), std::array{owner(1)}));
  // A renewed edge replaces the old one, and is gone when it would close a circle.
  CHECK_FALSE(graph.wait(1, owner(1), std::array{owner(3)}));
  CHECK(graph.waiting() == 1);
  graph.stop(3);
  graph.stop(3);
  CHECK(graph.waiting() == 0);
}
