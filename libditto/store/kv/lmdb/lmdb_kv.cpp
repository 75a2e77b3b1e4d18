#include "store/kv/lmdb/lmdb_kv.hpp"

#include <fmt/format.h>

#include <utility>

#include "store/kv/lmdb/view.hpp"

namespace ditto::store {
namespace {

/// How often a caller that must not block tries the writer lock: about the time that a body takes.
constexpr int lock_attempts = 200;

/// Contents up to this size travel with their transaction: copying them once more costs less than a sync of the object,
/// up to far beyond it; but they are written twice, and the journal has its bounds.
constexpr std::size_t max_contents_bytes = std::size_t{64} << 10;

}  // namespace

std::size_t LmdbKv::Contents::size_bytes() const noexcept {
  std::size_t size = synced.size() * journal::entry_overhead_bytes;
  for (const Put& one : put) size += one.bytes.size() + journal::entry_overhead_bytes;
  return size;
}

class LmdbKv::Transaction final : public KvTransaction {
 public:
  Transaction(LmdbView& view, WriteSet& writes, Contents& contents) noexcept
      : view_(view), writes_(writes), contents_(contents) {}

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
  void put_contents(ObjectId object, std::uint64_t offset, const BufferChain& contents) override {
    contents_.put.push_back({object, offset, contents});
  }
  void contents_synced(ObjectId object, Lsn up_to) override { contents_.synced.push_back({object, up_to}); }
  void on_commit(FunctionRef<void(Lsn)> told) override { told_.emplace(told); }

  void numbered(Lsn lsn) const {
    if (told_) (*told_)(lsn);
  }

