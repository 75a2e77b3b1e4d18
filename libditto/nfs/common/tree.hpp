// Walking a share's tree by name, for every version: a share's root has no parent, whatever lies above it in its file
// system. Awaits the gate on the caller's loop.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "base/task.hpp"
#include "nfs/common/entrance.hpp"
#include "vfs/file_system.hpp"

namespace ditto::nfs {

/// The entry `name` of `directory`, byte for byte. ".." of the share's root is the root. BadName, NameTooLong, and what
/// FileSystem::lookup gives.
inline auto lookup(Entrance& entrance, vfs::NodeId directory, std::string_view name) {
  const bool above = name == ".." && directory == entrance.share().root();
  return entrance.gate.lookup(directory, above ? "." : name, vfs::NameMatch::Exact);
}

}  // namespace ditto::nfs
