#include "nfs/v4/acl.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "base/utf8.hpp"
#include "vfs/acl/parts.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;
using Kind = vfs::Who::Kind;

struct Special {
  std::string_view name;
  Kind kind;
};

// RFC 8881, 6.2.1.5. For whoever makes a node in a directory there is no word but Windows'.
constexpr auto specials = std::to_array<Special>({
    {"OWNER@", Kind::Owner},
    {"GROUP@", Kind::Group},
    {"EVERYONE@", Kind::Everyone},
    {"INTERACTIVE@", Kind::Interactive},
    {"NETWORK@", Kind::Network},
    {"DIALUP@", Kind::Dialup},
    {"BATCH@", Kind::Batch},
    {"ANONYMOUS@", Kind::Anonymous},
    {"AUTHENTICATED@", Kind::Authenticated},
    {"SERVICE@", Kind::Service},
    {"S-1-3-0", Kind::CreatorOwner},
    {"S-1-3-1", Kind::CreatorGroup},
});

constexpr aceflag4 known_flags = 0xff;

nfsstat4 status_of(IdMap::Missing missing) noexcept {
  return missing == IdMap::Missing::NotYet ? NFS4ERR_DELAY : NFS4ERR_BADOWNER;
}

std::string_view name_of(const vfs::Who& who, const IdMap& ids, IdMap::Room room) noexcept {
  if (who.kind == Kind::User) return ids.name_of(IdMap::Kind::User, who.value, room);
  if (who.kind == Kind::NamedGroup) return ids.name_of(IdMap::Kind::Group, who.value, room);
  const auto special = std::ranges::find(specials, who.kind, &Special::kind);
  return special == specials.end() ? nobody_name : special->name;
}

std::expected<vfs::Who, nfsstat4> who_of(std::string_view name, bool group, const IdMap& ids) {
  if (name.empty() || !is_utf8(name)) return std::unexpected(NFS4ERR_INVAL);
  const auto special = std::ranges::find(specials, name, &Special::name);
  if (special != specials.end()) return vfs::Who{special->kind};  // whatever ACE4_IDENTIFIER_GROUP says
  const auto id = ids.id_of(group ? IdMap::Kind::Group : IdMap::Kind::User, name);
  if (!id) return std::unexpected(status_of(id.error()));
  return group ? vfs::Who::group(*id) : vfs::Who::user(*id);
}

std::expected<vfs::Ace, nfsstat4> ace_of(const nfsace4& given, vfs::AclParts parts, const IdMap& ids) {
  if (given.type > ACE4_SYSTEM_ALARM_ACE_TYPE || (given.flag & ~known_flags) != 0) {
    return std::unexpected(NFS4ERR_INVAL);
  }
  const auto who = who_of(given.who.view(), (given.flag & ACE4_IDENTIFIER_GROUP) != 0, ids);
  if (!who) return std::unexpected(who.error());
  const aceflag4 left_out = ACE4_IDENTIFIER_GROUP | (parts == vfs::AclParts::Both ? ACE4_INHERITED_ACE : 0);
  const vfs::Ace ace{.type = static_cast<vfs::Ace::Type>(given.type),
                     .flags = static_cast<vfs::AceFlags>(given.flag & ~left_out),
                     .mask = static_cast<vfs::Access>(given.access_mask),
                     .who = *who};
  if (!vfs::is_of(ace, parts)) return std::unexpected(NFS4ERR_INVAL);  // 6.2.1.1
  return ace;
}

}  // namespace

void put_aces(xdr::Writer& values, const vfs::Acl& acl, vfs::AclParts parts, const IdMap& ids) {
  const auto is_told = [parts](const vfs::Ace& ace) { return vfs::is_of(ace, parts); };
  values(static_cast<std::uint32_t>(std::ranges::count_if(acl.aces, is_told)));
  for (const vfs::Ace& ace : acl.aces) {
    if (!is_told(ace)) continue;
    aceflag4 flags = static_cast<aceflag4>(ace.flags);
    if (parts == vfs::AclParts::Both) flags &= ~ACE4_INHERITED_ACE;
    if (ace.who.kind == Kind::NamedGroup) flags |= ACE4_IDENTIFIER_GROUP;
    std::array<char, IdMap::name_bytes> room;
    values(static_cast<acetype4>(ace.type), flags, static_cast<acemask4>(ace.mask),
           utf8string::lend(name_of(ace.who, ids, room)));
  }
}

std::expected<vfs::Acl, nfsstat4> list_of(const fattr4_acl& given, vfs::AclParts parts, const IdMap& ids) {
  if (given.size() > vfs::Acl::max_aces) return std::unexpected(NFS4ERR_INVAL);
  vfs::Acl acl;
  acl.aces.reserve(given.size());
  for (const nfsace4& each : given) {
    const auto ace = ace_of(each, parts, ids);
    if (!ace) return std::unexpected(ace.error());
    acl.aces.push_back(*ace);
  }
  // Whoever sets acl may know nothing of automatic inheritance (RFC 8881, 6.4.3.2).
  if (parts == vfs::AclParts::Both) acl.dacl = acl.sacl = vfs::AclFlags::Protected;
  return acl;
}

}  // namespace ditto::nfs4
