// An access control list as the file system keeps it, for every protocol: the entries of NFSv4 (RFC 8881, 6.2.1), which
// hold whatever a Windows security descriptor says of a file (MS-DTYP, 2.4.4 and 2.4.5), SIDs included. What decides by
// it, what ties it to the mode and what a new node inherits are beside this file. Plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "vfs/access.hpp"
#include "vfs/attributes.hpp"

namespace ditto::vfs {

/// Whom an entry is about: one of those that every node has its own of, or a user, a group or a SID.
struct Who {
  enum class Kind : std::uint8_t {
    Owner,          // OWNER@
    Group,          // GROUP@
    Everyone,       // EVERYONE@
    Interactive,    // INTERACTIVE@, S-1-5-4
    Network,        // NETWORK@, S-1-5-2
    Dialup,         // DIALUP@, S-1-5-1
    Batch,          // BATCH@, S-1-5-3
    Anonymous,      // ANONYMOUS@, S-1-5-7
    Authenticated,  // AUTHENTICATED@, S-1-5-11
    Service,        // SERVICE@, S-1-5-6
    CreatorOwner,   // S-1-3-0: who makes what inherits the entry
    CreatorGroup,   // S-1-3-1
    User,           // value: uid
    NamedGroup,     // value: gid
    Sid,            // value: number in the store's table of SIDs
  };
  Kind kind = Kind::Everyone;
  std::uint32_t value = 0;

  static constexpr Who user(std::uint32_t uid) noexcept { return {Kind::User, uid}; }
  static constexpr Who group(std::uint32_t gid) noexcept { return {Kind::NamedGroup, gid}; }
  friend bool operator==(const Who&, const Who&) = default;
};

/// ACE4_* flags, numbered as on the wire. ACE4_IDENTIFIER_GROUP is not kept: Who says it.
enum class AceFlags : std::uint8_t {
  None = 0,
  FileInherit = 0x01,
  DirectoryInherit = 0x02,
  NoPropagate = 0x04,
  InheritOnly = 0x08,
  SuccessfulAccess = 0x10,
  FailedAccess = 0x20,
  Inherited = 0x80,
};
constexpr AceFlags operator|(AceFlags a, AceFlags b) noexcept { return AceFlags(std::uint8_t(a) | std::uint8_t(b)); }
constexpr AceFlags operator&(AceFlags a, AceFlags b) noexcept { return AceFlags(std::uint8_t(a) & std::uint8_t(b)); }
constexpr AceFlags without(AceFlags a, AceFlags b) noexcept { return AceFlags(std::uint8_t(a) & ~std::uint8_t(b)); }
constexpr bool any(AceFlags a) noexcept { return a != AceFlags::None; }

/// Flags by which a directory hands an entry on.
inline constexpr AceFlags inherits = AceFlags::FileInherit | AceFlags::DirectoryInherit;
inline constexpr AceFlags inheritance = inherits | AceFlags::NoPropagate | AceFlags::InheritOnly;

struct Ace {
  enum class Type : std::uint8_t { Allow, Deny, Audit, Alarm };
  Type type = Type::Allow;
  AceFlags flags = AceFlags::None;
  Access mask{};  // also bits that nothing here asks about: they are kept
  Who who;

  /// Whether it has a say in who may do what to the node itself.
  bool decides() const noexcept { return !records() && !any(flags & AceFlags::InheritOnly); }
  /// Whether it is about what is to be recorded, and not about what is allowed.
  bool records() const noexcept { return type == Type::Audit || type == Type::Alarm; }
  friend bool operator==(const Ace&, const Ace&) = default;
};

/// ACL4_* flags (RFC 8881, 6.4.3.2): of the list that decides (dacl) and of the one that records (sacl).
enum class AclFlags : std::uint8_t { None = 0, AutoInherit = 1, Protected = 2, Defaulted = 4 };
constexpr AclFlags operator|(AclFlags a, AclFlags b) noexcept { return AclFlags(std::uint8_t(a) | std::uint8_t(b)); }
constexpr AclFlags operator&(AclFlags a, AclFlags b) noexcept { return AclFlags(std::uint8_t(a) & std::uint8_t(b)); }

struct Acl {
  /// Entries that a client may set at once: of the whole list, or of either half (vfs/acl/parts.hpp). What the server
  /// makes of each half when a mode is set or a directory hands it on is at most twice as many, and those of the mode.
  static constexpr std::size_t max_aces = 128;
  static constexpr std::size_t max_kept = 2 * (2 * max_aces) + 8;

  AclFlags dacl = AclFlags::None, sacl = AclFlags::None;
  std::vector<Ace> aces;
  friend bool operator==(const Acl&, const Acl&) = default;
};

/// Whether a node of `type` can have `acl` set (RFC 8881, 6.2.1.4.1): InvalidArgument for too many entries and for
/// flags that an entry of its type cannot have, NotSupported for inheritance of which nothing can come, and
/// for symbolic links.
Result<void> check_acl(const Acl& acl, FileType type) noexcept;

}  // namespace ditto::vfs
