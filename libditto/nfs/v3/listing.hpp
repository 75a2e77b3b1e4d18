// What READDIR and READDIRPLUS have in common: budgets in bytes, the cookie verifier, and where a share's tree ends.
// Pure, any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

#include "base/limits.hpp"
#include "nfs/v3/attributes.hpp"
#include "vfs/file_system.hpp"
#include "wire/xdr_bound.hpp"

namespace ditto::nfs3 {

/// Bytes of a listing's result beside its entries: attributes, verifier, the end of the list, eof.
inline constexpr std::size_t listing_frame_bytes =
    xdr::bound<post_op_attr>() + xdr::bound<cookieverf3>() + xdr::bound<bool>() + xdr::bound<bool>();

/// How many bytes of entries a result of `wanted` bytes holds; none when not even the frame fits.
constexpr std::optional<std::size_t> listing_budget(count3 wanted) noexcept {
  const std::size_t bytes = std::min<std::size_t>(wanted, limits::io_bytes);
  if (bytes < listing_frame_bytes) return std::nullopt;
  return bytes - listing_frame_bytes;
}

/// Cookies stay good whatever happens to the directory, so the verifier never changes, and is zero. Another one was
/// given by another server, whose cookies mean nothing here.
inline bool continues(cookie3 cookie, const cookieverf3& verifier) noexcept {
  return cookie == 0 || number_of(verifier) == 0;
}

/// The node that an entry of `directory` is shown as: nothing above the share's root is.
inline vfs::NodeId shown(const vfs::DirectoryEntry& entry, vfs::NodeId directory, const gate::Share& share) noexcept {
  return entry.name == ".." && directory == share.root() ? directory : entry.id;
}

}  // namespace ditto::nfs3
