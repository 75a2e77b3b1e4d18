// KvStore and DataStore of one store on a machine that loses its power, or the program: contents that travel with
// transactions, contents that are written in place and synced, and the two after each other on the same bytes, by the
// rules that the interfaces state. A start finds the store as it was after some transaction behind everything promised.
#include <array>

#include "store/data_engines.hpp"
#include "store/kv_engines.hpp"
#include "store/store.hpp"
#include "support/coverage.hpp"
#include "support/power_cut/file_history.hpp"
#include "support/power_cut/machine.hpp"
#include "support/seeded_random.hpp"

using namespace ditto;
using namespace ditto::test;

namespace {

constexpr std::uint64_t seeds = 400;
constexpr unsigned crashes = 3;
constexpr unsigned most_steps = 80;
constexpr store::ObjectId objects = 4;
constexpr std::size_t longest = 16 << 10;  // of an object

store::LocalStoreOptions options_of(SeededRandom& random) {
  constexpr std::chrono::milliseconds now_and_then{1}, never{3'600'000};
  return {.map_bytes = std::size_t{64} << 20,
          .journal_bytes = 32 * (std::size_t{32} << 10),
          .memory_bytes = 32 << 10,
          .flush_interval = random.below(4) == 0 ? now_and_then : never,
          .checkpoint_interval = random.below(2) == 0 ? now_and_then : never};
}

class Run {
 public:
  explicit Run(std::uint64_t seed) : random_(seed), options_(options_of(random_)) {}

  void run() {
    start();
    for (unsigned crash = 0; crash < crashes; ++crash) {
      if (random_.below(4) != 0) machine_.plan_cut(random_.below(60), random_.below(2) == 0);
      for (std::uint64_t steps = random_.below(most_steps); steps > 0 && !machine_.is_off(); --steps) step();
      if (!machine_.is_off()) random_.below(2) == 0 ? machine_.kill() : machine_.cut_now();
      do {
        close();  // from here on no thread of the store's own cuts the power any more
        crash_ = machine_.is_cut() ? Crash::Power : Crash::Kill;
        machine_.restart(random_.below(1 << 30));
        if (random_.below(3) == 0) machine_.plan_cut(random_.below(8), random_.below(2) == 0);
      } while (!recover());
    }
  }

  void cover(Coverage& coverage) const {
    coverage.add({{"checkpoint", checkpoint_},
                  {"segment reused", reused_},
                  {"contents written again at a start", replayed_},
                  {"contents skipped at a start", skipped_},
                  {"cut while the store was being opened", cut_in_start_}});
  }

 private:
  store::KvStore& kv() { return store_->kv; }
  bool is_on() const { return !machine_.is_off(); }

  bool start() {
    auto opened = store::open_local_store(machine_.path() + "/store", null_log(), options_);
    if (machine_.is_off()) return false;
    if (!opened) FAIL(opened.error().message);
    store_ = std::move(*opened);
    const store::KvStatistics found = statistics();
    replayed_ = replayed_ || found.replayed_contents > 0;
    skipped_ = skipped_ || found.skipped_contents > 0;
    return true;
  }

  void close() {
    if (!store_) return;
    checkpoint_ = checkpoint_ || statistics().checkpoints > 0;
    reused_ = reused_ || statistics().segments_reused > 0;
    store_.reset();
  }

  store::KvStatistics statistics() { return dynamic_cast<store::LmdbKv&>(store_->kv).statistics(); }

  /// A transaction that is step `step_`; with no keys of its own now and then.
  template <class Body>
  void transact(Body body) {
    const auto lsn = kv().transact(
        [&](KvTransaction& t) -> Result<void> {
          body(t);
          if (random_.below(4) != 0) put(t, "last", std::to_string(step_));
          return {};
        },
        Blocking::Allowed);
    if (lsn) lsns_[step_] = last_ = *lsn;
    if (is_on() && !lsn) FAIL("a transaction failed: " << to_string(lsn.error()));
    if (lsn && random_.below(3) == 0) (void)kv().wait_durable(*lsn);
    const Lsn durable = kv().durable();
    if (is_on()) durable_ = durable;
  }

  void step() {
    ++step_;
    const store::ObjectId object = 1 + random_.below(objects);
    const std::uint64_t what = random_.below(10);
    if (what < 5) {
      carry(object);
    } else if (what < 8) {
      settle(object);
      ++step_;
      if (is_on()) write(object, false);
    } else {
      sync(object);
    }
    if (random_.below(2) == 0 && kv().write_out(last_) && is_on()) written_ = step_;
  }

