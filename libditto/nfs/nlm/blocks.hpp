// LOCKs that were answered NLM4_BLOCKED: each is a request parked in state/, and from the moment that it holds its lock
// until the client has said that it knows, a grant. A client sends the same LOCK again when it grows impatient, cancels
// it, or unlocks before it has answered; whoever comes first decides, under the lock of the table. Bounded. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/buffer.hpp"
#include "gate/coordinator.hpp"
#include "gate/share.hpp"
#include "nfs/nlm/hosts.hpp"
#include "rpc/portmap/registry.hpp"

namespace ditto::nlm {

struct Service;

/// Resumed, as a job on the loop of Outside, when it holds its lock or never will.
struct Block : gate::TicketWait {
  enum class Phase : std::uint8_t {
    Asking,    // the LOCK that made it is not answered yet
    Parked,    // it waits in state/
    Granting,  // it holds its lock, and the client is being told
    Over       // whatever comes now is not its business any more
  };

  Block(Service& the_service, Hosts::Use who) : service(the_service), owner(std::move(who)) {}

  Service& service;
  Hosts::Use owner;
  Place place;
  state::ByteLock lock;
  Phase phase = Phase::Asking;  // guarded by Blocks

  // How the client is told.
  std::uint32_t version = 0;
  rpc::portmap::Address peer{};
  rpc::portmap::Protocol protocol = rpc::portmap::Protocol::Tcp;
  /// NLM_GRANTED's arguments.
  BufferChain granted;

  /// As long as somebody may resume it.
  std::shared_ptr<Block> self;
};

struct BlockLimits {
  std::size_t all = 4096;
  std::size_t of_a_host = 512;
};

class Blocks {
 public:
  explicit Blocks(const BlockLimits& limits = {}) : limits_(limits) {}
  ~Blocks();
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;

  /// A LOCK comes. True: the same one waits already, and is to be answered BLOCKED. One that is being granted is over:
  /// the answer to this LOCK tells the client.
  bool waits_already(const state::FileKey& file, const state::ByteLock& lock);
  /// False: there are too many, or the same is there.
  bool add(const std::shared_ptr<Block>& block);
  /// The LOCK that made it is answered BLOCKED; false: it was cancelled before that.
  bool parked(Block& block);
  /// Its turn has come. False: it is over already.
  bool granting(Block& block);
  bool is_over(const Block& block) const;
  /// Takes it out. False: somebody else has.
  bool end(Block& block);

  /// The block for exactly this lock, whatever it is at; null: there is none.
  std::shared_ptr<Block> find(const state::FileKey& file, const state::ByteLock& lock) const;
  /// The owner unlocks: the grants that it touches need no answer any more.
  void unlocked(const state::FileKey& file, const state::LockOwner& owner, const state::ByteRange& range);
  /// All that an owner waits for or is being granted is over; it is for the caller to take it from state/ as well.
  std::vector<std::shared_ptr<Block>> end_owner(const state::LockOwner& owner);

  std::size_t size() const;

 private:
  using All = std::vector<std::shared_ptr<Block>>;
  All::const_iterator place_of(const state::FileKey& file, const state::ByteLock& lock) const noexcept;
  template <class Which>
  All end_all(Which which);

  const BlockLimits limits_;
  mutable std::mutex mutex_;  // guards all_, and the phases
  All all_;
};

}  // namespace ditto::nlm
