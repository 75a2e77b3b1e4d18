// How one number becomes the bounds of everything.
#include "server/memory_budget.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "rpc/record.hpp"
#include "vfs/node_table.hpp"

using namespace ditto;
using namespace ditto::server;

TEST_CASE("the parts of a memory budget leave an eighth of it") {
  for (const std::uint64_t whole : {least_memory_budget, std::uint64_t{64} << 20, std::uint64_t{512} << 20,
                                    (std::uint64_t{1} << 30) + 4711, most_memory_budget}) {
    CAPTURE(whole);
    const MemoryBudget budget = divide(whole);
    const std::size_t parts = budget.stores_bytes + budget.nodes_bytes + budget.in_flight_bytes + budget.depot_bytes +
                              budget.replies.bytes + budget.session_replies_bytes;
    CHECK(parts <= whole - whole / 8);
    CHECK(parts > whole - whole / 8 - 64);
  }
}

TEST_CASE("stores share what there is for them") {
  const MemoryBudget budget = divide(std::uint64_t{512} << 20);
  for (const std::size_t count : {1U, 2U, 7U}) {
    const StoreMemory each = budget.for_each_of(count);
    CHECK(each.changes_bytes * count <= budget.stores_bytes);
    CHECK(each.nodes_in_memory * vfs::node_memory_bytes * count <= budget.nodes_bytes);
    CHECK(each.nodes_in_memory > 1000);
  }
  CHECK(budget.for_each_of(0).changes_bytes == budget.stores_bytes);
}

TEST_CASE("the least budget still takes requests of the largest size, and no connection takes all") {
  const MemoryBudget budget = divide(least_memory_budget);
  CHECK(budget.in_flight_bytes >= 4 * (rpc::max_record_bytes + limits::io_bytes) - (std::size_t{1} << 20));
  CHECK(budget.connection.bytes_in_flight <= budget.in_flight_bytes / 4);
  CHECK(budget.depot_bytes > limits::io_bytes);
  CHECK(budget.replies.entries > 1000);
}

TEST_CASE("more memory than a connection has use for changes nothing for it") {
  CHECK(divide(most_memory_budget).connection.bytes_in_flight == rpc::ConnectionLimits{}.bytes_in_flight);
}
