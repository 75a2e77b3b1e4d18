// How the lock manager and the status monitor get at the hosts of their peers: a call finds the program through the
// peer's portmap, dials it, and is over. What takes several attempts is an Errand of its own: it pauses between them,
// and ends when the server does. All of it happens on one loop, except where a function says otherwise. The dialer and
// the loop outlive it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "base/alarms.hpp"
#include "base/executor.hpp"
#include "base/task.hpp"
#include "rpc/dialer.hpp"
#include "rpc/remote.hpp"

namespace ditto::nfs {

class Outside {
 public:
  /// Of that many errands none more begins: peers that do not answer must not gather memory.
  static constexpr std::size_t max_errands = 4096;

  Outside(rpc::Dialer& dialer, Executor& loop, Alarms& alarms, std::string own_name = "ditto");
  /// wait_gone() has returned true, or no errand ever began.
  ~Outside() = default;
  Outside(const Outside&) = delete;
  Outside& operator=(const Outside&) = delete;

  Executor& loop() noexcept { return loop_; }
  std::uint64_t now_ns() const noexcept { return alarms_.now_ns(); }
  /// Of this machine, as peers are told it.
  const std::string& own_name() const noexcept { return own_name_; }

  struct Where {
    rpc::portmap::Address address{};
    rpc::portmap::Protocol protocol = rpc::portmap::Protocol::Udp;
    std::uint32_t program = 0, version = 0;
  };
  /// One call, portmap's included, that takes `within_ns` at most.
  Task<rpc::CallResult> call(Where where, std::uint32_t procedure, BufferChain arguments, std::uint64_t within_ns);
  /// One call whose answer nobody waits for: once, and lost when it does not arrive. Any thread.
  void send(Where where, std::uint32_t procedure, BufferChain arguments);
  /// False: the server stops, and the errand should end.
  Task<bool> pause(std::uint64_t ns);
  /// Any thread.
  bool closed() const noexcept { return closed_; }

  /// One that is under way; keeps wait_gone() waiting. Any thread.
  class Errand {
   public:
    explicit Errand(Outside& outside) : outside_(&outside), begun_(outside.begin()) {}
    Errand(Errand&& other) noexcept : outside_(other.outside_), begun_(std::exchange(other.begun_, false)) {}
    Errand& operator=(Errand&&) = delete;
    ~Errand() {
      if (begun_) outside_->end();
    }
    /// False: there are too many, and this one must not go on.
    explicit operator bool() const noexcept { return begun_; }

   private:
    Outside* outside_;
    bool begun_;
  };

  /// Wakes those that pause; calls that wait end with the dialer. Any thread; the loop still runs.
  void close();
  /// After close(): waits until no errand is left; false: not within `timeout`. Not on the loop's thread.
  bool wait_gone(std::chrono::milliseconds timeout);

 private:
  class Nap;
  bool begin();
  void end();
  void wake_all();

  rpc::Dialer& dialer_;
  Executor& loop_;
  Alarms& alarms_;
  const std::string own_name_;

  // On the loop.
  std::vector<Nap*> naps_;
  std::atomic<bool> closed_{false};  // which others look at

  std::mutex mutex_;  // guards under_way_
  std::condition_variable none_left_;
  std::size_t under_way_ = 0;
};

}  // namespace ditto::nfs
