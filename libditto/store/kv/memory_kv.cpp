#include "store/kv/memory_kv.hpp"

#include <algorithm>
#include <mutex>
#include <ranges>
#include <string_view>
#include <utility>

namespace ditto::store {
namespace {

/// How often a caller that must not block tries a taken lock before it gives up: bodies take microseconds.
constexpr int lock_attempts = 64;

template <class Lock>
bool take(Lock& lock, Blocking blocking) {
  if (blocking == Blocking::Allowed) {
    lock.lock();
    return true;
  }
  for (int attempt = 0; attempt < lock_attempts; ++attempt) {
    if (lock.try_lock()) return true;
  }
  return false;
}

}  // namespace

class MemoryKv::Reader final : public KvReader {
 public:
  explicit Reader(const Map& map) : map_(map) {}

  Result<std::optional<Bytes>> get(Bytes key) override {
    const auto found = map_.find(text_of(key));
    if (found == map_.end()) return std::nullopt;
    return note(found->second);
  }

  Result<void> get_many(std::span<const Bytes> keys, std::span<std::optional<Bytes>> values) override {
    for (std::size_t i = 0; i < keys.size(); ++i) values[i] = *get(keys[i]);
    return {};
  }

  Result<void> scan(Bytes from, Bytes to, FunctionRef<bool(Bytes, Bytes)> visit) override {
    for (auto at = map_.lower_bound(text_of(from)); at != map_.end(); ++at) {
      if (!to.empty() && at->first >= text_of(to)) break;
      const std::optional<Bytes> value = note(at->second);
      if (value && !visit(bytes_of(at->first), *value)) break;
    }
    return {};
  }

  Lsn seen() const noexcept override { return seen_; }

  /// The value of `entry`, which counts as seen.
  std::optional<Bytes> note(const Entry& entry) {
    seen_ = std::max(seen_, entry.lsn);
    if (!entry.value) return std::nullopt;
    return bytes_of(*entry.value);
  }

 private:
  const Map& map_;
  Lsn seen_ = 0;
};

class MemoryKv::Transaction final : public KvTransaction {
 public:
  using Writes = std::map<std::string, std::optional<std::string>, std::less<>>;

  explicit Transaction(const Map& map) : map_(map), reader_(map) {}

  Result<std::optional<Bytes>> get(Bytes key) override {
    const auto written = writes_.find(text_of(key));
    if (written == writes_.end()) return reader_.get(key);
    if (!written->second) return std::nullopt;
    return bytes_of(*written->second);
  }

  Result<void> get_many(std::span<const Bytes> keys, std::span<std::optional<Bytes>> values) override {
    for (std::size_t i = 0; i < keys.size(); ++i) values[i] = *get(keys[i]);
    return {};
  }

  Result<void> scan(Bytes from, Bytes to, FunctionRef<bool(Bytes, Bytes)> visit) override {
    // The next key is looked up afresh each time, because `visit` may write.
    std::string next(text_of(from));
    bool beyond = false;  // `next` itself was visited
    for (;;) {
      const auto stored = beyond ? map_.upper_bound(next) : map_.lower_bound(next);
      const auto written = beyond ? writes_.upper_bound(next) : writes_.lower_bound(next);
      const bool own = written != writes_.end() && (stored == map_.end() || written->first <= stored->first);
      if (!own && stored == map_.end()) return {};
      next = own ? written->first : stored->first;
      beyond = true;
      if (!to.empty() && next >= text_of(to)) return {};
      std::optional<Bytes> value;
      if (!own) {
        value = reader_.note(stored->second);
      } else if (written->second) {
        value = bytes_of(*written->second);
      }
      if (value && !visit(bytes_of(own ? written->first : stored->first), *value)) return {};
    }
  }

  Lsn seen() const noexcept override { return reader_.seen(); }

  void put(Bytes key, Bytes value) override { write(key, std::string(text_of(value))); }
  void erase(Bytes key) override { write(key, std::nullopt); }
  void on_commit(FunctionRef<void(Lsn)> told) override { told_.emplace(told); }

