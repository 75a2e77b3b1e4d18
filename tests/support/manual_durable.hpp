// A source of durability that a test commands: numbers become durable, or are taken back, when it says so. Any thread.
#pragma once

#include <mutex>
#include <vector>

#include "base/durable.hpp"

namespace ditto::test {

class ManualDurable final : public DurableSource {
 public:
  Lsn durable() const noexcept override {
    const std::lock_guard lock(mutex_);
    return durable_;
  }
  void when_durable(DurableWait& wait) override {
    std::unique_lock lock(mutex_);
    for (const Lost& lost : lost_) {
      if (lost.lsn != wait.lsn) continue;
      lock.unlock();
      return wait.done(&wait, fail(lost.why));
    }
    if (wait.lsn > durable_) return waiting_.push_back(&wait);
    lock.unlock();
    wait.done(&wait, {});
  }

  /// Everything up to `lsn` is durable.
  void advance(Lsn lsn) {
    for (DurableWait* wait : take(lsn, [&] { durable_ = lsn; })) wait->done(wait, {});
  }
  /// The number `lsn` is lost.
  void take_back(Lsn lsn, Error why) {
    for (DurableWait* wait : take(lsn, [&] { lost_.push_back({lsn, why}); })) wait->done(wait, fail(why));
  }
  std::size_t waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }

 private:
  struct Lost {
    Lsn lsn;
    Error why;
  };

  template <class F>
  std::vector<DurableWait*> take(Lsn lsn, F change) {
    const std::lock_guard lock(mutex_);
    change();
    std::vector<DurableWait*> taken;
    std::erase_if(waiting_, [&](DurableWait* wait) {
      if (wait->lsn > lsn) return false;
      taken.push_back(wait);
      return true;
    });
    return taken;
  }

  mutable std::mutex mutex_;  // guards everything below
  Lsn durable_ = 0;
  std::vector<Lost> lost_;
  std::vector<DurableWait*> waiting_;
};

}  // namespace ditto::test
