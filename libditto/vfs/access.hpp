// The one access check. Every protocol's question is put in the vocabulary of NFSv4 ACEs (RFC 8881, 6.2.1.3.1), which
// Windows access masks share bit for bit; a node's list answers it, or its mode where it has none. Pure functions, any
// thread.
#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "vfs/attributes.hpp"
#include "vfs/credential.hpp"

namespace ditto::vfs {

/// Access bits, numbered as ACE4_* and as the Windows file access mask.
enum class Access : std::uint32_t {
  None = 0,
  ReadData = 0x1,    // list a directory
  WriteData = 0x2,   // add a file to a directory
  AppendData = 0x4,  // add a subdirectory
  ReadNamedAttrs = 0x8,
  WriteNamedAttrs = 0x10,
  Execute = 0x20,  // search a directory
  DeleteChild = 0x40,
  ReadAttributes = 0x80,
  WriteAttributes = 0x100,
  Delete = 0x10000,
  ReadAcl = 0x20000,
  WriteAcl = 0x40000,
  WriteOwner = 0x80000,
};
constexpr Access operator|(Access a, Access b) noexcept { return Access(std::uint32_t(a) | std::uint32_t(b)); }
constexpr Access operator&(Access a, Access b) noexcept { return Access(std::uint32_t(a) & std::uint32_t(b)); }
constexpr Access without(Access a, Access b) noexcept { return Access(std::uint32_t(a) & ~std::uint32_t(b)); }
constexpr bool any(Access a) noexcept { return a != Access::None; }

/// What an owner may do whatever the mode, and what a mode withholds from nobody (RFC 8881, 6.3.1).
inline constexpr Access access_of_owner = Access::WriteAttributes | Access::WriteAcl;
inline constexpr Access access_of_everyone = Access::ReadAttributes | Access::ReadAcl;
/// What three permission bits (4 read, 2 write, 1 execute) stand for on a node of `type`.
Access access_of_bits(std::uint32_t bits, FileType type) noexcept;

/// What writing to a file takes: its bytes are changed in place and at its end alike, so that neither bit is good for
/// anything without the other (RFC 8881, 6.2.1.3.1 leaves that to servers).
inline constexpr Access writing = Access::WriteData | Access::AppendData;

/// What of a file it takes to do something in the directory of its streams: they are looked for, made and removed by
/// whoever may read and write its named attributes (RFC 8881, 6.2.1.3.1), whatever the file is.
Access access_to_file(Access to_streams) noexcept;

/// A node as the access check sees it: by its list, where it has one, and else by its mode.
struct Guarded {
  const Attributes& attributes;
  const Acl* acl = nullptr;
};

/// The part of `wanted` that `who` has on a node. Beyond a list, root has everything, everybody may look at attributes,
/// and an owner may read and mend the list, and set times unless the list says no.
Access granted(const Guarded& node, const Credential& who, Access wanted) noexcept;

/// Success when all of `wanted` is granted, else AccessDenied.
Result<void> check(const Guarded& node, const Credential& who, Access wanted) noexcept;

/// By what right contents are read, written or cut: the one place where protocols differ.
enum class IoRights : std::uint8_t {
  Checked,    // the caller's own
  Stateless,  // NFSv3, whose clients checked at open: the owner always passes, and execute implies read (a client must
              // be able to page in a program it may only execute)
  Opened,     // what the open that it comes by was granted
};
Result<void> check_io(const Guarded& node, const Credential& who, Access wanted, IoRights rights) noexcept;
/// The Stateless rule by what is granted of `wanted` and of Execute.
Result<void> check_stateless(const Attributes& attributes, const Credential& who, Access wanted,
                             Access granted) noexcept;

/// Whether `who` may remove or rename an entry of `directory` that names `entry`: by Delete on what it names, or by
/// DeleteChild (RFC 8881, 6.2.1.3.2), which the sticky bit leaves to owners. AccessDenied; NotPermitted when only the
/// sticky bit is in the way.
Result<void> check_remove(const Guarded& directory, const Guarded& entry, const Credential& who) noexcept;

/// Whether `who` may make the changes of SETATTR (NotPermitted, AccessDenied), and the mode that results: what chown
/// and a change of group strip, which set-id bits a non-member may not set. `changes.mode` is rewritten accordingly,
/// with the bits that are not set, and `changes.acl_parts` to what the caller sets of a list. A size is set by
/// `rights`: an owner may truncate what it has open.
Result<void> check_setattr(const Guarded& node, const Credential& who, SetAttributes& changes,
                           IoRights rights = IoRights::Checked) noexcept;

/// What writing to a file by `who` leaves of its mode: root all of it, others no set-user-id, and set-group-id only to
/// its group, where that may not execute it.
std::uint32_t mode_after_write(const Attributes& attributes, const Credential& who) noexcept;

}  // namespace ditto::vfs
