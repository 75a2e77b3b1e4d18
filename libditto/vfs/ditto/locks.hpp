// The mutexes of the inodes that one operation changes, taken in the order of their ids and held until the end of the
// scope. On a loop nothing is waited for: a mutex that stays contended is WouldBlock. One thread.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <utility>

#include "base/result.hpp"
#include "store/kv/kv_store.hpp"
#include "vfs/inode.hpp"

namespace ditto::vfs {

class InodeLocks {
 public:
  /// A rename has the most: two directories, what moves, what it replaces, and the file whose streams they are.
  static constexpr std::size_t max = 5;

  /// Null pointers and repetitions are left out. WouldBlock.
  static Result<InodeLocks> take(std::initializer_list<Inode*> inodes, store::Blocking blocking);

  InodeLocks(InodeLocks&& other) noexcept : inodes_(other.inodes_), count_(std::exchange(other.count_, 0)) {}
  InodeLocks& operator=(InodeLocks&&) = delete;
  ~InodeLocks() { release(); }

  std::span<Inode* const> inodes() const noexcept { return {inodes_.data(), count_}; }
  void release() noexcept;

 private:
  InodeLocks() = default;
  std::array<Inode*, max> inodes_{};
  std::size_t count_ = 0;
};

}  // namespace ditto::vfs
