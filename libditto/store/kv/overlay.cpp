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

void Overlay::publish(const WriteSet& writes, Lsn lsn) noexcept {
  std::lock_guard lock(mutex_);
  DITTO_ASSERT(lsn > ceiling_.load());
  Generation& youngest = *current_.load()->front();
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
  const auto dropped = std::erase_if(next, [&](const auto& listed) { return listed.get() == &generation; });
  if (dropped == 0) return;  // what it holds is in a younger one: see discard_after()
  const Backlog applied = generation.backlog();
  backlog_bytes_ -= applied.size_bytes;
  backlog_entries_ -= applied.entries;
  gone = install(std::move(next));
}

void Overlay::discard_after(Lsn keep) {
  auto kept = std::make_shared<Generation>();
  Retired gone;
  std::lock_guard lock(mutex_);
  for (const auto& generation : *current_.load()) {
    for (const Version* at = generation->table().first(); at != nullptr; at = at->next()) {
      if (at->lsn() > keep) continue;
      kept->table_.insert(at->key(), at->lsn(), at->read());
      ++kept->entries_;
      kept->last_.store(std::max(kept->last_.load(), at->lsn()));
    }
  }
  backlog_bytes_ = kept->table_.size_bytes();
  backlog_entries_ = kept->entries_;
  gone = install({std::move(kept)});
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
