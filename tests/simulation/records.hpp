// The records of NFSv4's clients on a simulated disk, which takes its time, fails now and then, and keeps over a power
// cut what it was asked to keep and perhaps some of what it was still at. It outlives the servers that it is the store
// of. One thread.
#pragma once

#include <deque>

#include "base/executor.hpp"
#include "dice.hpp"
#include "state/recovery/records.hpp"
#include "support/kept_state.hpp"

namespace ditto::sim {

class SimulatedRecords final : public state::Records {
 public:
  SimulatedRecords(Dice& dice, Executor& pool) noexcept : dice_(dice), pool_(pool) {}

  const test::KeptState& kept() const noexcept { return kept_; }
  void apply(const state::Persist& change, Done done) override;

  /// From now on nothing is written, and whoever waits or comes is told so.
  void cut_power();
  void power_on() noexcept { dead_ = false; }

  unsigned failures() const noexcept { return failures_; }
  unsigned unfinished() const noexcept { return unfinished_; }

 private:
  struct Waiting {
    state::Persist change;
    Done done;
  };
  struct Write;
  void write_one();

  Dice& dice_;
  Executor& pool_;
  test::KeptState kept_;
  std::deque<Waiting> waiting_;
  bool dead_ = false;
  unsigned failures_ = 0, unfinished_ = 0;
};

}  // namespace ditto::sim
