// NFS over a local store, on a machine whose power goes at any sync or in between, and whose server is killed: once
// it is on again, clients find what they were promised, whole or absent what they were not, and the store's check finds
// nothing wrong. Some starts are cut short themselves.
#include "ops/power/client.hpp"
#include "store/store.hpp"
#include "support/coverage.hpp"
#include "support/recording_log.hpp"

using namespace ditto;
using namespace ditto::test;

namespace {

constexpr std::uint64_t seeds = 1000;
constexpr unsigned crashes = 3;
constexpr unsigned most_steps = 60;
constexpr std::uint64_t sync_points_ahead = 70;       // among which a planned cut comes
constexpr std::uint64_t sync_points_of_a_start = 12;  // likewise, when it shall come while the server starts

/// Everything small, so that a short run meets it: segments of 64 KiB, contents of up to 8 KiB travel.
store::LocalStoreOptions options_of(SeededRandom& random) {
  constexpr std::chrono::milliseconds now_and_then{2}, never{3'600'000};
  return {.map_bytes = std::size_t{64} << 20,
          .journal_bytes = 32 * (std::size_t{64} << 10),
          .memory_bytes = std::size_t{512} << (10 + random.below(4)),
          .flush_interval = random.below(4) == 0 ? now_and_then : never,
          .checkpoint_interval = random.below(2) == 0 ? now_and_then : never};
}

class Run {
 public:
  explicit Run(std::uint64_t seed)
      : random_(seed), options_(options_of(random_)), async_(random_.below(4) == 0), client_(machine_, random_) {}

  void run() {
    REQUIRE(start());
    client_.trust({});
    for (unsigned crash = 0; crash < crashes; ++crash) {
      work();
      stop();
      do {
        machine_.restart(random_.below(1 << 30));
      } while (!recover());
    }
  }

  void cover(Coverage& coverage) const {
    coverage.add({{"checkpoint committed", checkpoint_},
                  {"checkpoint cut in the middle", cut_in_checkpoint_},
                  {"segment switched", switched_},
                  {"segment reused", reused_},
                  {"COMMIT over contents in the journal", client_.met.committed_journaled},
                  {"a hole over contents in the journal", client_.met.punched_journaled},
                  {"contents written again at a start", replayed_},
                  {"contents skipped at a start, since they were synced", skipped_},
                  {"a clone", client_.met.shared},
                  {"a write to a clone", client_.met.copied_on_write},
                  {"truncated, then extended", client_.met.cut_and_grown},
                  {"room reserved", client_.met.reserved},
                  {"an extended attribute set", client_.met.attribute_set},
                  {"an extended attribute removed", client_.met.attribute_removed},
                  {"torn tail cut", torn_},
                  {"power cut", cut_},
                  {"second cut while the server started", cut_in_start_},
                  {"server killed", killed_},
                  {"asynchronous share", async_},
                  {"contents compared with their checksums", verified_},
                  {"something lost that was not promised", lost_}});
  }

