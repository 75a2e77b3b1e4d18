// Time for the keeper of NFSv4's clients and for what waits in the gate: advances them on a loop when their next
// deadline comes, and at least once a second, since deadlines may come to be before the one that was known. Made before
// the loop runs, gone after it has stopped.
#pragma once

#include <algorithm>

#include "nfs/v4/keeper.hpp"
#include "server/net/event_loop.hpp"

namespace ditto::server {

class Ticker : Alarm {
 public:
  Ticker(EventLoop& loop, nfs4::Keeper& keeper) : loop_(loop), keeper_(keeper) {
    run = [](Job* self) { static_cast<Ticker*>(self)->tick(); };
    loop.post(*this);  // the first time as a job: alarms are set on the loop
  }
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

 private:
  static constexpr state::Moment longest = state::one_second, shortest = state::one_second / 50;

  void tick() {
    keeper_.advance();
    const state::Moment now = loop_.alarms().now_ns();
    loop_.alarms().set(*this, std::clamp(keeper_.next_deadline(), now + shortest, now + longest));
  }

  EventLoop& loop_;
  nfs4::Keeper& keeper_;
};

}  // namespace ditto::server
