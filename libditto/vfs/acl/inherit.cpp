#include "vfs/acl/inherit.hpp"

namespace ditto::vfs {
namespace {

/// Whom an entry for whoever makes a node is about once there is one.
std::optional<Who> made_good(const Who& who) noexcept {
  if (who.kind == Who::Kind::CreatorOwner) return Who{Who::Kind::Owner};
  if (who.kind == Who::Kind::CreatorGroup) return Who{Who::Kind::Group};
  return std::nullopt;
}

/// An entry that a new file, or a directory that does not hand it on, is subject to.
Ace here_only(const Ace& ace) noexcept {
  Ace here = ace;
  here.flags = without(ace.flags, inheritance) | AceFlags::Inherited;
  here.who = made_good(ace.who).value_or(ace.who);
  return here;
}

void hand_to_directory(const Ace& ace, std::vector<Ace>& out) {
  const bool applies = any(ace.flags & AceFlags::DirectoryInherit);
  if (any(ace.flags & AceFlags::NoPropagate)) {
    if (applies) out.push_back(here_only(ace));
    return;
  }
  Ace on = ace;
  on.flags = without(ace.flags, AceFlags::InheritOnly) | AceFlags::Inherited;
  // It is about its owner as well as, further down, about whoever will make something there.
  const bool splits = made_good(ace.who).has_value();
  if (applies && splits) out.push_back(here_only(ace));
  if (!applies || splits) on.flags = on.flags | AceFlags::InheritOnly;
  out.push_back(on);
}

}  // namespace

std::optional<Acl> inherited(const Acl& parent, FileType type) {
  Acl acl{.dacl = parent.dacl & AclFlags::AutoInherit, .sacl = parent.sacl & AclFlags::AutoInherit, .aces = {}};
  for (const Ace& ace : parent.aces) {
    if (!any(ace.flags & inherits)) continue;
    if (type == FileType::Directory) {
      hand_to_directory(ace, acl.aces);
    } else if (any(ace.flags & AceFlags::FileInherit)) {
      acl.aces.push_back(here_only(ace));
    }
  }
  if (acl.aces.empty()) return std::nullopt;
  return acl;
}

}  // namespace ditto::vfs
