// The attributes of files that Ditto has, between the wire and the file system: which there are, their values for
// GETATTR and READDIR, what SETATTR and CREATE ask to be set, and comparing for VERIFY (RFC 7530, 5; RFC 8881, 5). One
// table drives all of it. Pure functions, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <expected>

#include "nfs/v4/attributes.hpp"
#include "nfs/v4/place.hpp"
#include "nfs/v4/service.hpp"
#include "nfs/v4/types.hpp"
#include "vfs/attributes.hpp"
#include "vfs/file_system.hpp"

namespace ditto::nfs4 {

/// What the values are of.
struct Subject {
  const Service& service;
  std::uint32_t minor;
  Place place;
  const vfs::Attributes& attributes;
  store::Space space{};           // for those attributes that wants_space() names
  const vfs::Acl* acl = nullptr;  // for those that wants_list() names; null: the mode alone decides
};

/// A node's list, and either half of it.
inline constexpr std::array of_list{FATTR4_ACL, FATTR4_DACL, FATTR4_SACL};

/// All that GETATTR may be asked for, in a minor version.
bitmap4 supported_attributes(std::uint32_t minor);
/// Whether a value of `asked` needs Subject::space.
bool wants_space(const bitmap4& asked) noexcept;
/// Whether a value of `asked` needs Subject::acl.
bool wants_list(const bitmap4& asked) noexcept;

/// INVAL: an attribute that can only be set is asked for. Those that nobody knows are left out.
nfsstat4 check_asked(const bitmap4& asked, std::uint32_t minor) noexcept;
/// Those of `asked` that there are, with their values.
fattr4 values_of(const bitmap4& asked, const Subject& subject);
/// Why there are no values for an entry of READDIR, in rdattr_error.
fattr4 no_values(nfsstat4 why);

/// What was asked to be set.
struct Settings {
  vfs::SetAttributes changes;
  bitmap4 which;
};
/// Of what: mode_umask is for new nodes only, mode_set_masked for those that are there.
enum class SettingsOf : bool { NewNode, Node };
/// The reason on failure: ATTRNOTSUPP, INVAL for one that cannot be set or an impossible value, BADOWNER, FBIG, BADXDR.
std::expected<Settings, nfsstat4> settings_of(const fattr4& asked, const Service& service, std::uint32_t minor,
                                              SettingsOf what);

/// For VERIFY and NVERIFY: ATTRNOTSUPP; INVAL for rdattr_error and for those that can only be set.
nfsstat4 check_compared(const bitmap4& compared, std::uint32_t minor) noexcept;
/// Whether the attributes of `given` have those values, byte for byte.
bool same_values(const fattr4& given, const Subject& subject);

}  // namespace ditto::nfs4
