// A Dialer without a network: every dial gives a Remote that keeps the calls made through it and gives them the results
// that the test has laid ready, at once. One thread.
#pragma once

#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "rpc/dialer.hpp"

namespace ditto::test {

class MemoryDialer final : public rpc::Dialer {
 public:
  Task<rpc::DialResult> dial(rpc::Destination destination, std::uint64_t, Executor&) override {
    dialed.push_back(destination);
    if (refuses) co_return rpc::call_failed(rpc::CallFailure::Gone);
    co_return std::make_shared<MemoryRemote>(*this);
  }

  bool refuses = false;
  std::vector<rpc::Destination> dialed;
  std::vector<rpc::OutgoingCall> calls;
  std::deque<rpc::CallResult> results;  // taken from the front; without one, a call times out

 private:
  class MemoryRemote final : public rpc::Remote {
   public:
    explicit MemoryRemote(MemoryDialer& dialer) noexcept : dialer_(dialer) {}
    Task<rpc::CallResult> call(rpc::OutgoingCall call, Executor&) override {
      dialer_.calls.push_back(std::move(call));
      if (dialer_.results.empty()) co_return rpc::call_failed(rpc::CallFailure::TimedOut);
      rpc::CallResult result = std::move(dialer_.results.front());
      dialer_.results.pop_front();
      co_return result;
    }
    bool gone() const noexcept override { return false; }

   private:
    MemoryDialer& dialer_;
  };
};

}  // namespace ditto::test
