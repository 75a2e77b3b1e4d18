#include "support/power_cut/survival.hpp"

#include <algorithm>
#include <array>

namespace ditto::test {

Survival::Survival(std::uint64_t seed, const Damage& damage, Sequence first, Sequence last)
    : random_(seed), damage_(damage), cut_(first + random_.below(last - first + 2)) {
  folder_syncs_only_ = damage.names == Names::Any ? coin() : damage.names == Names::SyncedFolder;
  one_for_all_ = damage.unsynced != Unsynced::Any || coin();
  for_all_ = choose();
}

Survival::How Survival::next() {
  How how = one_for_all_ ? for_all_ : choose();
  constexpr std::array<std::uint64_t, 3> often{1, 4, 7};
  how.often = often[random_.below(often.size())];
  return how;
}

Survival::How Survival::choose() {
  constexpr std::array all{Unsynced::Nothing, Unsynced::Everything, Unsynced::Prefix, Unsynced::Subset};
  return {damage_.unsynced == Unsynced::Any ? all[random_.below(all.size())] : damage_.unsynced, 0};
}

bool Survival::keeps(const How& how, Sequence sequence) {
  switch (how.unsynced) {
    case Unsynced::Nothing: return false;
    case Unsynced::Everything: return true;
    case Unsynced::Prefix: return is_before_the_cut(sequence);
    case Unsynced::Subset:
    case Unsynced::Any: return random_.below(8) < how.often;
  }
  return false;
}

std::size_t Survival::kept_in_order(const How& how, std::size_t least, std::size_t before, std::size_t count) {
  switch (how.unsynced) {
    case Unsynced::Nothing: return least;
    case Unsynced::Everything: return count;
    case Unsynced::Prefix: return std::max(least, before);
    case Unsynced::Subset:
    case Unsynced::Any: return least + random_.below(count - least + 1);
  }
  return count;
}

bool Survival::tears(const How& how, Sequence sequence) {
  if (!damage_.torn || how.unsynced == Unsynced::Everything) return false;
  // In order: only the last one.
  if (how.unsynced == Unsynced::Prefix && sequence + 1 != cut_) return false;
  return random_.below(4) == 0;
}

}  // namespace ditto::test
