// Share modes: what an open does with a file, and what it keeps others from doing, whichever protocol they come by
// (NFSv4 share reservations, SMB share modes, NLM SHARE). Plain values.
#pragma once

#include <cstdint>

namespace ditto::state {

/// Numbered as OPEN4_SHARE_ACCESS_* and OPEN4_SHARE_DENY_* are; NFS has no Delete.
enum class Share : std::uint8_t { None = 0, Read = 1, Write = 2, Both = 3, Delete = 4, All = 7 };
constexpr Share operator|(Share a, Share b) noexcept { return Share(std::uint8_t(a) | std::uint8_t(b)); }
constexpr Share operator&(Share a, Share b) noexcept { return Share(std::uint8_t(a) & std::uint8_t(b)); }
constexpr bool any(Share a) noexcept { return a != Share::None; }

struct ShareMode {
  Share access = Share::None;
  Share deny = Share::None;
  friend constexpr bool operator==(const ShareMode&, const ShareMode&) = default;
};

/// Neither does what the other denies. An open without access (SMB: attributes only) still denies nothing and is denied
/// nothing: its deny bits count only beside access (MS-FSA, 2.1.5.1.2.2).
constexpr bool compatible(const ShareMode& a, const ShareMode& b) noexcept {
  if (!any(a.access) || !any(b.access)) return true;
  return !any(a.access & b.deny) && !any(b.access & a.deny);
}

}  // namespace ditto::state
