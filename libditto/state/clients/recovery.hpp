// What the last incarnation left behind: who may reclaim, and how long grace lasts for it. It decides; Clients
// persists. Grace lasts until the last known 4.1 client is done, at most one lease (4.0 clients and NLM peers cannot
// say that they are done), and it is over only when the records of those who did not reclaim are durably gone. phase()
// is for any thread, the rest under the mutex of Clients.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "state/clients/identity.hpp"

namespace ditto::state {

class Recovery {
 public:
  enum class Phase : std::uint8_t {
    Running,  // reclaims only
    Ending,   // neither reclaims nor grants, until the end is durable
    Over,
  };

  Recovery(const std::vector<ClientRecord>& records, Moment now, std::uint64_t lease_ns);

  Phase phase() const noexcept { return phase_.load(std::memory_order_acquire); }

  /// It may have had state that nobody else got since.
  bool knows(const OwnerKey& key, const Principal& principal) const;
  /// RECLAIM_COMPLETE, or the client is destroyed. Only 4.1 clients can be done.
  void done(const OwnerKey& key);

  bool is_due(Moment now) const { return now >= deadline(); }
  Moment deadline() const;
  Moment ends_at() const noexcept { return ends_at_; }
  /// Calls `visit` with each owner that may still reclaim.
  template <class Visit>
  void each_awaited(Visit visit) const {
    for (const auto& [key, known] : known_) {
      if (known.recoverable) visit(key);
    }
  }

  /// The end is being persisted. Asked again with advance() if that fails.
  void ending();
  void ended();
  void failed(Moment retry_at);

 private:
  struct Known {
    ClientId id = 0;
    Principal principal;
    bool recoverable = false;
  };

  std::atomic<Phase> phase_{Phase::Running};
  std::map<OwnerKey, Known> known_;
  /// Of those known, the ones that grace still waits for.
  std::size_t waited_for_ = 0;
  Moment ends_at_;
  bool persisting_ = false;
};

}  // namespace ditto::state
