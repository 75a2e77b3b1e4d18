// Lists in memory, each once: nodes with the same list share one object, that nobody changes. It lives as long as
// somebody has it; only its address is kept here. One for each file system, which its lists may outlive. Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "vfs/acl/acl.hpp"

namespace ditto::vfs {

class SharedLists {
 public:
  /// The one object with the contents of `acl`, which the store has under `id`.
  std::shared_ptr<const Acl> share(std::uint64_t id, const Acl& acl);

  /// Memory of all lists that somebody has.
  std::size_t bytes() const noexcept { return bytes_->load(std::memory_order_relaxed); }

 private:
  struct Kept;
  void drop_expired();

  const std::shared_ptr<std::atomic<std::size_t>> bytes_ = std::make_shared<std::atomic<std::size_t>>(0);
  std::mutex mutex_;  // guards the rest; a leaf
  std::unordered_map<std::uint64_t, std::weak_ptr<const Acl>> lists_;
  std::size_t sweep_at_ = 64;  // lists, expired ones among them, at which those are dropped
};

}  // namespace ditto::vfs
