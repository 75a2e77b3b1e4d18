// The table of inodes in use: the one home in memory of each, shared by all protocols. It owns the Inodes; whoever has
// one pinned keeps it there. Bounded: when it is full, inodes that nobody has pinned and that would lose nothing by it
// are forgotten, least recently used first (by clock). It knows nothing of stores. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "base/durable.hpp"
#include "vfs/acl/shared_lists.hpp"
#include "vfs/inode.hpp"

namespace ditto::vfs {

/// A NodePin that knows its node to be an Inode.
class InodePin {
 public:
  InodePin() noexcept = default;
  explicit InodePin(Inode& inode) noexcept : pin_(inode) {}
  static InodePin adopt(Inode& inode) noexcept {
    InodePin pin;
    pin.pin_ = NodePin::adopt(inode);
    return pin;
  }
  explicit operator bool() const noexcept { return static_cast<bool>(pin_); }
  Inode& operator*() const noexcept { return static_cast<Inode&>(*pin_); }
  Inode* operator->() const noexcept { return &static_cast<Inode&>(*pin_); }
  NodePin into_node_pin() && noexcept { return std::move(pin_); }

 private:
  NodePin pin_;
};

/// What an inode takes while it is in the table: itself, its places in the table and on the clock, and what the
/// allocator adds (measured: tests/vfs/node_memory.cpp).
inline constexpr std::size_t node_memory_bytes = 720;

class NodeTable {
 public:
  /// `capacity`: inodes kept at most, beyond those that are pinned or not clean. Memory of `lists`, which inodes keep
  /// there, is taken from the room for them.
  NodeTable(std::size_t capacity, const Rollbacks& rollbacks, const SharedLists& lists) noexcept;
  /// From now on; what is beyond it goes as others come.
  void set_capacity(std::size_t capacity) noexcept;
  std::size_t capacity() const noexcept { return shard_capacity_.load(std::memory_order_relaxed) * shard_count; }

  /// The inode, pinned; a new unloaded one when it was not there. `durable`: for the choice of what to forget.
  InodePin get_or_insert(NodeId id, Lsn durable);
  /// The inode, pinned, or none.
  InodePin find(NodeId id) noexcept;
  /// Published state of an inode that is there and loaded, without pinning it.
  bool peek(NodeId id, InodeView& state) const noexcept;
  /// Forgets `id` if nobody has it pinned or held; true when it is not in the table afterwards.
  bool forget(NodeId id) noexcept;
  /// Forgets `id`, which was brought in unreferenced, unless somebody has used it since. False: it is still pinned or
  /// not clean.
  bool drop(NodeId id, Lsn durable) noexcept;

  std::size_t size() const noexcept;

 private:
  struct Hash {
    std::size_t operator()(NodeId id) const noexcept { return mix(id); }
  };
  struct Shard {
    mutable std::mutex mutex;  // guards the rest, and the step from no pin to the first; a leaf but for Inode's own
    struct Slot {
      std::unique_ptr<Inode> inode;
      std::list<NodeId>::iterator place;  // on the clock
    };
    std::unordered_map<NodeId, Slot, Hash> nodes;
    std::list<NodeId> clock;  // of all nodes, in the order the hand will pass
    void erase(std::unordered_map<NodeId, Slot, Hash>::iterator slot) noexcept;
  };
  static constexpr std::size_t shard_count = 64;
  // Steps of the clock's hand per insertion: bounded work, and still more than one leaves for each that comes.
  static constexpr int steps_per_insertion = 8;

  static std::size_t mix(NodeId id) noexcept;
  Shard& shard_of(NodeId id) noexcept { return shards_[mix(id) % shard_count]; }
  const Shard& shard_of(NodeId id) const noexcept { return shards_[mix(id) % shard_count]; }
  void make_room(Shard& shard, Lsn durable) noexcept;
  std::size_t room_in_shard() const noexcept;

  std::atomic<std::size_t> shard_capacity_;
  const Rollbacks& rollbacks_;
  const SharedLists& lists_;
  std::array<Shard, shard_count> shards_;
};

}  // namespace ditto::vfs
