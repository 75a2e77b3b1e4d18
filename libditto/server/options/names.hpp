// What names of shares, of data directories and of versions must look like. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ditto::server {

/// Longest name of a share in bytes: SMB's limit (MS-FSCC 2.1.6), so that a share can be served by either protocol.
inline constexpr std::size_t max_share_name_bytes = 80;

/// Why `name` cannot be a share's name, or nothing.
std::optional<std::string> object_to_share_name(std::string_view name);

/// Whether two names would be one share to SMB, which takes no notice of ASCII case.
bool same_share_name(std::string_view a, std::string_view b) noexcept;

/// Why `version` is no version of NFS that can be served, or nothing.
std::optional<std::string> object_to_nfs_version(std::string_view version);

/// Nothing, or a domain as DNS has them.
std::optional<std::string> object_to_domain(std::string_view domain);

/// Why `path` cannot be a data directory, whatever the disk holds, or nothing.
std::optional<std::string> object_to_path(std::string_view path);

}  // namespace ditto::server
