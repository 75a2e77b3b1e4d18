#include "records.hpp"

#include <utility>

namespace ditto::sim {

/// The pool runs its jobs in any order; whichever comes writes what has waited for longest.
struct SimulatedRecords::Write : Job {
  explicit Write(SimulatedRecords& records) : records_(records) {
    run = [](Job* self) {
      auto* const own = static_cast<Write*>(self);
      SimulatedRecords& records = own->records_;
      delete own;
      records.write_one();
    };
  }
  SimulatedRecords& records_;
};

void SimulatedRecords::apply(const state::Persist& change, Done done) {
  if (dead_) return done(false);
  waiting_.push_back({change, std::move(done)});
  pool_.post(*new Write(*this));
}

void SimulatedRecords::write_one() {
  Waiting next = std::move(waiting_.front());
  waiting_.pop_front();
  const bool fails = dead_ || dice_.chance(1, 25);
  if (!fails) test::apply_change(kept_, next.change);
  if (fails && !dead_) ++failures_;
  next.done(!fails);
}

void SimulatedRecords::cut_power() {
  dead_ = true;
  unfinished_ += static_cast<unsigned>(waiting_.size());
  const std::size_t reached = dice_.below(waiting_.size() + 1);
  for (std::size_t i = 0; i < reached; ++i) test::apply_change(kept_, waiting_[i].change);
}

}  // namespace ditto::sim