  BufferChain write(store::ObjectId object, bool with_record) {
    const std::uint64_t length = 1 + random_.below(3000), offset = random_.below(longest - length);
    const char letter = static_cast<char>(1 + step_ % 255);
    histories_[object].write(
        step_, {.offset = offset, .length = length, .letter = letter, .stable = false, .with_record = with_record});
    offset_ = offset;
    BufferChain contents = chain_of(std::string(length, letter));
    const auto written = store_->data.write(object, offset, contents, Blocking::Allowed);
    if (is_on()) REQUIRE(written.has_value());
    return contents;
  }

  void carry(store::ObjectId object) {
    const BufferChain contents = write(object, true);
    if (is_on()) transact([&](KvTransaction& t) { t.put_contents(object, offset_, contents); });
  }

  /// What transactions carried must not come back over what is written in place.
  void settle(store::ObjectId object) {
    const Lsn carried = kv().contents_pending(object);
    if (carried == 0 || !store_->data.sync(object)) return;
    transact([&](KvTransaction& t) { t.contents_synced(object, carried); });
  }

  void sync(store::ObjectId object) {
    const Lsn carried = kv().contents_pending(object);
    const auto synced = store_->data.sync(object);
    if (!is_on()) return;
    REQUIRE(synced.has_value());
    histories_[object].commit(step_);
    if (carried != 0) {
      transact([&](KvTransaction& t) { t.contents_synced(object, carried); });
    } else {
      lsns_[step_] = last_;  // there may be a settle() that nobody waited for
    }
  }

  /// False: the power went meanwhile.
  bool recover() {
    if (!start()) return !(cut_in_start_ = true);
    const Lsn found = kv().durable();
    const auto last = read_one(kv(), "last");
    std::map<store::ObjectId, std::string> contents;
    for (store::ObjectId object = 1; object <= objects; ++object) {
      contents[object] = read(store_->data, object, 0, longest);
      contents[object].resize(longest);
    }
    if (machine_.is_off()) return !(cut_in_start_ = true);
    REQUIRE(found >= durable_);
    Step reached = 0;
    for (const auto& [step, lsn] : lsns_) reached = lsn <= found ? std::max(reached, step) : reached;
    for (auto& [object, history] : histories_) {
      INFO((crash_ == Crash::Power ? "a power cut" : "a kill") << "; object " << object << ": " << history.told());
      CHECK(history.mismatch(contents[object], reached, crash_, [&](Step step) { return promised(step); }) == "");
    }
    if (last) CHECK(std::stoul(*last) <= reached + before_);
    return trust(contents);
  }

  bool promised(Step step) const {
    if (crash_ == Crash::Kill) return step <= written_;
    const auto lsn = lsns_.find(step);
    return lsn != lsns_.end() && lsn->second <= durable_;
  }

  /// Makes stable what was found, and counts on it from here on.
  bool trust(std::map<store::ObjectId, std::string>& contents) {
    for (store::ObjectId object = 1; object <= objects; ++object) (void)store_->data.sync(object);
    if (machine_.is_off()) return !(cut_in_start_ = true);
    histories_.clear();
    for (auto& [object, bytes] : contents) histories_[object] = FileHistory(std::move(bytes));
    lsns_.clear();
    before_ = step_;
    durable_ = kv().durable();
    return true;
  }

  SeededRandom random_;
  const store::LocalStoreOptions options_;
  Machine machine_;
  std::unique_ptr<store::Store> store_;
  std::map<store::ObjectId, FileHistory> histories_;
  std::map<Step, Lsn> lsns_;  // of transactions since the last start
  Step step_ = 0, before_ = 0;
  std::uint64_t offset_ = 0;
  Lsn last_ = 0, durable_ = 0;
  Step written_ = 0;  // the last that a kill does not take
  Crash crash_ = Crash::Power;
  bool checkpoint_ = false, reused_ = false, replayed_ = false, skipped_ = false, cut_in_start_ = false;
};

}  // namespace

TEST_CASE("after a crash the store has what it promised, contents that travelled among it", "[power]") {
  Coverage coverage;
  for_each_seed(seeds, [&](std::uint64_t seed) {
    Run run(seed);
    run.run();
    run.cover(coverage);
  });
  coverage.report("a store that loses its power");
}
