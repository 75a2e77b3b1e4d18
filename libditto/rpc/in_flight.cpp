#include "rpc/in_flight.hpp"

#include <algorithm>

namespace ditto::rpc {

InFlightPool::InFlightPool(std::size_t bytes) noexcept : bytes_(static_cast<std::int64_t>(bytes)), free_(bytes_) {}

bool InFlightPool::take_if_there(std::size_t bytes) noexcept {
  const auto wanted = static_cast<std::int64_t>(bytes);
  std::int64_t free = free_.load();
  do {
    // More than there is altogether is given when nobody has any.
    if (free < std::min(wanted, bytes_)) return false;
  } while (!free_.compare_exchange_weak(free, free - wanted));
  return true;
}

bool InFlightPool::try_take(std::size_t bytes) noexcept { return !is_short() && take_if_there(bytes); }

// Whoever waits is counted before it looks at what is free; whoever gives back looks at the count afterwards: one of
// the two sees the other.
void InFlightPool::give_back(std::size_t bytes) noexcept {
  if (bytes == 0) return;
  free_.fetch_add(static_cast<std::int64_t>(bytes));
  if (is_short()) serve();
}

void InFlightPool::wait(Waiter& waiter) {
  {
    const std::lock_guard lock(mutex_);
    waiter.waiting = true;
    waiter.younger = nullptr;
    waiter.older = youngest_;
    (youngest_ ? youngest_->younger : oldest_) = &waiter;
    youngest_ = &waiter;
    waiting_.fetch_add(1);
  }
  serve();
}

bool InFlightPool::cancel(Waiter& waiter) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (!waiter.waiting) return false;
    unlink(waiter);
  }
  serve();  // the next one may want less
  return true;
}

void InFlightPool::unlink(Waiter& waiter) noexcept {
  (waiter.older ? waiter.older->younger : oldest_) = waiter.younger;
  (waiter.younger ? waiter.younger->older : youngest_) = waiter.older;
  waiter.waiting = false;
  waiting_.fetch_sub(1);
}

void InFlightPool::serve() {
  const std::lock_guard lock(mutex_);
  while (oldest_ && take_if_there(oldest_->bytes)) {
    Waiter& served = *oldest_;
    unlink(served);
    served.loop->post(served);  // it may be gone once it is posted
  }
}

std::size_t InFlightShare::needed(std::size_t bytes) noexcept {
  if (bytes <= own_bytes) return 0;
  return (bytes - own_bytes + step_bytes - 1) / step_bytes * step_bytes;
}

bool InFlightShare::try_cover(std::size_t bytes) noexcept {
  const std::size_t need = needed(bytes);
  if (need <= held_) return true;
  if (!pool_.try_take(need - held_)) return false;
  held_ = need;
  return true;
}

void InFlightShare::cover(std::size_t bytes) noexcept {
  const std::size_t need = needed(bytes);
  if (need > held_) {
    pool_.take(need - held_);
    held_ = need;
    return;
  }
  const std::size_t surplus = held_ - need;
  if (surplus == 0) return;
  // A step is kept for what comes next, unless nothing is in flight or somebody waits.
  if (surplus < 2 * step_bytes && need != 0 && !pool_.is_short()) return;
  held_ = need;
  pool_.give_back(surplus);
}

void InFlightShare::wait(InFlightPool::Waiter& waiter, std::size_t bytes) {
  waiter.bytes = needed(bytes) - held_;
  pool_.wait(waiter);
}

}  // namespace ditto::rpc
