// Who asks: the identity that enters the file system with every call. Made by a protocol from what the client proved,
// after the share's squash rules. Plain value; the group list is inline so that making one allocates nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ditto::vfs {

struct Credential {
  /// AUTH_SYS carries 16 groups (RFC 5531, appendix A); identity services may bring more.
  static constexpr std::size_t max_groups = 64;

  std::uint32_t uid = 65534;
  std::uint32_t gid = 65534;
  std::uint32_t group_count = 0;
  std::array<std::uint32_t, max_groups> group_list{};

  std::span<const std::uint32_t> groups() const noexcept { return {group_list.data(), group_count}; }
  void add_group(std::uint32_t group) noexcept {
    if (group_count < max_groups) group_list[group_count++] = group;
  }
  bool is_root() const noexcept { return uid == 0; }
  bool in_group(std::uint32_t group) const noexcept {
    if (gid == group) return true;
    for (const std::uint32_t each : groups()) {
      if (each == group) return true;
    }
    return false;
  }

  static Credential root() noexcept {
    Credential credential;
    credential.uid = credential.gid = 0;
    return credential;
  }
};

}  // namespace ditto::vfs
