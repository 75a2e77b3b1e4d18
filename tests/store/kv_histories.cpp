// Random histories of the embedded KvStore against a plain map: transactions, views, scans, views held open meanwhile,
// reopenings, and crashes of process and power, at any moment and at every kind of sync point, in a start too. Short
// ones, and many: most of what can go wrong needs few steps.
#include <thread>

#include "store/kv_walk.hpp"
#include "store/store.hpp"
#include "support/coverage.hpp"
#include "support/power_cut/machine.hpp"
#include "support/recording_log.hpp"
#include "support/seeded_random.hpp"

using namespace ditto;
using namespace ditto::test;

namespace {

constexpr std::uint64_t seeds = 10'000;
constexpr unsigned most_steps = 24;
constexpr unsigned largest_value = 300;
constexpr std::size_t sync_points_ahead = 24;  // among which a planned cut comes

/// Everything small, so that a short history meets it.
store::LocalStoreOptions options_of(SeededRandom& random) {
  constexpr std::chrono::milliseconds now_and_then{1}, never{3'600'000};
  const bool moves = random.below(2) == 0;
  return {.map_bytes = std::size_t{64} << 20,
          .journal_bytes = 32 * (std::size_t{24} << 10),
          .memory_bytes = 64 << 10,
          .flush_interval = random.below(4) == 0 ? now_and_then : never,
          .checkpoint_interval = moves ? now_and_then : never};
}

class History {
 public:
  explicit History(std::uint64_t seed)
      : random_(seed), walk_(seed, largest_value), options_(options_of(random_)), seed_(seed) {}

  void run() {
    start();
    for (unsigned steps = 1 + walk_.below(most_steps); steps > 0; --steps) {
      if (!machine_.is_off()) step();
      if (machine_.is_off()) recover();
    }
    machine_.cut_now();
    recover();
  }

  void cover(Coverage& coverage) const {
    coverage.add({{"killed", killed_},
                  {"power cut", cut_},
                  {"power cut while LMDB committed", cut_in_commit_},
                  {"power cut while the store was being opened", cut_in_start_},
                  {"killed, then power cut", killed_then_cut_},
                  {"torn tail", torn_},
                  {"records replayed", replayed_},
                  {"something lost that nobody was promised", lost_},
                  {"checkpoint", checkpoint_},
                  {"segment switched", switched_},
                  {"segment reused", reused_},
                  {"view held while others wrote", held_}});
  }

 private:
  void step() {
    const unsigned what = walk_.below(100);
    if (what < 46) {
      transact();
    } else if (what < 58) {
      REQUIRE(looks([&](KvReader& reader) { return agrees(reader, model_, walk_); }));
    } else if (what < 61) {
      hold_view();
    } else if (what < 79) {
      if (kv_->wait_durable(last_) && !machine_.is_off()) durable_ = written_ = last_;
    } else if (what < 86) {
      if (kv_->write_out(last_) && !machine_.is_off()) written_ = last_;
    } else if (what < 91) {
      reopen();
    } else if (what < 96) {
      machine_.kill();
      killed_ = killed_here_ = true;
    } else {
      machine_.cut_now();
    }
  }

  /// A view in which `body` finds what it should. Once the machine is off it may find nothing at all.
  template <class Body>
  bool looks(Body body) {
    try {
      return read(*kv_, body);
    } catch (const std::runtime_error&) {
      if (!machine_.is_off()) throw;
      return true;
    }
  }

  void transact() {
    const bool agreed = ::ditto::test::step(*kv_, model_, walk_, last_);
    if (!machine_.is_off()) REQUIRE(agreed);
    past_[last_] = model_;
  }

  /// The view is on this thread, the writers on another: a body must not call the store.
  void hold_view() {
    held_ = true;
    const Model before = model_;
    const bool agreed = looks([&](KvReader& reader) {
      std::thread([&] {
        for (unsigned writes = 1 + walk_.below(3); writes > 0 && !machine_.is_off(); --writes) {
          ::ditto::test::step(*kv_, model_, walk_, last_);
          past_[last_] = model_;
        }
        (void)kv_->wait_durable(last_);
      }).join();
      return scan(reader) == Pairs(before.begin(), before.end()) && agrees(reader, before, walk_);
    });
    REQUIRE(agreed);
  }

