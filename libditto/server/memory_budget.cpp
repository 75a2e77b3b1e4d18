#include "server/memory_budget.hpp"

#include <algorithm>

#include "vfs/node_table.hpp"

namespace ditto::server {
namespace {

/// Of a kept reply that is an ordinary one: some attributes, and what keeping it costs.
constexpr std::size_t reply_bytes = 512;

}  // namespace

StoreMemory MemoryBudget::for_each_of(std::size_t count) const noexcept {
  count = std::max<std::size_t>(count, 1);
  return {.changes_bytes = stores_bytes / count, .nodes_in_memory = nodes_bytes / count / vfs::node_memory_bytes};
}

MemoryBudget divide(std::uint64_t bytes) noexcept {
  const auto whole = static_cast<std::size_t>(bytes);
  MemoryBudget budget{.stores_bytes = whole / 8 * 3,
                      .nodes_bytes = whole / 8,
                      .in_flight_bytes = whole / 4,
                      .depot_bytes = whole / 16,
                      .replies = {.entries = whole / 32 / reply_bytes, .bytes = whole / 32},
                      .session_replies_bytes = whole / 32,
                      .connection = {}};
  budget.connection.bytes_in_flight = std::min(budget.connection.bytes_in_flight, budget.in_flight_bytes / 4);
  return budget;
}

}  // namespace ditto::server