  bool bad_key() const noexcept { return bad_key_; }
  Writes& writes() noexcept { return writes_; }
  void numbered(Lsn lsn) const {
    if (told_) (*told_)(lsn);
  }

 private:
  void write(Bytes key, std::optional<std::string> value) {
    if (key.empty() || key.size() > max_key_bytes) {
      bad_key_ = true;
      return;
    }
    writes_.insert_or_assign(std::string(text_of(key)), std::move(value));
  }

  const Map& map_;
  Reader reader_;
  Writes writes_;
  std::optional<FunctionRef<void(Lsn)>> told_;
  bool bad_key_ = false;
};

Result<Lsn> MemoryKv::transact(FunctionRef<Result<void>(KvTransaction&)> body, Blocking blocking, Lsn* seen) {
  std::unique_lock turn(turnstile_, std::defer_lock);
  std::unique_lock lock(mutex_, std::defer_lock);
  if (!take(turn, blocking) || !take(lock, blocking)) return fail(Error::WouldBlock);
  Transaction transaction(map_);
  const Result<void> outcome = body(transaction);
  if (seen != nullptr) *seen = transaction.seen();
  if (!outcome) return fail(outcome.error());
  if (transaction.bad_key()) return fail(Error::InvalidArgument);
  if (transaction.writes().empty()) return transaction.seen();
  transaction.numbered(last_ + 1);
  const Lsn lsn = apply(std::move(transaction.writes()));
  lock.unlock();
  turn.unlock();
  if (durability_ == Durability::AtOnce) tracker_.advance(lsn);
  return lsn;
}

Result<void> MemoryKv::view(FunctionRef<Result<void>(KvReader&)> body, Blocking blocking) {
  std::unique_lock turn(turnstile_, std::defer_lock);
  std::shared_lock lock(mutex_, std::defer_lock);
  if (!take(turn, blocking) || !take(lock, blocking)) return fail(Error::WouldBlock);
  turn.unlock();
  Reader reader(map_);
  return body(reader);
}

Lsn MemoryKv::apply(std::map<std::string, std::optional<std::string>, std::less<>> writes) {
  const Lsn lsn = ++last_;
  for (auto& [key, value] : writes) {
    const auto found = map_.find(key);
    if (durability_ == Durability::AtOnce) {
      if (!value) {
        if (found != map_.end()) map_.erase(found);
      } else if (found != map_.end()) {
        found->second.value = std::move(value);
      } else {
        map_.emplace(key, Entry{std::move(value), 0});
      }
      continue;
    }
    undo_.push_back({lsn, key, found != map_.end() ? std::optional(std::move(found->second)) : std::nullopt});
    map_.insert_or_assign(key, Entry{std::move(value), lsn});
  }
  return lsn;
}

void MemoryKv::make_durable(Lsn lsn) {
  {
    std::lock_guard lock(mutex_);
    lsn = std::min(lsn, last_);
    while (!undo_.empty() && undo_.front().lsn <= lsn) {
      const auto found = map_.find(undo_.front().key);
      if (found != map_.end() && found->second.lsn <= lsn) {
        found->second.lsn = 0;
        if (!found->second.value) map_.erase(found);
      }
      undo_.pop_front();
    }
  }
  tracker_.advance(lsn);
}

void MemoryKv::take_back(Error why) {
  Lsn last = 0;
  const Lsn durable = tracker_.durable();
  {
    std::lock_guard lock(mutex_);
    last = last_;
    for (Undo& undo : undo_ | std::views::reverse) {
      if (undo.before && (undo.before->value || undo.before->lsn > durable)) {
        // What was not yet durable when it was overwritten may be durable by now.
        if (undo.before->lsn <= durable) undo.before->lsn = 0;
        map_.insert_or_assign(undo.key, std::move(*undo.before));
      } else {
        map_.erase(undo.key);
      }
    }
    undo_.clear();
    if (listener_ != nullptr) listener_->rolled_back(durable);
  }
  if (last > durable) tracker_.take_back(durable + 1, last, why);
}

Lsn MemoryKv::last() const {
  std::shared_lock lock(mutex_);
  return last_;
}

}  // namespace ditto::store
