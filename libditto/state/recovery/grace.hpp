// The one grace of a server: whom the last incarnation left something to get back, by which protocol, and how long
// everybody else waits for that. It lasts until the last known 4.1 client is done; 4.0 clients and NLM hosts cannot say
// so and hold it to their end of it, at most one lease; with nobody known there is none. It is over only when the
// records of those who did not reclaim are durably gone: it decides, Clients persists. Pure; any thread, its mutex is a
// leaf.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "state/clients/identity.hpp"
#include "state/recovery/object_record.hpp"

namespace ditto::state {

/// Whom grace waits for; for whoever runs the server.
struct Awaited {
  OwnerKey who;           // which protocol's, and what it calls itself
  Moment since = 0;       // when grace began for it
  bool reclaims = false;  // it has got something back, and has not said that this is all
  friend bool operator==(const Awaited&, const Awaited&) = default;
};

class Grace {
 public:
  enum class Phase : std::uint8_t {
    Running,  // reclaims only
    Ending,   // neither reclaims nor grants, until the end is durable
    Over,
  };

  /// Nobody is known: it is over.
  Grace() = default;
  Grace(const Grace&) = delete;
  Grace& operator=(const Grace&) = delete;

  /// The server starts, and these are all records of earlier incarnations. Hosts that reserved something through NLM
  /// are known by that alone: nobody monitors them, and nobody tells them (XNFS: NLM_SHARE), but who asks for more is
  /// told that this is grace. They hold it as long as hosts that are told, for `hosts_ns`. Before anybody asks.
  void begin(std::span<const ClientRecord> records, std::span<const ObjectRecord> objects, Moment now,
             std::uint64_t lease_ns, std::uint64_t hosts_ns = never);
  /// These hosts held something through NLM and are told that they get it back, within `span_ns`, or a lease if that is
  /// shorter. Grace runs again if it was over.
  void await_hosts(std::span<const std::string> names, Moment now, std::uint64_t span_ns);

  Phase phase() const noexcept { return phase_.load(std::memory_order_acquire); }

  /// It may have had state that nobody else got since.
  bool knows(const OwnerKey& key, const Principal& principal) const;
  /// The same of a host that locks through NLM.
  bool knows_host(const std::string& name) const;
  /// Somebody may come and claim what that says.
  bool awaits(const ObjectRecord& object) const;
  /// It has got something back.
  void reclaimed(const OwnerKey& key);
  /// RECLAIM_COMPLETE, or the client is destroyed. Only 4.1 clients can be done.
  void done(const OwnerKey& key);

  bool is_due(Moment now) const { return now >= deadline(); }
  Moment deadline() const;
  /// Those that it still waits for.
  std::vector<Awaited> awaited() const;

  /// The end is being persisted. Asked again with advance() if that fails.
  void ending();
  void ended();
  void failed(Moment retry_at);

 private:
  struct Known {
    ClientId id = 0;
    Principal principal;
    bool recoverable = false;
    bool reclaims = false;
    Moment since = 0;
  };

  std::atomic<Phase> phase_{Phase::Over};
  mutable std::mutex mutex_;  // guards the rest
  std::map<OwnerKey, Known> known_;
  std::uint64_t lease_ns_ = never;
  /// Of those known, 4.1 clients that are not done: while there are any, until `for_all_`.
  std::size_t not_done_ = 0;
  Moment for_all_ = 0;
  /// Until when those who cannot say that they are done hold it.
  Moment for_the_silent_ = 0;
  Moment retry_at_ = 0;
  bool persisting_ = false;
  bool again_ = false;  // hosts came to be awaited while it was ending
};

}  // namespace ditto::state
