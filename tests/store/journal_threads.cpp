// The store's two threads over a real journal: who waits is told once it is durable, what is taken back goes, the
// durable state follows, and a full or failing disk below does what it should.
#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "store/data/memory_data.hpp"
#include "store/kv/checkpointer.hpp"
#include "store/kv/flusher.hpp"
#include "store/temporary_folder.hpp"
#include "support/power_cut/sync_gate.hpp"

using namespace ditto;
using namespace ditto::store;
using namespace std::chrono_literals;
using ditto::test::HeldSyncs;
using ditto::test::TemporaryFolder;

namespace {

/// A durable state whose commits wait for the test and end as it says.
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
    const std::lock_guard lock(mutex_);
    outcomes_ = std::move(outcomes);
    changed_.notify_all();
  }
  /// The last number of the `count`th commit, which has arrived when this returns.
  Lsn wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_.size() >= count; });
    return arrived_[count - 1];
  }
  std::size_t commits() {
    const std::lock_guard lock(mutex_);
    return arrived_.size();
  }

 private:
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<Lsn> arrived_;
  std::deque<CommitOutcome> outcomes_;
};

/// Keeps what it is told.
class Listener final : public StoreListener {
 public:
  explicit Listener(std::mutex& writer) : writer_(writer) {}
  void rolled_back(Lsn kept) override {
    told.push_back(kept);
    std::thread([&] { writer_was_held = !writer_.try_lock(); }).join();
  }
  std::vector<Lsn> told;
  bool writer_was_held = false;

 private:
  std::mutex& writer_;
};

class LogLines final : public Log {
 public:
  void write(LogLevel level, std::string_view line) override {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(level, line);
  }
  bool enabled(LogLevel) const noexcept override { return true; }
  std::vector<std::pair<LogLevel, std::string>> lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::pair<LogLevel, std::string>> lines_;
};

/// Everything of a store but LMDB.
struct Store {
  static constexpr auto never = std::chrono::hours(1);
  static constexpr journal::JournalOptions journal_options{.segment_bytes = 64 << 10, .max_segments = 6};

  Store() {
    auto opened = journal::Journal::open(
        folder / "journal", space, journal_options, {}, [](Lsn, Bytes) { return Result<void>(); },
        [](Lsn, Bytes) { return Result<void>(); });
    REQUIRE(opened.has_value());
    journal = std::move(*opened);
    flusher.emplace(Flusher::Parts{*journal, overlay, tracker, progress, writer, writability, log}, never);
    checkpointer.emplace(Checkpointer::Parts{overlay, disk, *journal, objects, data, tracker, *flusher, progress,
                                             writer, writability, log},
                         never);
  }
  ~Store() { disk.answer({CommitOutcome::Durable}); }

  Lsn put(std::string_view key, std::string_view value = "x") {
    WriteSet writes;
    writes.put(bytes_of(key), bytes_of(value));
    const std::lock_guard lock(writer);
    const Lsn lsn = overlay.last() + 1;
    journal->append(lsn, [&](journal::RecordWriter& record) { record.put(bytes_of(key), bytes_of(value)); });
    overlay.publish(writes, lsn);
    return lsn;
  }
  Result<void> wait(Lsn lsn) {
    flusher->wake();
    return tracker.wait_durable(lsn);
  }
  bool shows(std::string_view key) {
    const auto pinned = overlay.pin(0);
    bool found = false;
    for (const auto& generation : pinned.generations)
      found |= generation->table().find(bytes_of(key), pinned.ceiling) != nullptr;
    overlay.unpin(0);
    return found;
  }

  TemporaryFolder folder;
  DiskSpace space{folder.path(), system_clock()};
  FakeDisk disk;
  MemoryData data;
  JournaledObjects objects;
  Overlay overlay{0};
  DurableTracker tracker{0};
  Progress progress;
  std::mutex writer;
  Writability writability{system_clock()};
  LogLines log;
  Listener listener{writer};
  std::unique_ptr<journal::Journal> journal;
  std::optional<Flusher> flusher;
  std::optional<Checkpointer> checkpointer;
};

}  // namespace

TEST_CASE("what arrives during a sync shares the next one", "[flusher]") {
  Store store;
  Lsn last = 0;
  {
    const HeldSyncs held;
    const std::size_t before = test::syncs();
    store.put("a");
    store.flusher->wake();
    held.wait_for(1);
    for (int i = 0; i < 100; ++i) last = store.put("k" + std::to_string(i));
    store.flusher->wake();
    CHECK(store.tracker.durable() == 0);
    CHECK(test::syncs() == before + 1);
  }
  CHECK(store.wait(last).has_value());
  CHECK(store.tracker.durable() == last);
  CHECK(store.shows("k7"));
  CHECK(store.disk.commits() == 0);
}

TEST_CASE("nobody waits: nothing is synced before the interval, and then it is", "[flusher]") {
  TemporaryFolder folder;
  DiskSpace space(folder.path(), system_clock());
  auto journal = journal::Journal::open(
      folder / "journal", space, Store::journal_options, {}, [](Lsn, Bytes) { return Result<void>(); },
      [](Lsn, Bytes) { return Result<void>(); });
  REQUIRE(journal.has_value());
  Overlay overlay{0};
  DurableTracker tracker{0};
  Progress progress;
  std::mutex writer;
  Writability writability{system_clock()};
  Flusher flusher({**journal, overlay, tracker, progress, writer, writability, null_log()}, 20ms);
  (*journal)->append(1, [](journal::RecordWriter& record) { record.put(bytes_of("a"), bytes_of("1")); });
  // Told by the interval alone.
  CHECK(tracker.wait_durable(1).has_value());
}

