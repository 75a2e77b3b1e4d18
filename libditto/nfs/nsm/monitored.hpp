// Whom to tell should this server start anew, and its own state number, which is odd while it is up and higher after
// each start (XNFS, chapter 11). Both outlive it through a Keeper, before anybody rests on them. Any thread; what says
// that it blocks is not for loops.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/function_ref.hpp"
#include "base/result.hpp"
#include "rpc/portmap/registry.hpp"

namespace ditto::nsm {

/// A host that locks files here, by the name that it gives and the address that it calls from.
struct Peer {
  std::string name;
  rpc::portmap::Address address{};
  rpc::portmap::Protocol protocol = rpc::portmap::Protocol::Udp;  // by which it called, and is called
};
/// One host has one entry, however it calls.
struct BySelf {
  bool operator()(const Peer& a, const Peer& b) const noexcept {
    return std::tie(a.name, a.address) < std::tie(b.name, b.address);
  }
};

/// What is kept over a restart.
struct Kept {
  std::int32_t state = 0;
  std::vector<Peer> peers;
};

/// Where it is kept. One call at a time; they may block.
class Keeper {
 public:
  virtual ~Keeper() = default;
  /// Nothing was kept yet: Kept{}.
  virtual Result<Kept> load() = 0;
  /// Durable when it returns.
  virtual Result<void> save(const Kept& kept) = 0;
};

/// For servers that keep nothing.
class MemoryKeeper final : public Keeper {
 public:
  Result<Kept> load() override { return kept_; }
  Result<void> save(const Kept& kept) override {
    kept_ = kept;
    return {};
  }

 private:
  Kept kept_;
};

class Monitored {
 public:
  static constexpr std::size_t max_peers = 4096;

  /// The keeper outlives it.
  explicit Monitored(Keeper& keeper) noexcept : keeper_(keeper) {}
  Monitored(const Monitored&) = delete;
  Monitored& operator=(const Monitored&) = delete;

  /// The server starts: the next state, and those who must be told. Blocks.
  Result<std::vector<Peer>> start();
  /// As if it started anew. Blocks.
  Result<std::vector<Peer>> crash();
  std::int32_t state() const;

  bool has(const Peer& peer) const;
  /// Keeps `peer` from now on, and no longer those that are not `in_use`. False: it could not be kept, or there are too
  /// many. Blocks.
  bool add(const Peer& peer, FunctionRef<bool(const Peer&)> in_use) noexcept;
  /// It knows that the server started anew, or will never know.
  void told(const Peer& peer);
  std::size_t size() const;

 private:
  using Peers = std::set<Peer, BySelf>;
  Result<void> save(const Peer* more);
  Result<std::vector<Peer>> advance();

  Keeper& keeper_;
  std::mutex saving_;         // one save at a time; taken before mutex_
  mutable std::mutex mutex_;  // guards the rest
  std::int32_t state_ = 0;
  Peers peers_;
  Peers untold_;  // from before the start
};

}  // namespace ditto::nsm
