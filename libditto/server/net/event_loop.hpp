// An event loop: one asio::io_context that one thread runs. What lives on a loop needs no locks. Jobs may be posted
// from any thread, by an intrusive list that wakes the loop once for as many as come together; whoever posts owns the
// job. Its alarms share one timer. Sockets that belong to a loop are gone before it is, and alarms are not set any
// more.
#pragma once

#include <memory>

#include "base/alarms.hpp"
#include "base/clock.hpp"
#include "base/executor.hpp"

namespace asio {
class io_context;
}

namespace ditto::server {

class EventLoop final : public Executor {
 public:
  /// Alarms go by `clock`, which must run as fast as the machine's.
  explicit EventLoop(const Clock& clock = system_clock());
  /// run() has returned, or was never called; jobs that are still there are run.
  ~EventLoop() override;
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Serves until stop(); the calling thread is the loop's.
  void run();
  /// Makes run() return. Any thread, once.
  void stop();

  void post(Job& job) override;

  /// On the loop's thread, from within a turn: runs `job` at the turn's end, after everything that the turn does.
  void at_end_of_turn(Job& job) noexcept;

  /// For what lives on the loop.
  Alarms& alarms() noexcept;

  asio::io_context& context() noexcept;

  /// Every handler of the loop's sockets and timers opens one first: it is what the loop does at a time.
  class Turn {
   public:
    explicit Turn(EventLoop& loop) noexcept : loop_(loop) {}
    ~Turn() { loop_.end_turn(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    EventLoop& loop_;
  };

 private:
  struct Impl;
  void end_turn() noexcept;
  void run_posted() noexcept;

  std::unique_ptr<Impl> impl_;
};

}  // namespace ditto::server