TEST_CASE("an interval that is set holds from then on", "[flusher]") {
  Store store;
  store.flusher->set_interval(20ms);
  // Told by the interval alone.
  CHECK(store.tracker.wait_durable(store.put("a")).has_value());
}

TEST_CASE("the end syncs what was appended and applies it", "[flusher]") {
  Lsn last = 0;
  Store store;
  store.disk.answer({CommitOutcome::Durable});
  for (int i = 0; i < 50; ++i) last = store.put(std::to_string(i));
  store.checkpointer.reset();
  CHECK(store.disk.wait_for(store.disk.commits()) == last);
  CHECK(store.tracker.durable() == last);
  last = store.put("late");
  store.flusher.reset();
  CHECK(store.tracker.durable() == last);
}

TEST_CASE("a failed sync takes back what it carried and makes the store read-only, with one clear line", "[flusher]") {
  Store store;
  store.flusher->set_listener(&store.listener);
  REQUIRE(store.wait(store.put("kept")).has_value());
  test::fail_syncs(1, GENERATE(EIO, ENOSPC));
  const Lsn lost = store.put("lost");
  CHECK(store.wait(lost).error() == Error::Io);
  CHECK(store.writability.read_only());
  const auto cause = store.writability.cause();
  REQUIRE(cause.has_value());
  CHECK(cause->reason.find("1 unsynced changes were taken back") != std::string::npos);
  CHECK(cause->remedy.find("restart") != std::string::npos);
  CHECK(cause->since.seconds > 0);
  CHECK(store.listener.told == std::vector<Lsn>{1});
  CHECK(store.listener.writer_was_held);
  CHECK_FALSE(store.shows("lost"));
  CHECK(store.shows("kept"));
  const auto lines = store.log.lines();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].first == LogLevel::Error);
  CHECK(lines[0].second.find("read-only") != std::string::npos);
  // It is not tried again as if nothing had been.
  CHECK(store.journal->sync().error() == Error::Io);
}

TEST_CASE("a checkpoint applies what is durable, empties the overlay and releases the journal", "[checkpointer]") {
  Store store;
  store.disk.answer({CommitOutcome::Durable});
  Lsn last = 0;
  const std::string large(6000, 'x');
  for (int i = 0; i < 20; ++i) {
    last = store.put("k" + std::to_string(i), large);
    REQUIRE(store.wait(last).has_value());
  }
  const std::size_t before = store.journal->size_bytes();
  store.checkpointer->wake();
  CHECK(store.disk.wait_for(1) == last);
  store.checkpointer.reset();
  CHECK_FALSE(store.shows("k7"));
  CHECK(store.overlay.backlog().entries == 0);
  CHECK(store.journal->size_bytes() < before);
}

TEST_CASE("nothing is applied before it is durable in the journal", "[checkpointer]") {
  Store store;
  store.disk.answer({CommitOutcome::Durable});
  const std::size_t before = test::syncs();
  {
    const HeldSyncs held;
    store.put("a");
    store.checkpointer->wake();
    held.wait_for(1);
    std::this_thread::sleep_for(20ms);
    CHECK(store.disk.commits() == 0);
  }
  CHECK(store.disk.wait_for(1) == 1);
  CHECK(test::syncs() > before);
}

TEST_CASE("a full disk below keeps everything in the journal until there is room", "[checkpointer]") {
  Store store;
  store.disk.answer({CommitOutcome::NoSpace});
  const Lsn first = store.put("a");
  store.checkpointer->wake();
  store.disk.wait_for(1);
  REQUIRE(store.wait(first).has_value());
  // It is told once and tried again and again.
  store.checkpointer->wake();
  store.disk.wait_for(3);
  CHECK(store.checkpointer->out_of_space());
  CHECK(store.shows("a"));
  CHECK_FALSE(store.writability.read_only());
  CHECK_FALSE(store.writability.cause().has_value());
  CHECK(store.log.lines().size() == 1);
  store.disk.answer({CommitOutcome::Durable});
  store.checkpointer->wake();
  store.checkpointer.reset();
  CHECK_FALSE(store.shows("a"));
}

TEST_CASE("a durable state that fails makes the store read-only and loses nothing", "[checkpointer]") {
  Store store;
  store.disk.answer({CommitOutcome::Failed});
  const Lsn lsn = store.put("a");
  store.checkpointer->wake();
  store.disk.wait_for(1);
  while (!store.writability.read_only()) std::this_thread::yield();
  CHECK(store.wait(lsn).has_value());
  CHECK(store.shows("a"));
  store.checkpointer.reset();
  CHECK(store.log.lines().size() == 1);
  CHECK(store.log.lines()[0].second.find("read-only") != std::string::npos);
}

TEST_CASE("objects known to the journal, record by record", "[checkpointer]") {
  JournaledObjects objects;
  CHECK(objects.last(1) == 0);
  objects.note(1, 5);
  objects.note(1, 15);
  objects.note(2, 8);
  CHECK(objects.last(1) == 15);
  CHECK(objects.up_to(4).empty());
  CHECK(objects.up_to(8).size() == 2);
  objects.all_synced(10);
  CHECK(objects.last(1) == 15);
  CHECK(objects.last(2) == 0);
  CHECK(objects.up_to(10).empty());
  objects.synced(1, 14);
  CHECK(objects.last(1) == 15);
  objects.synced(1, 15);
  CHECK(objects.last(1) == 0);
  objects.synced(3, 1);
}
