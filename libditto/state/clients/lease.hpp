// One client's lease. Renewing it is atomic and takes no lock, so that requests on all loops can; whoever wants the
// state of a client whose lease ran out seizes it, and of a renewal and a seizure at the same time exactly one wins.
// Any thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "state/types.hpp"

namespace ditto::state {

enum class Standing : std::uint8_t {
  Live,
  Courtesy,  // the lease ran out; the state stays until somebody wants it
  Revoking,  // being marked as revoked, durably; nothing renews it
  Gone,
};

class Lease {
 public:
  explicit Lease(Moment now) noexcept : renewed_(now) {}

  Standing standing() const noexcept { return standing_.load(); }
  Moment renewed_at() const noexcept { return renewed_.load(); }
  bool ran_out(Moment now, std::uint64_t lease_ns) const noexcept { return now >= after(renewed_at(), lease_ns); }

  /// The client was heard of. False: too late, its state is being revoked or gone.
  bool renew(Moment now) noexcept;
  /// Live becomes Courtesy if the lease ran out; true if it did so now.
  bool lapse(Moment now, std::uint64_t lease_ns) noexcept;
  /// Live or Courtesy becomes Revoking if the lease ran out; true if it did so now.
  bool seize(Moment now, std::uint64_t lease_ns) noexcept;
  /// The seizure could not be made durable: the client keeps what it has.
  void give_back() noexcept;
  void end() noexcept { standing_.store(Standing::Gone); }

 private:
  // Sequentially consistent: a renewal writes the moment and then reads the standing, a seizure the other way round.
  std::atomic<Moment> renewed_;
  std::atomic<Standing> standing_{Standing::Live};
};

}  // namespace ditto::state
