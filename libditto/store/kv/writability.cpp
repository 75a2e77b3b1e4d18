#include "store/kv/writability.hpp"

#include <fmt/format.h>

#include <utility>

namespace ditto::store {

std::optional<ReadOnlyCause> Writability::cause() const {
  const std::lock_guard lock(mutex_);
  return cause_;
}

std::string Writability::become_read_only(std::string reason, std::string remedy) {
  std::string line = fmt::format("The store is read-only from now on: {}. What to do: {}.", reason, remedy);
  {
    const std::lock_guard lock(mutex_);
    if (!cause_) cause_ = {.reason = std::move(reason), .remedy = std::move(remedy), .since = clock_.now()};
  }
  read_only_.store(true, std::memory_order_release);
  return line;
}

}  // namespace ditto::store
