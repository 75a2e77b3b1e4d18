// A node in use: the one object in memory that all connections, all protocols and state/ share for an inode. The file
// system derives its own from it (attributes, pending sizes, descriptors); the gate keeps its word here. A Node lives
// as long as somebody pins it, and as long after as its table likes. Pins are counted atomically. Any thread may hold
// pins.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "vfs/attributes.hpp"

namespace ditto::vfs {

class Node {
 public:
  explicit Node(NodeId id) noexcept : id_(id) {}
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  virtual ~Node() = default;

  NodeId id() const noexcept { return id_; }

  /// The gate's word: what is held on this node and who is in flight (gate/word.hpp gives the bits their meaning).
  std::atomic<std::uint64_t> gate_word{0};

  void pin() noexcept { pins_.fetch_add(1, std::memory_order_relaxed); }
  /// Whoever drops the last pin may not touch the node any more: its table frees it when it likes.
  void unpin() noexcept { pins_.fetch_sub(1, std::memory_order_release); }
  std::uint32_t pins() const noexcept { return pins_.load(std::memory_order_acquire); }

 private:
  const NodeId id_;
  std::atomic<std::uint32_t> pins_{0};
};

/// Keeps a node in memory. Movable; one thread at a time.
class NodePin {
 public:
  NodePin() noexcept = default;
  /// Takes a pin of its own.
  explicit NodePin(Node& node) noexcept : node_(&node) { node.pin(); }
  /// Takes over a pin that the caller holds.
  static NodePin adopt(Node& node) noexcept {
    NodePin pin;
    pin.node_ = &node;
    return pin;
  }
  NodePin(NodePin&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  NodePin& operator=(NodePin&& other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~NodePin() {
    if (node_) node_->unpin();
  }
  explicit operator bool() const noexcept { return node_ != nullptr; }
  Node& operator*() const noexcept { return *node_; }
  Node* operator->() const noexcept { return node_; }

 private:
  Node* node_ = nullptr;
};

}  // namespace ditto::vfs
