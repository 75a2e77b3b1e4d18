#pragma once

// The choices that are made when the power is cut: which of the changes that were not synced are on the disk. All come
// from one seed. One thread.

#include <cstddef>
#include <cstdint>

#include "support/power_cut/moment.hpp"
#include "support/seeded_random.hpp"

namespace ditto::test {

/// When a change was made: greater is later, over all files.
using Sequence = std::uint64_t;
inline constexpr Sequence no_sequence = UINT64_MAX;

class Survival {
 public:
  /// `first` is the earliest change that is not durable, `last` the latest change of all.
  Survival(std::uint64_t seed, const Damage& damage, Sequence first, Sequence last);

  /// What happens to one file's contents, or to the names.
  struct How {
    Unsynced unsynced;    // never Any
    std::uint64_t often;  // Subset: a change is there in so many of 8 cases
  };
  How next();
  /// Whether only folders' own syncs made names durable.
  bool folder_syncs_count_only() const noexcept { return folder_syncs_only_; }

  bool keeps(const How& how, Sequence sequence);
  /// How many of `count` changes that persist in order are there, at least `least`; `before` of them were made before
  /// the time that Prefix means.
  std::size_t kept_in_order(const How& how, std::size_t least, std::size_t before, std::size_t count);
  bool is_before_the_cut(Sequence sequence) const noexcept { return sequence < cut_; }

  /// Whether a write that is there is torn.
  bool tears(const How& how, Sequence sequence);
  bool coin() { return random_.below(2) == 0; }

 private:
  SeededRandom random_;
  Damage damage_;
  Sequence cut_;
  bool folder_syncs_only_;
  bool one_for_all_;
  How for_all_;

  How choose();
};

}  // namespace ditto::test
