// Between the file system's attributes and those of NFS version 3, both ways, and the filehandles beside them. Pure
// functions, any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "gate/share.hpp"
#include "nfs/v3/types.hpp"
#include "vfs/attributes.hpp"

namespace ditto::nfs3 {

/// Seconds are unsigned and end in 2106; times outside of that are told as the nearest that can be.
nfstime3 time_of(const Timestamp& time) noexcept;
Timestamp timestamp_of(const nfstime3& time) noexcept;

fattr3 attributes_of(const vfs::Attributes& attributes, const gate::Share& share) noexcept;
wcc_data wcc_of(const vfs::Change& change, const gate::Share& share) noexcept;
nfs_fh3 filehandle_of(vfs::NodeId node, const gate::Share& share) noexcept;
ftype3 type_of(vfs::FileType type) noexcept;

/// What `attributes` asks to change. InvalidArgument for nanoseconds beyond 999,999,999; FileTooBig.
Result<vfs::SetAttributes> changes_of(const sattr3& attributes) noexcept;

/// The eight bytes of a verifier as a number, and back.
template <class Verifier>
std::uint64_t number_of(const Verifier& verifier) noexcept {
  return load_be<std::uint64_t>(verifier.data());
}
template <class Verifier>
Verifier verifier_of(std::uint64_t number) noexcept {
  Verifier verifier;
  store_be(verifier.data(), number);
  return verifier;
}

}  // namespace ditto::nfs3
