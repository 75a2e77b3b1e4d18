// The journal alone on a machine that loses its power, or the program, again and again: what a start finds is what was
// written, in order, up to some record behind everything that was synced; and nothing of what an earlier start found
// cut off ever comes back. Records are small and alike, so that batches of one start fit where those of another lay.
#include "store/journal/journal.hpp"

#include <map>

#include "store/power_files.hpp"
#include "support/coverage.hpp"
#include "support/power_cut/machine.hpp"
#include "support/seeded_random.hpp"

using namespace ditto;
using namespace ditto::store::journal;
using namespace ditto::test;

namespace {

constexpr std::uint64_t seeds = 1000;
constexpr unsigned starts = 6;
constexpr JournalOptions options{.segment_bytes = 16 << 10, .max_segments = 8};

class Run {
 public:
  explicit Run(std::uint64_t seed) : random_(seed), seed_(seed) {
    // The folder's own name is its owner's business.
    std::filesystem::create_directory(machine_.path() + "/journal");
    sync_folder(machine_.path());
  }

  void run() {
    for (start_ = 1; start_ <= starts; ++start_) {
      if (random_.below(2) == 0) machine_.plan_cut(random_.below(8), random_.below(2) == 0);
      open();
      for (std::uint64_t steps = random_.below(12); steps > 0 && journal_ && !machine_.is_off(); --steps) step();
      if (journal_) reused_ = reused_ || journal_->counts().segments_reused > 0;
      if (!machine_.is_off() && random_.below(3) != 0) machine_.kill();
      if (!machine_.is_off()) machine_.cut_now();
      journal_.reset();
      killed_ = !machine_.is_cut();
      machine_.restart(seed_ * starts + start_);
    }
  }

  void cover(Coverage& coverage) const {
    coverage.add({{"torn tail", torn_}, {"unsynced records lost", lost_}, {"segment reused", reused_}});
  }

 private:
  void open() {
    space_.emplace(machine_.path(), system_clock());
    std::map<Lsn, std::string> found;
    auto opened = Journal::open(
        machine_.path() + "/journal", *space_, options, {.last = applied_}, [](Lsn, Bytes) { return Result<void>(); },
        [&](Lsn lsn, Bytes entries) {
          found[lsn] = text_of(next_entry(entries)->value);
          return Result<void>();
        });
    if (machine_.is_off()) return;
    if (!opened) FAIL(opened.error());
    journal_ = std::move(*opened);
    CHECK(journal_->damage() == "");
    const Lsn recovered = journal_->recovered();
    if (machine_.is_off()) return;
    REQUIRE(recovered >= (killed_ ? written_ : durable_));
    REQUIRE(recovered <= written_);
    std::erase_if(past_, [&](const auto& record) { return record.first <= applied_ || record.first > recovered; });
    REQUIRE(found == past_);
    lost_ = lost_ || recovered < written_;
    torn_ = torn_ || journal_->counts().tail_was_torn;
    last_ = written_ = durable_ = recovered;
  }

  void step() {
    if (!journal_->has_room()) applied_ = durable_;
    if (random_.below(5) == 0) applied_ = durable_;
    journal_->release(applied_);
    (void)journal_->prepare();
    if (!journal_->has_room()) return;
    const std::string value = "start " + std::to_string(start_) + std::string(random_.below(2) * 600, '.');
    journal_->append(++last_, [&](RecordWriter& record) { record.put(bytes_of("key"), bytes_of(value)); });
    past_[last_] = value;
    if (random_.below(4) == 0) return;
    const bool written = journal_->write_out().has_value();
    if (!written) return;
    written_ = last_;
    if (random_.below(3) == 0 && journal_->sync() && !machine_.is_off()) durable_ = last_;
  }

  SeededRandom random_;
  const std::uint64_t seed_;
  Machine machine_;
  std::optional<store::DiskSpace> space_;
  std::unique_ptr<Journal> journal_;
  unsigned start_ = 0;
  std::map<Lsn, std::string> past_;  // what was appended and is not applied
  Lsn last_ = 0, written_ = 0, durable_ = 0, applied_ = 0;
  bool killed_ = false;  // the last start's end: what it wrote is there, unless the power goes now
  bool torn_ = false, lost_ = false, reused_ = false;
};

}  // namespace

TEST_CASE("a journal keeps what was synced and never mixes what different starts wrote", "[journal][power]") {
  Coverage coverage;
  for_each_seed(seeds, [&](std::uint64_t seed) {
    Run run(seed);
    run.run();
    run.cover(coverage);
  });
  coverage.report("the journal alone");
}
