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

/// `directory`: its list, or null; also where nothing is to be handed on. `default_mode` is for who says nothing.
Beginning beginning_of(const Acl* directory, FileType type, const SetAttributes& wanted, std::uint32_t default_mode);

}  // namespace ditto::vfs
