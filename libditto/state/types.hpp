// The words that everything in state/ shares: when, which file, who. Plain values.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace ditto::state {

/// Nanoseconds of Clock::monotonic_ns, handed in with every input: nothing in state/ reads a clock.
using Moment = std::uint64_t;
inline constexpr Moment never = std::numeric_limits<Moment>::max();
inline constexpr Moment one_second = 1'000'000'000;

/// `moment` + `span`, or never.
constexpr Moment after(Moment moment, std::uint64_t span_ns) noexcept {
  return span_ns > never - moment ? never : moment + span_ns;
}

/// How often the server has started, raised durably before the first request: the boot epoch in everything handed out.
using Incarnation = std::uint32_t;

/// A client of any protocol: an NFSv4 client's shorthand id (incarnation << 32 | number), a host that locks through
/// NLM, an SMB client. Never reused within an incarnation. 0: nobody in particular, as NFSv3 and anonymous I/O act.
using ClientId = std::uint64_t;
inline constexpr ClientId nobody = 0;

constexpr Incarnation incarnation_of(ClientId id) noexcept { return static_cast<Incarnation>(id >> 32); }

/// One file's state: a node of one store, and there its unnamed contents or one of its streams.
struct FileKey {
  std::uint64_t store = 0;
  std::uint64_t inode = 0;
  std::uint32_t subvolume = 0;
  std::uint64_t stream = 0;
  friend auto operator<=>(const FileKey&, const FileKey&) = default;
};

struct FileKeyHash {
  std::size_t operator()(const FileKey& key) const noexcept {
    std::uint64_t mixed = (key.inode ^ key.store ^ (std::uint64_t{key.subvolume} << 32U)) * 0x9e3779b97f4a7c15U;
    mixed ^= (mixed >> 29U) ^ key.stream;
    return mixed * 0xbf58476d1ce4e5b9U;
  }
};

}  // namespace ditto::state
