// How a server's memory is divided: one number (Options::memory_budget) into the bounds of everything that grows with
// what clients do. The parts are fixed shares of the whole, so that no part has to know of another, and each is
// enforced where the memory is used. Beside the budget stand what does not grow (code, threads' stacks), about 10 KiB
// for each connection, and what is no anonymous memory: the metadata file's map and the page cache. A store that is
// itself memory
// (`:memory:`) takes what its files need. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "rpc/connection.hpp"
#include "rpc/reply_cache.hpp"

namespace ditto::server {

/// With less, requests of the largest size would come one by one.
inline constexpr std::uint64_t least_memory_budget = std::uint64_t{32} << 20;
inline constexpr std::uint64_t most_memory_budget = std::uint64_t{1} << 40;

/// For each of a server's stores.
struct StoreMemory {
  std::size_t changes_bytes;    // store::Store::set_memory_bytes(): overlay, journal's buffers, pages of a checkpoint
  std::size_t nodes_in_memory;  // vfs::DittoFs::set_nodes_in_memory()
};

struct MemoryBudget {
  std::size_t stores_bytes;           // 3/8, changes of all stores
  std::size_t nodes_bytes;            // 1/8, inodes in memory of all stores
  std::size_t in_flight_bytes;        // 1/4, requests and replies of all connections
  std::size_t depot_bytes;            // 1/16, freed chunks that are kept
  rpc::ReplyCacheLimits replies;      // 1/32
  std::size_t session_replies_bytes;  // 1/32, replies that NFSv4's sessions and owners keep
  rpc::ConnectionLimits connection;   // a quarter of all that is in flight, and no more than is of use
  // The last eighth is the allocator's, for what lies unused between pieces in use, and the free lists of threads.

  /// What each of `count` stores gets; at least one.
  StoreMemory for_each_of(std::size_t count) const noexcept;
};

MemoryBudget divide(std::uint64_t bytes) noexcept;

}  // namespace ditto::server