 private:
  LmdbView& view_;
  WriteSet& writes_;
  Contents& contents_;
  std::optional<FunctionRef<void(Lsn)>> told_;
};

std::expected<std::unique_ptr<LmdbKv>, std::string> LmdbKv::open(const Place& place, const LmdbKvOptions& options) {
  auto environment =
      LmdbEnvironment::open({place.metadata_path, place.unfinished}, place.space, place.log, options.map_bytes);
  if (!environment) return std::unexpected(std::move(environment.error()));
  const journal::Applied applied{.last = (*environment)->applied(), .begun = (*environment)->begun()};
  std::unique_ptr<LmdbKv> kv(new LmdbKv(std::move(*environment), place, options));
  Replay replay(kv->overlay_, kv->objects_, place.data);
  auto journal = journal::Journal::open(
      place.journal_path, place.space, options.journal, applied,
      [&](Lsn lsn, Bytes entries) { return replay.look(lsn, entries); },
      [&](Lsn lsn, Bytes entries) { return replay.redo(lsn, entries); });
  if (!journal) return std::unexpected(std::move(journal.error()));
  kv->replayed_ = replay.counts();
  kv->start(std::move(*journal));
  return kv;
}

LmdbKv::LmdbKv(std::unique_ptr<LmdbEnvironment> environment, const Place& place, const LmdbKvOptions& options)
    : environment_(std::move(environment)),
      place_(place),
      options_(options),
      overlay_(environment_->applied()),
      writability_(place_.clock),
      admission_(place.space),
      tracker_(environment_->applied()) {}

void LmdbKv::start(std::unique_ptr<journal::Journal> journal) {
  journal_ = std::move(journal);
  set_memory_bytes(options_.memory_bytes);
  tracker_.advance(journal_->recovered());
  if (!journal_->damage().empty()) {
    place_.log.error(
        writability_.become_read_only(fmt::format("{} (what came before them is served)", journal_->damage()),
                                      "a restart does not mend it; restore a copy of the data directory"));
  }
  flusher_.emplace(Flusher::Parts{*journal_, overlay_, tracker_, progress_, writer_, writability_, place_.log},
                   options_.flush_interval);
  checkpointer_.emplace(Checkpointer::Parts{overlay_, *environment_, *journal_, objects_, place_.data, tracker_,
                                            *flusher_, progress_, writer_, writability_, place_.log},
                        options_.checkpoint_interval);
}

LmdbKv::~LmdbKv() = default;

KvStatistics LmdbKv::statistics() const {
  const journal::JournalCounts journal = journal_->counts();
  return {.syncs = journal.syncs,
          .segments_begun = journal.segments_begun,
          .segments_reused = journal.segments_reused,
          .checkpoints = checkpointer_->checkpoints(),
          .objects_settled = objects_.settled(),
          .replayed_records = replayed_.records,
          .replayed_contents = replayed_.contents,
          .skipped_contents = replayed_.skipped,
          .tail_was_torn = journal.tail_was_torn};
}

StoreStatus LmdbKv::status() const {
  return {.read_only = writability_.cause(),
          .out_of_space = checkpointer_->out_of_space() || journal_->out_of_space(),
          .last = overlay_.last(),
          .durable = tracker_.durable(),
          .journal_bytes = journal_->size_bytes(),
          .journal_max_bytes = journal_->max_size_bytes(),
          .memory_bytes = backlog_bytes(),
          .memory_max_bytes = max_backlog_bytes_.load(std::memory_order_relaxed),
          .counts = statistics()};
}

Result<Lsn> LmdbKv::transact(FunctionRef<Result<void>(KvTransaction&)> body, Blocking blocking, Lsn* seen) {
  auto done = attempt(body, blocking, seen);
  if (done || done.error() != Error::WouldBlock || blocking == Blocking::Never) return done;
  wait_for_checkpoint();
  done = attempt(body, blocking, seen);
  return done || done.error() != Error::WouldBlock ? done : fail(Error::NoSpace);
}

Result<Lsn> LmdbKv::attempt(FunctionRef<Result<void>(KvTransaction&)> body, Blocking blocking, Lsn* seen) {
  std::unique_lock lock(writer_, std::defer_lock);
  if (auto locked = lock_writer(lock, blocking); !locked) return fail(locked.error());
  LmdbView view(slots_, overlay_, *environment_, tracker_.durable());
  if (auto opened = view.open(blocking); !opened) return fail(opened.error());
  writes_.clear();
  contents_.clear();
  Transaction transaction(view, writes_, contents_);
  const Result<void> outcome = body(transaction);
  if (seen != nullptr) *seen = view.seen();
  if (!outcome) return fail(outcome.error());
  if (writes_.bad_key()) return fail(Error::InvalidArgument);
  if (writes_.empty() && contents_.empty()) return view.seen();
  return commit(view, transaction);
}

Result<Lsn> LmdbKv::commit(LmdbView& view, const Transaction& transaction) {
  if (read_only()) return fail(Error::ReadOnly);
  const std::size_t record_bytes = journal::record_overhead_bytes + writes_.size_bytes() +
                                   writes_.writes() * journal::entry_overhead_bytes + contents_.size_bytes();
  if (record_bytes > journal_->max_record_bytes()) return fail(Error::InvalidArgument);
  if (!writes_.empty()) {
    switch (admission_.judge(writes_, view, overlay_.backlog())) {
      case Admission::Verdict::Admitted: break;
      case Admission::Verdict::Refused: return fail(Error::NoSpace);
      case Admission::Verdict::AskAgain: return fail(Error::WouldBlock);
    }
  }
  const Lsn lsn = overlay_.last() + 1;
  transaction.numbered(lsn);
  append(lsn);
  // First of all: a checkpoint may begin as soon as the change is published, and syncs the objects that it knows of.
  for (const Contents::Put& put : contents_.put) objects_.note(put.object, lsn);
  overlay_.publish(writes_, lsn);
  for (const Contents::Synced& synced : contents_.synced) objects_.synced(synced.object, synced.up_to);
  const bool due = backlog_bytes() >= max_backlog_bytes_.load(std::memory_order_relaxed) / 4 ||
                   journal_->size_bytes() >= journal_->max_size_bytes() / 4;
  if (due) checkpointer_->wake();
  return lsn;
}

void LmdbKv::append(Lsn lsn) {
  journal_->append(lsn, [&](journal::RecordWriter& record) {
    writes_.for_each([&](const Version& write) {
      if (write.erased()) {
        record.erase(write.key());
      } else {
        record.put(write.key(), write.value());
      }
    });
    for (const Contents::Put& put : contents_.put) record.data(put.object, put.offset, put.bytes);
    for (const Contents::Synced& synced : contents_.synced) record.synced(synced.object, synced.up_to);
  });
}

Result<void> LmdbKv::view(FunctionRef<Result<void>(KvReader&)> body, Blocking blocking) {
  LmdbView view(slots_, overlay_, *environment_, tracker_.durable());
  if (auto opened = view.open(blocking); !opened) return opened;
  return body(view);
}

Result<void> LmdbKv::verify(FunctionRef<void(Bytes key)> damaged) {
  return environment_->verify([&](Bytes key) {
    // What was written or erased since hides it, and will replace it.
    LmdbView view(slots_, overlay_, *environment_, tracker_.durable());
    if (auto opened = view.open(Blocking::Allowed); !opened || !view.overrides(key)) damaged(key);
  });
}

void LmdbKv::when_durable(DurableWait& wait) {
  const Lsn lsn = wait.lsn;  // `wait` may be gone once it is handed over
  tracker_.when_durable(wait);
  if (lsn > tracker_.durable()) flusher_->wake();
}

Result<void> LmdbKv::wait_durable(Lsn lsn) {
  if (lsn > tracker_.durable()) flusher_->wake();
  return tracker_.wait_durable(lsn);
}

Result<void> LmdbKv::write_out(Lsn lsn) {
  if (lsn <= journal_->written()) return {};
  auto written = journal_->write_out();
  if (!written) flusher_->wake();  // which takes back what cannot be written
  return written;
}

std::size_t LmdbKv::contents_limit() const noexcept {
  return std::min(max_contents_bytes, journal_->max_record_bytes() / 2);
}

void LmdbKv::set_memory_bytes(std::size_t bytes) noexcept {
  max_backlog_bytes_.store(bytes / 4 * 3);
  environment_->set_commit_bytes(bytes / 16);  // which LMDB holds in memory until they are written
  journal_->set_max_pending_bytes(bytes / 8);  // one batch gathers while another is written
}

// An entry counts for more than its bytes: the more there are, the longer take look-ups in the overlay, whose tables
// are fast while they fit the processor's caches, and the checkpoint.
std::size_t LmdbKv::backlog_bytes() const noexcept {
  const Backlog backlog = overlay_.backlog();
  return backlog.size_bytes + backlog.entries * lmdb_page_bytes / 4;
}

bool LmdbKv::has_room() const noexcept { return backlog_bytes() < max_backlog_bytes_.load() && journal_->has_room(); }

bool LmdbKv::is_stuck() const noexcept {
  if (has_room()) return false;
  return checkpointer_->out_of_space() || (overlay_.backlog().entries == 0 && journal_->out_of_space());
}

void LmdbKv::wait_for_checkpoint() {
  // The attempt that may be under way does not have everything.
  const std::uint64_t enough = checkpointer_->attempts() + 2;
  progress_.wait([&] {
    if (checkpointer_->attempts() >= enough || overlay_.backlog().entries == 0 || read_only()) return true;
    checkpointer_->wake();
    return false;
  });
}

Result<void> LmdbKv::lock_writer(std::unique_lock<std::mutex>& lock, Blocking blocking) {
  if (blocking == Blocking::Never) {
    if (!has_room()) return fail(Error::WouldBlock);
    for (int attempt = 0; attempt < lock_attempts; ++attempt) {
      if (lock.try_lock()) return {};
    }
    return fail(Error::WouldBlock);
  }
  for (;;) {
    lock.lock();
    // A store that takes nothing any more makes no room either; whoever writes is told.
    if (has_room() || read_only()) return {};
    lock.unlock();
    flusher_->wake();
    checkpointer_->wake();
    progress_.wait([&] { return has_room() || is_stuck() || read_only(); });
    if (is_stuck()) return fail(Error::NoSpace);
  }
}

}  // namespace ditto::store
