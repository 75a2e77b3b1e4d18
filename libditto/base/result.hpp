// The one vocabulary of failure inside Ditto: a file-system error, and Result<T> that carries a value or one of them.
// It is not errno, nfsstat or NTSTATUS; each protocol version maps it once in its own status_of(). Plain values, any
// thread.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

namespace ditto {

enum class Error : std::uint8_t {
  NotPermitted,     // only the owner or a privileged user may do this (EPERM)
  AccessDenied,     // the access check refused (EACCES)
  NotFound,         // no such name
  Exists,           // the name is taken
  NotDirectory,     // a directory was needed
  IsDirectory,      // a directory is not allowed here
  NotEmpty,         // the directory still has entries
  NotSymlink,       // READLINK of something else
  WrongType,        // the operation does not fit this type of node
  InvalidArgument,  // malformed in a way no retry mends
  BadName,          // an empty name, "." or "..", '/' or NUL where a plain name is needed
  NameTooLong,      // beyond NAME_MAX
  FileTooBig,       // beyond the largest file size
  NoSpace,          // the disk, or the store's reserve of it, is full
  QuotaExceeded,    //
  ReadOnly,         // the share or the store takes no changes
  TooManyLinks,     // link count at its limit
  CrossDevice,      // LINK or RENAME between shares
  Stale,            // the filehandle was good once; its node is gone
  BadHandle,        // the filehandle was never ours: wrong length, version, store or MAC
  BadCookie,        // a READDIR cookie that cannot be continued
  NotSync,          // the guard of a SETATTR did not match
  TooSmall,         // the caller's buffer cannot hold one item
  NoAttribute,      // no such extended attribute or stream
  NotSupported,     // this file system or server does not do it
  Busy,             // held by someone else, and waiting does not help
  Io,               // the storage failed
  Corrupt,          // what the storage returned cannot be right
  WouldBlock,       // asked not to block, and had to; returned before any effect
  Delay,            // try again later: a resource is being recalled
  Cancelled,        // the server is stopping
  Fault,            // an internal error; the message is in the log
};

/// The name of `error` as it stands in logs, e.g. "NotFound".
std::string_view to_string(Error error) noexcept;

template <class T>
using Result = std::expected<T, Error>;

/// Shorthand for returning a failure: `return fail(Error::NotFound);`.
[[nodiscard]] constexpr std::unexpected<Error> fail(Error error) noexcept { return std::unexpected(error); }

}  // namespace ditto
