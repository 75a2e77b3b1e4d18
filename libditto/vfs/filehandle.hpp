// The opaque bytes that name a node on the wire: version, share, store, subvolume, inode and a MAC, so that a handle
// stays valid across restarts and renames, cannot be guessed, and says which share's rules apply.
// docs/formats/filehandle.md states every byte. Pure functions, any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "base/result.hpp"
#include "vfs/attributes.hpp"

namespace ditto::vfs {

struct Filehandle {
  static constexpr std::size_t wire_bytes = 40;

  std::uint64_t share = 0;  // persistent, random
  std::uint64_t store = 0;
  NodeId node;

  using Wire = std::array<std::byte, wire_bytes>;
  Wire seal(const crypto::SipHashKey& key) const noexcept;

  /// The fields of `wire` without a look at its MAC: to find the share, whose store's key then goes to verify().
  /// BadHandle when length or version are not ours.
  static Result<Filehandle> parse(Bytes wire) noexcept;
  /// Whether `wire` was sealed with `key`; in constant time.
  static bool verify(Bytes wire, const crypto::SipHashKey& key) noexcept;
};

}  // namespace ditto::vfs
