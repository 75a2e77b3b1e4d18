// The stores that a server has, the first of them where it keeps what is its own. Any thread.
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <vector>

#include "server/open_store.hpp"

namespace ditto::server {

class StoreList {
 public:
  using All = std::vector<std::shared_ptr<OpenStore>>;
  All all() const {
    const std::lock_guard lock(mutex_);
    return stores_;
  }
  bool has(const std::shared_ptr<OpenStore>& store) const { return std::ranges::count(all(), store) != 0; }
  void add(std::shared_ptr<OpenStore> store) {
    const std::lock_guard lock(mutex_);
    stores_.push_back(std::move(store));
  }
  void remove(const std::shared_ptr<OpenStore>& store) {
    const std::lock_guard lock(mutex_);
    std::erase(stores_, store);
  }

 private:
  mutable std::mutex mutex_;  // guards stores_
  All stores_;
};

}  // namespace ditto::server
