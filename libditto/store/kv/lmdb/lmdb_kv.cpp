#include "store/kv/lmdb/lmdb_kv.hpp"

#include <utility>

#include "store/kv/lmdb/view.hpp"

namespace ditto::store {
namespace {

/// How often a caller that must not block tries the writer lock: about the time that a body takes.
constexpr int lock_attempts = 200;

class LmdbTransaction final : public KvTransaction {
 public:
  LmdbTransaction(LmdbView& view, WriteSet& writes) noexcept : view_(view), writes_(writes) {}

  Result<std::optional<Bytes>> get(Bytes key) override {
    if (const Version* own = writes_.find(key)) return own->read();
    return view_.get(key);
  }

  Result<void> get_many(std::span<const Bytes> keys, std::span<std::optional<Bytes>> values) override {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      auto value = get(keys[i]);
      if (!value) return fail(value.error());
      values[i] = *value;
    }
    return {};
  }

  Result<void> scan(Bytes from, Bytes to, FunctionRef<bool(Bytes, Bytes)> visit) override {
    return view_.scan(&writes_, from, to, visit);
  }

  Lsn seen() const noexcept override { return view_.seen(); }
  void put(Bytes key, Bytes value) override { writes_.put(key, value); }
  void erase(Bytes key) override { writes_.erase(key); }

 private:
  LmdbView& view_;
  WriteSet& writes_;
};

}  // namespace

std::expected<std::unique_ptr<LmdbKv>, std::string> LmdbKv::open(const std::string& path, DiskSpace& space, Log& log,
                                                                 std::size_t map_bytes) {
  auto environment = LmdbEnvironment::open(path, space, log, map_bytes);
  if (!environment) return std::unexpected(std::move(environment.error()));
  return std::unique_ptr<LmdbKv>(new LmdbKv(std::move(*environment), space, log));
}

LmdbKv::LmdbKv(std::unique_ptr<LmdbEnvironment> environment, DiskSpace& space, Log& log)
    : environment_(std::move(environment)),
      overlay_(environment_->applied()),
      tracker_(environment_->applied()),
      admission_(space),
      committer_(overlay_, *environment_, tracker_, writer_, log) {}

LmdbKv::~LmdbKv() = default;

Result<Lsn> LmdbKv::transact(FunctionRef<Result<void>(KvTransaction&)> body, Blocking blocking, Lsn* seen) {
  std::unique_lock lock(writer_, std::defer_lock);
  if (!lock_writer(lock, blocking)) return fail(Error::WouldBlock);
  LmdbView view(slots_, overlay_, *environment_);
  if (auto opened = view.open(blocking); !opened) return fail(opened.error());
  writes_.clear();
  LmdbTransaction transaction(view, writes_);
  const Result<void> outcome = body(transaction);
  if (seen != nullptr) *seen = view.seen();
  if (!outcome) return fail(outcome.error());
  if (writes_.bad_key()) return fail(Error::InvalidArgument);
  if (writes_.empty()) return view.seen();
  if (committer_.read_only()) return fail(Error::ReadOnly);
  if (!admission_.admits(writes_, view, overlay_.backlog())) return fail(Error::NoSpace);
  const Lsn lsn = overlay_.publish(writes_);
  lock.unlock();
  committer_.wake();
  return lsn;
}

Result<void> LmdbKv::view(FunctionRef<Result<void>(KvReader&)> body, Blocking blocking) {
  LmdbView view(slots_, overlay_, *environment_);
  if (auto opened = view.open(blocking); !opened) return opened;
  return body(view);
}

bool LmdbKv::lock_writer(std::unique_lock<std::mutex>& lock, Blocking blocking) {
  if (blocking == Blocking::Never) {
    if (!committer_.has_room()) return false;
    for (int attempt = 0; attempt < lock_attempts; ++attempt) {
      if (lock.try_lock()) return true;
    }
    return false;
  }
  for (;;) {
    committer_.wait_for_room();
    lock.lock();
    if (committer_.has_room()) return true;
    lock.unlock();
  }
}

}  // namespace ditto::store
