#include "vfs/acl/parts.hpp"

#include <algorithm>
#include <ranges>

namespace ditto::vfs {
namespace {

void append(std::vector<Ace>& aces, const Acl& from, AclParts parts) {
  std::ranges::copy_if(from.aces, std::back_inserter(aces), [parts](const Ace& ace) { return is_of(ace, parts); });
}

/// Whoever sets acl does not see that an entry was inherited (RFC 8881, 6.2.1.4.1).
bool same_records(const Acl& a, const Acl& b) noexcept {
  const auto recorded = std::views::filter(&Ace::records) | std::views::transform([](Ace ace) {
                          ace.flags = without(ace.flags, AceFlags::Inherited);
                          return ace;
                        });
  return std::ranges::equal(a.aces | recorded, b.aces | recorded);
}

}  // namespace

Acl part_of(const Acl& acl, AclParts parts) {
  Acl part;
  if (parts != AclParts::Sacl) part.dacl = acl.dacl;
  if (parts != AclParts::Dacl) part.sacl = acl.sacl;
  append(part.aces, acl, parts);
  return part;
}

Acl with_part(const Acl& acl, const Acl& given, AclParts parts) {
  if (parts == AclParts::Both) return given;
  const bool decides = parts == AclParts::Dacl;
  Acl both{.dacl = decides ? given.dacl : acl.dacl, .sacl = decides ? acl.sacl : given.sacl, .aces = {}};
  both.aces.reserve(acl.aces.size() + given.aces.size());
  append(both.aces, decides ? given : acl, AclParts::Dacl);
  append(both.aces, decides ? acl : given, AclParts::Sacl);
  return both;
}

Result<void> settle_parts(const Acl* present, const Credential& who, SetAttributes& changes) noexcept {
  if (!changes.acl || who.is_root() || changes.acl_parts == AclParts::Dacl) return {};
  if (changes.acl_parts == AclParts::Sacl) return fail(Error::NotPermitted);
  const Acl& given = *changes.acl;
  const bool silent = std::ranges::none_of(given.aces, &Ace::records);
  if (!silent && !(present && same_records(given, *present))) return fail(Error::NotPermitted);
  changes.acl_parts = AclParts::Dacl;
  return {};
}

}  // namespace ditto::vfs
