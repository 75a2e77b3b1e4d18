#include "vfs/acl/audit.hpp"

#include <algorithm>

#include "vfs/acl/evaluate.hpp"

namespace ditto::vfs {

void AccessNotes::note_by(const Acl& acl, const Attributes& attributes, const Credential& who, Access granted,
                          Access refused) noexcept {
  AccessNote wanted{.node = attributes.id};
  for (const Ace& ace : acl.aces) {
    if (!ace.records() || any(ace.flags & AceFlags::InheritOnly) || !is_about(ace.who, attributes, who)) continue;
    const Access succeeded = any(ace.flags & AceFlags::SuccessfulAccess) ? ace.mask & granted : Access::None;
    const Access failed = any(ace.flags & AceFlags::FailedAccess) ? ace.mask & refused : Access::None;
    wanted.granted = wanted.granted | succeeded;
    wanted.refused = wanted.refused | failed;
    if (ace.type == Ace::Type::Alarm && any(succeeded | failed)) wanted.alarm = true;
  }
  if (!any(wanted.granted | wanted.refused)) return;
  // A call asks about a node more than once, and a transaction's body may run again.
  const std::span<AccessNote> all(notes_.data(), count_);
  const auto same = std::ranges::find(all, wanted.node, &AccessNote::node);
  if (same != all.end()) {
    same->granted = same->granted | wanted.granted;
    same->refused = same->refused | wanted.refused;
    same->alarm = same->alarm || wanted.alarm;
  } else if (count_ < most) {
    notes_[count_++] = wanted;
  }
}

}  // namespace ditto::vfs