 private:
  /// False: the power went meanwhile.
  bool start() {
    log_.emplace();
    auto store = store::open_local_store(machine_.path() + "/store", *log_, options_);
    if (machine_.is_off()) return false;
    if (!store) FAIL(store.error().message);
    auto fs = vfs::DittoFs::open((*store)->kv, (*store)->data, clock_, random_, *log_,
                                 {.root_mode = 0777, .inline_limit = 4096});
    if (machine_.is_off()) return false;
    for (const RecordingLog::Line& line : log_->lines()) UNSCOPED_INFO("the log: " << line.text);
    if (!fs) FAIL(fs.error());
    const gate::ShareRules rules{.squash = gate::Squash::None,
                                 .durability = async_ ? gate::Durability::Async : gate::Durability::Sync};
    world_.emplace(std::move(*store), std::shared_ptr<vfs::DittoFs>(std::move(*fs)), rules);
    world_->clock.advance_seconds(++starts_ * 100'000);
    const store::KvStatistics found = statistics();
    replayed_ = replayed_ || found.replayed_contents > 0;
    skipped_ = skipped_ || found.skipped_contents > 0;
    torn_ = torn_ || found.tail_was_torn;
    client_.use(*world_, async_);
    return !machine_.is_off();
  }

  store::KvStatistics statistics() { return dynamic_cast<store::LmdbKv&>(world_->stores->kv).statistics(); }

  /// Calls until the power goes, or the server is killed.
  void work() {
    if (random_.below(4) != 0) machine_.plan_cut(random_.below(sync_points_ahead), random_.below(2) == 0);
    for (std::uint64_t steps = 1 + random_.below(most_steps); steps > 0 && !machine_.is_off(); --steps) client_.step();
    if (machine_.is_off()) return;
    if (random_.below(2) == 0) {
      machine_.kill();
    } else {
      machine_.cut_now();
    }
  }

  void stop() {
    if (world_) {
      const store::KvStatistics done = statistics();
      checkpoint_ = checkpoint_ || done.checkpoints > 0;
      switched_ = switched_ || done.segments_begun > 1;
      reused_ = reused_ || done.segments_reused > 0;
    }
    world_.reset();  // from here on no thread of the store's own cuts the power any more
    crash_ = machine_.is_cut() ? Crash::Power : Crash::Kill;
    (crash_ == Crash::Power ? cut_ : killed_) = true;
    cut_in_checkpoint_ = cut_in_checkpoint_ || machine_.cut_at() == "store/metadata.mdb";
  }

  /// Starts the server and looks at what is there. False: the power went again before that was done.
  bool recover() {
    if (random_.below(3) == 0) machine_.plan_cut(random_.below(sync_points_of_a_start), random_.below(2) == 0);
    const bool done = start() && look();
    if (!machine_.is_off()) return true;
    cut_in_start_ = cut_in_start_ || !done;
    stop();
    return false;
  }

  bool look() {
    const SeenNames seen = client_.look();
    Step lost = 0;
    const std::string why = client_.promises.mismatch(seen, crash_, lost);
    if (machine_.is_off()) return false;
    INFO((crash_ == Crash::Power ? "after a power cut" : "after a kill") << (async_ ? ", asynchronous" : ""));
    if (!why.empty()) FAIL(why);
    lost_ = lost_ || lost > 0;
    check();
    // What a killed server had not synced yet is not stable because its successor shows it.
    if (crash_ == Crash::Kill) client_.commit(seen);
    if (machine_.is_off()) return false;
    if (crash_ == Crash::Kill && async_ && !restart_in_order()) return false;
    const SeenNames stable = client_.look();
    if (machine_.is_off()) return false;
    client_.trust(stable);
    return true;
  }

  void check() {
    const auto checked = world_->fs->check_store(
        {.contents = true}, [](std::string_view line) { UNSCOPED_INFO("the check: " << line); },
        [](const vfs::CheckSummary&) {});
    if (machine_.is_off()) return;
    REQUIRE(checked.has_value());
    REQUIRE(checked->problems == 0);
    verified_ = verified_ || checked->verified_bytes > 0;
  }

  bool restart_in_order() {
    world_->fs->maintain(world_->clock.now());
    world_.reset();
    return !machine_.is_off() && start();
  }

  SeededRandom random_;
  const store::LocalStoreOptions options_;
  const bool async_;
  ManualClock clock_;
  Machine machine_;
  std::optional<RecordingLog> log_;  // of one start
  std::optional<World> world_;
  Client client_;
  unsigned starts_ = 0;
  Crash crash_ = Crash::Power;

  bool checkpoint_ = false, cut_in_checkpoint_ = false, switched_ = false, reused_ = false, replayed_ = false,
       skipped_ = false, torn_ = false, cut_ = false, cut_in_start_ = false, killed_ = false, lost_ = false,
       verified_ = false;
};

}  // namespace

TEST_CASE("whatever happens to the server, its clients find what they were promised", "[power]") {
  Coverage coverage;
  for_each_seed(seeds, [&](std::uint64_t seed) {
    Run run(seed);
    run.run();
    run.cover(coverage);
  });
  coverage.report("NFS over a store that loses its power");
}
