// Who mounted what, for DUMP. A client that goes away without UMNT stays listed until newer mounts push it out, so this
// is a hint for people and never a fact for the server. Any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace ditto::mount {

class MountTable {
 public:
  using Address = std::array<std::uint8_t, 16>;  // IPv4 as a mapped IPv6 address
  struct Mount {
    Address peer{};
    std::string path;
    friend bool operator==(const Mount&, const Mount&) = default;
  };

  /// The oldest entry is forgotten when there are this many.
  static constexpr std::size_t max_mounts = 1024;

  /// Notes a mount once per peer and path.
  void add(const Address& peer, std::string_view path);
  void remove(const Address& peer, std::string_view path);
  void remove_all(const Address& peer);
  /// Oldest first.
  std::vector<Mount> list() const;

 private:
  mutable std::mutex mutex_;  // guards mounts_
  std::deque<Mount> mounts_;
};

}  // namespace ditto::mount
