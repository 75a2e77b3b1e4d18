// The bits of ACCESS, which versions 3 and 4 number alike (RFC 1813, 3.3.4; RFC 8881, 18.1), and what the access check
// must grant for each. Pure functions, any thread.
#pragma once

#include <cstdint>

#include "vfs/access.hpp"
#include "vfs/attributes.hpp"

namespace ditto::nfs {

/// What is asked of a node of one type, in a share that takes changes or does not.
class AccessBits {
 public:
  AccessBits(vfs::FileType type, bool read_only, std::uint32_t asked) noexcept;

  /// Those of the asked bits that mean something for the node.
  std::uint32_t supported() const noexcept;
  /// What the access check is to be asked for.
  vfs::Access wanted() const noexcept;
  /// The bits that are given when `granted` is the part of wanted() that the caller has.
  std::uint32_t given(vfs::Access granted) const noexcept;

 private:
  bool directory_, read_only_;
  std::uint32_t asked_;
};

}  // namespace ditto::nfs
