// With what permissions a new node begins (RFC 8881, 6.4.3; RFC 8275): what its maker says of mode and list, and
// what the directory hands on. A pure function.
#pragma once

#include <cstdint>
#include <memory>

#include "vfs/acl/acl.hpp"

namespace ditto::vfs {

struct Beginning {
  std::uint32_t mode = 0;
  std::shared_ptr<const Acl> acl;  // null: the mode alone decides
};

/// Which half of a directory's list is handed on. What is recorded of a tree is recorded of all that is made in it,
/// also where its maker will set permissions next.
enum class HandedOn : std::uint8_t { All, Records };

/// `directory`: its list, or null. `default_mode` is for who says nothing.
Beginning beginning_of(const Acl* directory, HandedOn handed_on, FileType type, const SetAttributes& wanted,
                       std::uint32_t default_mode);

}  // namespace ditto::vfs