  void reopen() {
    close();
    if (machine_.is_off()) return;
    durable_ = written_ = last_;
    start();
  }

  void close() {
    if (kv_ != nullptr) note_statistics();
    kv_ = nullptr;
    store_.reset();
  }

  /// What is found must be what was there after some change, and not before what was promised.
  void recover() {
    close();  // from here on no thread of the store's own cuts the power any more
    const bool was_cut = machine_.is_cut();
    cut_ = cut_ || was_cut;
    cut_in_commit_ = cut_in_commit_ || machine_.cut_at() == "store/metadata.mdb";
    killed_then_cut_ = killed_then_cut_ || (was_cut && killed_here_);
    if (was_cut) killed_here_ = false;
    machine_.restart(seed_ + walk_.below(1000));
    const Lsn promised = was_cut ? durable_ : written_;
    start();
    if (kv_ == nullptr) return;
    const Lsn found = kv_->durable();
    const bool read_only = kv_->read_only();
    if (machine_.is_off()) return;
    for (const RecordingLog::Line& line : log_->lines()) UNSCOPED_INFO("the log: " << line.text);
    REQUIRE_FALSE(read_only);
    REQUIRE(found >= promised);
    REQUIRE(past_.contains(found));
    lost_ = lost_ || found < last_;
    model_ = past_[found];
    REQUIRE(read(*kv_, [](KvReader& reader) { return scan(reader); }) == Pairs(model_.begin(), model_.end()));
    past_ = {{found, model_}};
    last_ = durable_ = written_ = found;
  }

  /// Opens the store; the power may go meanwhile, or later.
  void start() {
    if (walk_.below(2) == 0) machine_.plan_cut(walk_.below(sync_points_ahead), walk_.below(2) == 0);
    log_.emplace();
    auto opened = store::open_local_store(machine_.path() + "/store", *log_, options_);
    if (machine_.is_cut()) cut_in_start_ = true;
    if (opened) {
      store_ = std::move(*opened);
      kv_ = &dynamic_cast<store::LmdbKv&>(store_->kv);
      replayed_ = replayed_ || kv_->statistics().replayed_records > 0;
      torn_ = torn_ || kv_->statistics().tail_was_torn;
    } else if (!machine_.is_off()) {
      FAIL(opened.error().message);
    }
  }

  void note_statistics() {
    const store::KvStatistics now = kv_->statistics();
    checkpoint_ = checkpoint_ || now.checkpoints > 0;
    switched_ = switched_ || now.segments_begun > 1;
    reused_ = reused_ || now.segments_reused > 0;
  }

  SeededRandom random_;
  Walk walk_;
  const store::LocalStoreOptions options_;
  const std::uint64_t seed_;
  Machine machine_;
  std::optional<RecordingLog> log_;  // of one start
  std::unique_ptr<store::Store> store_;
  store::LmdbKv* kv_ = nullptr;  // the store's

  Model model_;
  std::map<Lsn, Model> past_{{0, {}}};  // after each change since the last start
  Lsn last_ = 0, written_ = 0, durable_ = 0;
  bool killed_here_ = false;  // since the last power cut

  bool killed_ = false, cut_ = false, cut_in_commit_ = false, cut_in_start_ = false, killed_then_cut_ = false,
       torn_ = false, replayed_ = false, lost_ = false, checkpoint_ = false, switched_ = false, reused_ = false,
       held_ = false;
};

}  // namespace

TEST_CASE("whatever happens to it, the embedded store is a map that forgets nothing it promised", "[kv][power]") {
  Coverage coverage;
  for_each_seed(seeds, [&](std::uint64_t seed) {
    History history(seed);
    history.run();
    history.cover(coverage);
  });
  coverage.report("histories of the embedded store");
}
