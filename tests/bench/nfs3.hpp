// The few NFSv3 and MOUNT v3 messages that the load generator speaks (RFC 1813, RFC 5531): numbers, calls (those of
// other versions too) and the parts of replies it looks at. No sockets and no state; filehandles are plain strings of
// at most 64 bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "xdr.hpp"

namespace bench::nfs3 {

inline constexpr std::uint32_t nfs_program = 100003;
inline constexpr std::uint32_t mount_program = 100005;
inline constexpr std::uint32_t program_version = 3;  // of both
inline constexpr std::size_t handle_bytes = 64;
inline constexpr std::size_t name_bytes = 255;

enum class Procedure : std::uint32_t {
  Null = 0,
  Getattr = 1,
  Lookup = 3,
  Access = 4,
  Read = 6,
  Write = 7,
  Create = 8,
  Mkdir = 9,
  Remove = 12,
  Rename = 14,
  Readdirplus = 17,
  Commit = 21,
};

enum class Stable : std::uint32_t { Unstable = 0, DataSync = 1, FileSync = 2 };

/// Whom the calls come from (AUTH_SYS).
struct Caller {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
};

/// Appends a call's header, record mark included; the arguments follow, then end_call().
/// Returns where the record begins in `out`.
std::size_t begin_call(std::string& out, std::uint32_t xid, std::uint32_t program, std::uint32_t version,
                       std::uint32_t procedure, const Caller& caller);
/// Completes the record mark. `more` bytes of payload follow what is in `out`.
void end_call(std::string& out, std::size_t begin, std::size_t more = 0);

/// Skips an accepted reply's header behind the xid. Nothing if the call was denied or not understood.
bool accepted(Reader& in);

void put_name(Writer& out, std::string_view directory, std::string_view name);
/// Attributes to set: a mode, nothing else.
void put_mode(Writer& out, std::uint32_t mode);

inline constexpr std::size_t fattr_bytes = 84;
void skip_post_op(Reader& in);
void skip_wcc(Reader& in);

struct Made {
  std::string handle;  // empty if the server returned none
};
/// The result of CREATE and MKDIR behind its status.
Made get_made(Reader& in);

/// The type of a status for a message, "NFS3ERR_NOSPC" or a number.
std::string status_name(std::uint32_t status);

}  // namespace bench::nfs3
