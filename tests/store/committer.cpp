// The committer over a disk that does as it is told: batches, order, full disks and failed syncs.
#include "store/kv/committer.hpp"

#include <catch2/catch.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace ditto;
using namespace ditto::store;

namespace {

/// A disk whose commits wait for the test and end as it says.
class FakeDisk final : public CommitSink {
 public:
  CommitOutcome commit(const Generation& generation) override {
    std::unique_lock lock(mutex_);
    arrived_.push_back(generation.last());
    changed_.notify_all();
    changed_.wait(lock, [&] { return !outcomes_.empty(); });
    const CommitOutcome outcome = outcomes_.front();
    if (outcomes_.size() > 1) outcomes_.pop_front();
    return outcome;
  }

  /// The last of them holds for all commits that follow.
  void answer(std::deque<CommitOutcome> outcomes) {
    std::lock_guard lock(mutex_);
    outcomes_ = std::move(outcomes);
    changed_.notify_all();
  }
  void hold() {
    std::lock_guard lock(mutex_);
    outcomes_.clear();
  }
  /// The last number of the `count`th commit, which has arrived when this returns.
  Lsn wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_.size() >= count; });
    return arrived_[count - 1];
  }
  std::size_t commits() {
    std::lock_guard lock(mutex_);
    return arrived_.size();
  }

 private:
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<Lsn> arrived_;
  std::deque<CommitOutcome> outcomes_;
};

/// Keeps what it is told.
class Listener final : public RollbackListener {
 public:
  explicit Listener(std::mutex& writer) : writer_(writer) {}
  void rolled_back(Lsn durable) override {
    told.push_back(durable);
    std::thread([&] { writer_was_held = !writer_.try_lock(); }).join();
  }
  std::vector<Lsn> told;
  bool writer_was_held = false;

 private:
  std::mutex& writer_;
};

class LogLines final : public Log {
 public:
  void write(LogLevel level, std::string_view line) override { lines.emplace_back(level, line); }
  bool enabled(LogLevel) const noexcept override { return true; }
  std::vector<std::pair<LogLevel, std::string>> lines;
};

struct Store {
  Lsn put(std::string_view key) {
    WriteSet writes;
    writes.put(bytes_of(key), bytes_of("x"));
    std::lock_guard lock(writer);
    const Lsn lsn = overlay.publish(writes);
    committer.wake();
    return lsn;
  }
  bool shows(std::string_view key) {
    const auto pinned = overlay.pin(0);
    bool found = false;
    for (const auto& generation : pinned.generations)
      found |= generation->table().find(bytes_of(key), pinned.ceiling) != nullptr;
    overlay.unpin(0);
    return found;
  }

  FakeDisk disk;
  Overlay overlay{0};
  DurableTracker tracker{0};
  std::mutex writer;
  LogLines log;
  Listener listener{writer};
  Committer committer{overlay, disk, tracker, writer, log};
};

}  // namespace

TEST_CASE("what arrives during a commit is one batch", "[committer]") {
  Store store;
  const Lsn first = store.put("a");
  CHECK(store.disk.wait_for(1) == first);
  Lsn last = 0;
  for (int i = 0; i < 100; ++i) last = store.put("k" + std::to_string(i));
  CHECK(store.tracker.durable() == 0);
  CHECK(store.shows("a"));
  store.disk.answer({CommitOutcome::Durable});
  CHECK(store.tracker.wait_durable(last).has_value());
  CHECK(store.disk.wait_for(2) == last);
  CHECK(store.disk.commits() == 2);
  CHECK_FALSE(store.shows("a"));
  CHECK_FALSE(store.shows("k7"));
}

TEST_CASE("a commit without room takes back its batch and everything behind it, and then it goes on", "[committer]") {
  Store store;
  store.committer.set_rollback_listener(&store.listener);
  store.disk.answer({CommitOutcome::Durable});
  REQUIRE(store.tracker.wait_durable(store.put("kept")).has_value());
  store.disk.hold();
  const Lsn lost = store.put("lost");
  CHECK(store.disk.wait_for(2) == lost);
  const Lsn queued = store.put("queued");
  store.disk.answer({CommitOutcome::NoSpace, CommitOutcome::Durable});
  CHECK(store.tracker.wait_durable(queued).error() == Error::NoSpace);
  CHECK(store.tracker.wait_durable(lost).error() == Error::NoSpace);
  CHECK(store.tracker.wait_durable(1).has_value());
  CHECK(store.listener.told == std::vector<Lsn>{1});
  CHECK(store.listener.writer_was_held);
  CHECK_FALSE(store.shows("lost"));
  CHECK_FALSE(store.shows("queued"));
  CHECK_FALSE(store.committer.read_only());

  const Lsn later = store.put("later");
  CHECK(later == queued + 1);
  CHECK(store.tracker.wait_durable(later).has_value());
  CHECK(store.tracker.durable() == later);
  // What was lost stays lost, though greater numbers are durable.
  CHECK(store.tracker.wait_durable(lost).error() == Error::NoSpace);
  CHECK(store.tracker.wait_durable(queued).error() == Error::NoSpace);
  CHECK(store.tracker.wait_durable(1).has_value());
  CHECK(store.log.lines.size() == 1);
}

TEST_CASE("after a commit that failed the store is read-only, with one clear line", "[committer]") {
  Store store;
  store.committer.set_rollback_listener(&store.listener);
  const Lsn lost = store.put("lost");
  store.disk.wait_for(1);
  const Lsn queued = store.put("queued");
  store.disk.answer({CommitOutcome::Failed});
  CHECK(store.tracker.wait_durable(lost).error() == Error::Io);
  CHECK(store.tracker.wait_durable(queued).error() == Error::Io);
  CHECK(store.committer.read_only());
  CHECK(store.listener.told == std::vector<Lsn>{0});
  REQUIRE(store.log.lines.size() == 1);
  CHECK(store.log.lines[0].first == LogLevel::Error);
  CHECK(store.log.lines[0].second.find("read-only") != std::string::npos);
}

TEST_CASE("the end makes everything durable", "[committer]") {
  FakeDisk disk;
  disk.answer({CommitOutcome::Durable});
  Overlay overlay{0};
  DurableTracker tracker{0};
  std::mutex writer;
  Lsn last = 0;
  {
    Committer committer(overlay, disk, tracker, writer, null_log());
    WriteSet writes;
    for (int i = 0; i < 50; ++i) {
      writes.clear();
      writes.put(bytes_of(std::to_string(i)), bytes_of("x"));
      last = overlay.publish(writes);
      if (i % 2 == 0) committer.wake();
    }
  }
  CHECK(tracker.durable() == last);
}

TEST_CASE("writers wait for room, not forever", "[committer]") {
  Store store;
  WriteSet large;
  large.put(bytes_of("large"), bytes_of(std::string(max_backlog_bytes, 'x')));
  store.overlay.publish(large);
  CHECK_FALSE(store.committer.has_room());
  store.committer.wake();
  store.disk.wait_for(1);
  std::atomic<bool> through = false;
  std::thread writer([&] {
    store.committer.wait_for_room();
    through = true;
  });
  CHECK_FALSE(through);
  store.disk.answer({CommitOutcome::Durable});
  writer.join();
  CHECK(through);
  CHECK(store.committer.has_room());
}
