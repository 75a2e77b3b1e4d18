// The pseudo root: the directory above all shares (RFC 7530, 7.3; RFC 8881, 7.3), a file system of its own, with fsid 0
// and nothing in it but the names of the shares that the caller's address is admitted to. Nothing is stored of it, and
// nobody changes it. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "gate/share.hpp"
#include "rpc/call.hpp"
#include "vfs/attributes.hpp"

namespace ditto::nfs4::pseudo_root {

/// What everybody may do with it, and all there is to do.
inline constexpr std::uint32_t mode = 0555;

/// As the caller sees it: `change` is another when the shares are.
vfs::Attributes attributes(const gate::Shares& shares, const rpc::Call& call) noexcept;

/// The share `name`; nullptr: there is none for the caller.
const gate::Share* find(const gate::Shares& shares, const rpc::Call& call, std::string_view name) noexcept;

/// The number of the directory that `share` is mounted on.
inline std::uint64_t fileid_of(const gate::Share& share) noexcept { return share.id(); }

}  // namespace ditto::nfs4::pseudo_root
