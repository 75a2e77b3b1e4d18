#include "store/kv/overlay.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/assert.hpp"

namespace ditto::store {

Overlay::Overlay(Lsn last) : ceiling_(last), current_(new Generations{std::make_shared<Generation>()}) {}

Overlay::~Overlay() { delete current_.load(); }

Overlay::Pinned Overlay::pin(std::size_t slot) noexcept {
  // The ceiling first: whatever is published later than that is above it, and the list read next holds everything
  // below.
  const Lsn ceiling = ceiling_.load();
  const Generations* list = current_.load();
  for (;;) {
    // Whoever replaces the list looks at the slots afterwards: so it sees this one, or the list has changed here.
    pinned_[slot].list.store(list);
    const Generations* now = current_.load();
    if (now == list) break;
    list = now;
  }
  return {ceiling, *list};
}

void Overlay::unpin(std::size_t slot) noexcept { pinned_[slot].list.store(nullptr, std::memory_order_release); }

Lsn Overlay::publish(const WriteSet& writes) noexcept {
  std::lock_guard lock(mutex_);
  Generation& youngest = *current_.load()->front();
  const Lsn lsn = ceiling_.load() + 1;
  const std::size_t bytes_before = youngest.table_.size_bytes();
  std::size_t entries = 0;
  writes.for_each([&](const Version& write) {
    youngest.table_.insert(write.key(), lsn, write.read());
    ++entries;
  });
  youngest.entries_ += entries;
  backlog_bytes_ += youngest.table_.size_bytes() - bytes_before;
  backlog_entries_ += entries;
  youngest.last_.store(lsn, std::memory_order_release);
  ceiling_.store(lsn);
  return lsn;
}

std::shared_ptr<const Generation> Overlay::freeze() {
  Retired gone;
  std::lock_guard lock(mutex_);
  const Generations& list = *current_.load();
  if (list.front()->table_.empty()) return nullptr;
  DITTO_ASSERT(list.size() < max_generations);
  std::shared_ptr<const Generation> frozen = list.front();
  Generations next{std::make_shared<Generation>()};
  next.insert(next.end(), list.begin(), list.end());
  gone = install(std::move(next));
  return frozen;
}

void Overlay::drop(const Generation& generation) {
  Retired gone;
  std::lock_guard lock(mutex_);
  Generations next = *current_.load();
  std::erase_if(next, [&](const auto& listed) { return listed.get() == &generation; });
  const Backlog applied = generation.backlog();
  backlog_bytes_ -= applied.size_bytes;
  backlog_entries_ -= applied.entries;
  gone = install(std::move(next));
}

void Overlay::discard() {
  Retired gone;
  std::lock_guard lock(mutex_);
  backlog_bytes_ = 0;
  backlog_entries_ = 0;
  gone = install({std::make_shared<Generation>()});
}

Backlog Overlay::backlog() const noexcept { return {backlog_bytes_.load(), backlog_entries_.load()}; }

Overlay::Retired Overlay::install(Generations list) {
  retired_.emplace_back(current_.exchange(new Generations(std::move(list))));
  const auto unused = std::ranges::partition(retired_, [&](const auto& old) {
    return std::ranges::any_of(pinned_, [&](const Hazard& hazard) { return hazard.list.load() == old.get(); });
  });
  Retired gone(std::make_move_iterator(unused.begin()), std::make_move_iterator(unused.end()));
  retired_.erase(unused.begin(), unused.end());
  return gone;
}

}  // namespace ditto::store
