#include "vfs/acl/mode.hpp"

namespace ditto::vfs {
namespace {

constexpr std::uint32_t read_bit = 4, write_bit = 2, execute_bit = 1;

/// What somebody is permitted who is only `kind`, and of whom all else is unknown.
Access permitted(const Acl& acl, Who::Kind kind) noexcept {
  Access allowed{}, denied{};
  for (const Ace& ace : acl.aces) {
    if (!ace.decides() || (ace.who.kind != kind && ace.who.kind != Who::Kind::Everyone)) continue;
    Access& side = ace.type == Ace::Type::Allow ? allowed : denied;
    side = side | without(ace.mask, allowed | denied);
  }
  return allowed;
}

std::uint32_t bits_of(Access permitted) noexcept {
  std::uint32_t bits = 0;
  if (any(permitted & Access::ReadData)) bits |= read_bit;
  if ((permitted & writing) == writing) bits |= write_bit;
  if (any(permitted & Access::Execute)) bits |= execute_bit;
  return bits;
}

/// An entry as it is about the node itself; what it hands on is put into `out`, in an entry of its own.
Ace split_off(const Ace& ace, std::vector<Ace>& out) {
  if (any(ace.flags & inherits)) {
    out.push_back(ace);
    out.back().flags = ace.flags | AceFlags::InheritOnly;
  }
  Ace here = ace;
  here.flags = without(ace.flags, inheritance);
  return here;
}

bool is_of_mode(Who::Kind kind) noexcept {
  return kind == Who::Kind::Owner || kind == Who::Kind::Group || kind == Who::Kind::Everyone;
}

/// Entries for the three classes, around those for others. An owner or a group that is allowed less than everyone is
/// denied the rest first, since EVERYONE@ is about them too.
class ModeEntries {
 public:
  ModeEntries(std::uint32_t mode, FileType type) noexcept
      : owner_(access_of_bits(mode >> 6 & 7, type)),
        group_(access_of_bits(mode >> 3 & 7, type)),
        other_(access_of_bits(mode & 7, type)) {}

  void before(std::vector<Ace>& out) const {
    add(out, Ace::Type::Deny, Who::Kind::Owner, without(group_ | other_, owner_));
    add(out, Ace::Type::Allow, Who::Kind::Owner, owner_);
  }
  void behind(std::vector<Ace>& out) const {
    add(out, Ace::Type::Allow, Who::Kind::Group, group_);
    add(out, Ace::Type::Deny, Who::Kind::Group, without(other_, group_));
    add(out, Ace::Type::Allow, Who::Kind::Everyone, other_);
  }

 private:
  static void add(std::vector<Ace>& out, Ace::Type type, Who::Kind kind, Access mask) {
    if (any(mask)) out.push_back({.type = type, .mask = mask, .who = {kind}});
  }

  Access owner_, group_, other_;
};

}  // namespace

std::uint32_t mode_of(const Acl& acl) noexcept {
  return bits_of(permitted(acl, Who::Kind::Owner)) << 6 | bits_of(permitted(acl, Who::Kind::Group)) << 3 |
         bits_of(permitted(acl, Who::Kind::Everyone));
}

Acl acl_of(std::uint32_t mode, FileType type) {
  Acl acl{.dacl = AclFlags::Defaulted, .sacl = AclFlags::Defaulted, .aces = {}};
  const ModeEntries entries(mode, type);
  acl.aces.push_back({.mask = access_of_owner, .who = {Who::Kind::Owner}});
  entries.before(acl.aces);
  entries.behind(acl.aces);
  acl.aces.push_back({.mask = access_of_everyone, .who = {Who::Kind::Everyone}});
  return acl;
}

Acl limited_by(const Acl& acl, std::uint32_t mode, FileType type) {
  Acl limited{.dacl = acl.dacl, .sacl = acl.sacl, .aces = {}};
  limited.aces.reserve(2 * acl.aces.size());
  const Access of_mode = access_of_bits(7, type);
  for (const Ace& ace : acl.aces) {
    const unsigned shift = ace.who.kind == Who::Kind::Owner ? 6 : ace.who.kind == Who::Kind::Everyone ? 0 : 3;
    const Access beyond = without(of_mode, access_of_bits(mode >> shift & 7, type));
    if (!ace.decides() || ace.type != Ace::Type::Allow || !any(ace.mask & beyond)) {
      limited.aces.push_back(ace);
      continue;
    }
    Ace here = split_off(ace, limited.aces);
    here.mask = without(here.mask, beyond);
    if (any(here.mask)) limited.aces.push_back(here);
  }
  return limited;
}

Acl with_mode(const Acl& acl, std::uint32_t mode, FileType type) {
  Acl changed{.dacl = acl.dacl, .sacl = acl.sacl, .aces = {}};
  std::vector<Ace>& out = changed.aces;
  out.reserve(2 * acl.aces.size() + 5);
  const Access of_mode = access_of_bits(7, type);
  const Access of_others = without(of_mode, access_of_bits(mode >> 3 & 7, type));
  const ModeEntries entries(mode, type);
  entries.before(out);
  for (const Ace& ace : acl.aces) {
    if (!ace.decides()) {
      out.push_back(ace);
      continue;
    }
    Ace here = split_off(ace, out);
    if (is_of_mode(ace.who.kind)) {
      here.mask = without(here.mask, of_mode);
    } else if (ace.type == Ace::Type::Allow) {
      here.mask = without(here.mask, of_others);
    }
    if (any(here.mask)) out.push_back(here);
  }
  entries.behind(out);
  return changed;
}

}  // namespace ditto::vfs
