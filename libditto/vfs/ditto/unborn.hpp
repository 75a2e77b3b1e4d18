// An inode that is being made: in the table, so that whoever finds its name waits for what is published, and out of it
// again when nothing comes of it. One thread.
#pragma once

#include <utility>

#include "vfs/node_table.hpp"

namespace ditto::vfs {

/// An inode that nobody has heard of yet. It goes again unless its creation comes to something.
class Unborn {
 public:
  Unborn(NodeTable& table, NodeId id, Lsn durable) : table_(table), pin_(table.get_or_insert(id, durable)) {}
  Unborn(const Unborn&) = delete;
  Unborn& operator=(const Unborn&) = delete;
  ~Unborn() {
    if (born_) return;
    const NodeId id = pin_->id();
    {
      const InodePin last = std::move(pin_);
    }
    table_.forget(id);
  }
  Inode& operator*() const noexcept { return *pin_; }
  Inode* operator->() const noexcept { return &*pin_; }
  void is_born() noexcept { born_ = true; }

 private:
  NodeTable& table_;
  InodePin pin_;
  bool born_ = false;
};

}  // namespace ditto::vfs
