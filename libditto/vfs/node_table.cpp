#include "vfs/node_table.hpp"

#include <algorithm>

namespace ditto::vfs {

NodeTable::NodeTable(std::size_t capacity, const Rollbacks& rollbacks, const SharedLists& lists) noexcept
    : rollbacks_(rollbacks), lists_(lists) {
  set_capacity(capacity);
}

void NodeTable::set_capacity(std::size_t capacity) noexcept {
  shard_capacity_.store(std::max<std::size_t>(1, capacity / shard_count), std::memory_order_relaxed);
}

std::size_t NodeTable::mix(NodeId id) noexcept {
  // Inode numbers are handed out in order: spread neighbours over shards and buckets.
  std::uint64_t x = id.inode ^ (std::uint64_t{id.subvolume} << 32);
  x *= 0x9e3779b97f4a7c15;
  return static_cast<std::size_t>(x ^ x >> 32);
}

InodePin NodeTable::get_or_insert(NodeId id, Lsn durable) {
  Shard& shard = shard_of(id);
  const std::lock_guard lock(shard.mutex);
  if (const auto found = shard.nodes.find(id); found != shard.nodes.end()) {
    found->second.inode->referenced.store(true, std::memory_order_relaxed);
    return InodePin(*found->second.inode);
  }
  make_room(shard, durable);
  auto made = std::make_unique<Inode>(id);
  InodePin pin(*made);
  std::list<NodeId> place{id};
  shard.nodes.emplace(id, Shard::Slot{std::move(made), place.begin()});
  shard.clock.splice(shard.clock.end(), place);
  return pin;
}

InodePin NodeTable::find(NodeId id) noexcept {
  Shard& shard = shard_of(id);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.nodes.find(id);
  if (found == shard.nodes.end()) return {};
  found->second.inode->referenced.store(true, std::memory_order_relaxed);
  return InodePin(*found->second.inode);
}

bool NodeTable::peek(NodeId id, InodeView& state) const noexcept {
  const Shard& shard = shard_of(id);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.nodes.find(id);
  if (found == shard.nodes.end()) return false;
  state = found->second.inode->view();
  return state.presence == InodeState::Presence::Present;
}

bool NodeTable::forget(NodeId id) noexcept {
  Shard& shard = shard_of(id);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.nodes.find(id);
  if (found == shard.nodes.end()) return true;
  const Inode& inode = *found->second.inode;
  if (inode.pins() != 0 || inode.holds.load(std::memory_order_relaxed) != 0) return false;
  shard.erase(found);
  return true;
}

bool NodeTable::drop(NodeId id, Lsn durable) noexcept {
  Shard& shard = shard_of(id);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.nodes.find(id);
  if (found == shard.nodes.end()) return true;
  const Inode& inode = *found->second.inode;
  if (inode.referenced.load(std::memory_order_relaxed)) return true;
  if (inode.pins() != 0 || !inode.clean(durable, rollbacks_)) return false;
  shard.erase(found);
  return true;
}

void NodeTable::Shard::erase(std::unordered_map<NodeId, Slot, Hash>::iterator slot) noexcept {
  clock.erase(slot->second.place);
  nodes.erase(slot);
}

std::size_t NodeTable::room_in_shard() const noexcept {
  const std::size_t capacity = shard_capacity_.load(std::memory_order_relaxed);
  const std::size_t taken = lists_.bytes() / node_memory_bytes / shard_count;
  return taken < capacity ? capacity - taken : 1;
}

void NodeTable::make_room(Shard& shard, Lsn durable) noexcept {
  const std::size_t capacity = room_in_shard();
  for (int step = 0; step < steps_per_insertion && shard.nodes.size() >= capacity; ++step) {
    if (shard.clock.empty()) return;
    const auto hand = shard.clock.begin();
    const auto found = shard.nodes.find(*hand);
    Inode& inode = *found->second.inode;
    const bool used = inode.referenced.exchange(false, std::memory_order_relaxed);
    if (used || inode.pins() != 0 || !inode.clean(durable, rollbacks_)) {
      shard.clock.splice(shard.clock.end(), shard.clock, hand);
      continue;
    }
    shard.erase(found);
  }
}

std::size_t NodeTable::size() const noexcept {
  std::size_t total = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    total += shard.nodes.size();
  }
  return total;
}

}  // namespace ditto::vfs
