#include "gate/persister.hpp"

#include <utility>

namespace ditto::gate {

void Persister::add(std::vector<state::Persist> changes, const Finished& finished) {
  std::unique_lock lock(mutex_);
  for (state::Persist& change : changes) {
    const state::PersistToken token = change.token;
    held_back_.emplace(token, Waiting{std::move(change), finished});
  }
  // One thread at a time: two that had each taken what is next could still hand it over in the other order.
  if (std::exchange(applying_, true)) return;
  for (auto next = held_back_.find(next_); next != held_back_.end(); next = held_back_.find(next_)) {
    Waiting ready = std::move(next->second);
    held_back_.erase(next);
    ++next_;
    lock.unlock();
    apply(std::move(ready));
    lock.lock();
  }
  applying_ = false;
}

void Persister::apply(Waiting next) {
  const state::PersistToken token = next.change.token;
  if (!records_) return next.finished(token, true);
  records_->apply(next.change,
                  [finished = std::move(next.finished), token](bool durable) { finished(token, durable); });
}

}  // namespace ditto::gate
