// nlm4_stats for every way of failing that Ditto knows. Pure, any thread.
#pragma once

#include "base/result.hpp"
#include "gate/held.hpp"
#include "nfs/nlm/types.hpp"

namespace ditto::nlm {

nlm4_stats status_of(Error error) noexcept;
nlm4_stats status_of(const gate::Obstacle& obstacle) noexcept;
/// Of an attempt that came as far as the locks of its file.
nlm4_stats status_of(const state::LockOutcome& outcome) noexcept;

}  // namespace ditto::nlm
