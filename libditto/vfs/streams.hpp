// What a file's named streams, and the directory that holds them, have of the file: owner, group and permissions. They
// have none of their own, so chmod and chown of a file are those of its streams. Pure functions, any thread.
#pragma once

#include <cstdint>

#include "vfs/attributes.hpp"

namespace ditto::vfs {

/// A file's mode as one of its streams has it, or the directory of them, which may be searched by whoever may read. No
/// stream is a program, and none has a set-id or sticky bit.
constexpr std::uint32_t stream_mode(std::uint32_t mode, NodeRole role) noexcept {
  constexpr std::uint32_t reads = 0444, reads_and_writes = 0666;
  return (mode & reads_and_writes) | (role == NodeRole::StreamDirectory ? (mode & reads) >> 2 : 0);
}

/// Whether `hidden`, which is beside the tree, has what it takes from `file`.
constexpr bool has_rights_of(const Attributes& hidden, const Attributes& file) noexcept {
  return hidden.owner == file.owner && hidden.group == file.group && hidden.acl == file.acl &&
         hidden.mode == stream_mode(file.mode, hidden.role);
}
/// The same from the directory of streams as from the file.
constexpr void take_rights(Attributes& hidden, const Attributes& file) noexcept {
  hidden.owner = file.owner;
  hidden.group = file.group;
  hidden.acl = file.acl;
  hidden.mode = stream_mode(file.mode, hidden.role);
}

}  // namespace ditto::vfs
