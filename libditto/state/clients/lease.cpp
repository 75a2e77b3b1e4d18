#include "state/clients/lease.hpp"

namespace ditto::state {

bool Lease::renew(Moment now) noexcept {
  Moment before = renewed_.load();
  while (before < now && !renewed_.compare_exchange_weak(before, now)) {
  }
  Standing standing = standing_.load();
  if (standing == Standing::Courtesy && standing_.compare_exchange_strong(standing, Standing::Live)) return true;
  return standing == Standing::Live;
}

bool Lease::lapse(Moment now, std::uint64_t lease_ns) noexcept {
  if (!ran_out(now, lease_ns)) return false;
  Standing live = Standing::Live;
  if (!standing_.compare_exchange_strong(live, Standing::Courtesy)) return false;
  if (ran_out(now, lease_ns)) return true;
  Standing courtesy = Standing::Courtesy;  // renewed in between
  standing_.compare_exchange_strong(courtesy, Standing::Live);
  return false;
}

bool Lease::seize(Moment now, std::uint64_t lease_ns) noexcept {
  if (!ran_out(now, lease_ns)) return false;
  Standing standing = standing_.load();
  do {
    if (standing == Standing::Revoking || standing == Standing::Gone) return false;
  } while (!standing_.compare_exchange_weak(standing, Standing::Revoking));
  if (ran_out(now, lease_ns)) return true;
  standing_.store(Standing::Live);  // renewed in between
  return false;
}

void Lease::give_back() noexcept {
  Standing revoking = Standing::Revoking;
  standing_.compare_exchange_strong(revoking, Standing::Courtesy);
}

}  // namespace ditto::state
