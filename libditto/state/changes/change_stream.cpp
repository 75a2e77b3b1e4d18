#include "state/changes/change_stream.hpp"

#include <algorithm>
#include <utility>

namespace ditto::state {

void ChangeStream::watch(WatchId id, const Watch& watch) {
  unwatch(id);
  const Lsn seen = held_back_.empty() ? last_ : std::min(last_, held_back_.front() - 1);
  watches_.emplace(id, Ring{.watch = watch, .since = seen, .notices = {}});
  at_.emplace(watch.node, id);
  if (watch.recursive) ++recursive_;
}

void ChangeStream::unwatch(WatchId id) {
  const auto found = watches_.find(id);
  if (found == watches_.end()) return;
  const Watch& watch = found->second.watch;
  if (watch.recursive) --recursive_;
  const auto [first, last] = at_.equal_range(watch.node);
  at_.erase(std::find_if(first, last, [&](const auto& entry) { return entry.second == id; }));
  watches_.erase(found);
  // Of what is held back, one who comes before it is visible has to hear.
  if (watches_.empty() && held_back_.empty()) forget_pending();
}

void ChangeStream::committed(Lsn lsn, std::span<const TreeChange> changes) {
  if (watches_.empty()) return;
  last_ = lsn;
  for (const TreeChange& change : changes) {
    const std::size_t bytes = size_of(change);
    if (pending_.size() < max_pending && pending_bytes_ + bytes <= max_pending_bytes) {
      pending_bytes_ += bytes;
      pending_.push_back({.first = lsn, .last = lsn, .change = change});
    } else if (pending_.back().lost) {
      pending_.back().last = lsn;
    } else {
      pending_.push_back({.first = lsn, .last = lsn, .change = {}, .lost = true});
    }
  }
}

std::size_t ChangeStream::size_of(const TreeChange& change) noexcept {
  std::size_t bytes = sizeof(Pending);
  for (const Above& above : change.path) bytes += sizeof(Above) + above.name.size();
  return bytes;
}

void ChangeStream::taken_back(Lsn kept) {
  for (; !pending_.empty() && pending_.back().first > kept; pending_.pop_back()) {
    pending_bytes_ -= pending_.back().size_bytes();
  }
  if (!pending_.empty()) pending_.back().last = std::min(pending_.back().last, kept);
}

void ChangeStream::visible(Lsn lsn, std::vector<WatchId>& ready) {
  const auto found = std::lower_bound(held_back_.begin(), held_back_.end(), lsn);
  if (found != held_back_.end() && *found == lsn) held_back_.erase(found);
  if (watches_.empty() && held_back_.empty()) forget_pending();
  show_all(ready);
}

void ChangeStream::missed(std::vector<WatchId>& ready) {
  for (auto& [id, ring] : watches_) {
    if (ring.empty()) ready.push_back(id);
    overflow(ring);
  }
}

void ChangeStream::durable(Lsn durable, std::vector<WatchId>& ready) {
  durable_ = std::max(durable_, durable);
  show_all(ready);
}

void ChangeStream::show_all(std::vector<WatchId>& ready) {
  const Lsn durable = held_back_.empty() ? durable_ : std::min(durable_, held_back_.front() - 1);
  while (!pending_.empty() && pending_.front().first <= durable) {
    Pending& next = pending_.front();
    if (next.lost) {
      lose(next, ready);
      if (next.last > durable) {
        next.first = durable + 1;  // whoever looks now does not see the rest
        return;
      }
    } else {
      show(next, ready);
    }
    pending_bytes_ -= next.size_bytes();
    pending_.pop_front();
  }
}

void ChangeStream::show(const Pending& pending, std::vector<WatchId>& ready) {
  const TreeChange& change = pending.change;
  Notice notice{change.what, {}, change.node, change.cookie, pending.first, change.by, change.entry_cookie};
  const auto tell = [&](const FileKey& at, auto wants) {
    const auto [first, last] = at_.equal_range(at);
    for (auto found = first; found != last; ++found) {
      Ring& ring = watches_.at(found->second);
      const bool own = change.by.client != nobody && change.by.client == ring.watch.not_by;
      if (own || pending.first <= ring.since || !any(wants(ring.watch) & change.what)) continue;
      if (ring.empty()) ready.push_back(found->second);
      put(ring, notice);
    }
  };
  tell(change.node, [](const Watch& watch) { return watch.to_itself; });
  bool near = true;
  for (const Above& above : change.path) {
    notice.name = near ? above.name : above.name + "/" + notice.name;
    tell(above.directory,
         [near](const Watch& watch) { return near || watch.recursive ? watch.to_entries : Happened::None; });
    near = false;
  }
}

// Whoever writes a file piece by piece fills no ring with it: that it was written, and has grown, is there already.
bool ChangeStream::repeats(const Ring& ring, const Notice& notice) noexcept {
  constexpr Happened again = Happened::Written | Happened::Resized | Happened::Attributes | Happened::Xattrs;
  if (!any(notice.what & again)) return false;
  const auto newest = std::min<std::ptrdiff_t>(2, std::ssize(ring.notices));
  return std::any_of(ring.notices.end() - newest, ring.notices.end(), [&](const Notice& there) {
    return there.what == notice.what && there.node == notice.node && there.name == notice.name && there.by == notice.by;
  });
}

void ChangeStream::put(Ring& ring, const Notice& notice) {
  if (ring.overflow || repeats(ring, notice)) return;
  ring.bytes += size_of(notice);
  ring.notices.push_back(notice);
  if (ring.bytes > ring.watch.max_bytes) overflow(ring);
}

void ChangeStream::overflow(Ring& ring) noexcept {
  ring.notices.clear();
  ring.bytes = 0;
  ring.overflow = true;
}

void ChangeStream::lose(const Pending& pending, std::vector<WatchId>& ready) {
  for (auto& [id, ring] : watches_) {
    if (pending.last <= ring.since) continue;
    if (ring.empty()) ready.push_back(id);
    overflow(ring);
  }
}

ChangeStream::Taken ChangeStream::take(WatchId id, std::size_t max_bytes) {
  Taken taken;
  const auto found = watches_.find(id);
  if (found == watches_.end()) return taken;
  Ring& ring = found->second;
  taken.overflow = std::exchange(ring.overflow, false);
  std::size_t bytes = 0;
  while (!ring.notices.empty()) {
    const std::size_t size = size_of(ring.notices.front());
    if (!taken.notices.empty() && bytes + size > max_bytes) break;
    bytes += size;
    taken.notices.push_back(std::move(ring.notices.front()));
    ring.notices.pop_front();
  }
  ring.bytes -= bytes;
  return taken;
}

}  // namespace ditto::state
