// Between the numbers of users and groups and the strings that owner and owner_group are (RFC 7530, 5.9; RFC 8881,
// 5.9), and whom an entry of a list is about. IdMap is what a service of names implements; numbers as strings is what
// there is without one, and what clients without one expect. Any thread, on event loops: nothing here may wait.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

namespace ditto::nfs4 {

class IdMap {
 public:
  enum class Kind : bool { User, Group };
  /// What a name may take.
  static constexpr std::size_t name_bytes = 256;
  using Room = std::span<char, name_bytes>;

  virtual ~IdMap() = default;
  /// Why there is no number: NFS4ERR_BADOWNER, or it is being looked for, and whoever asks comes again.
  enum class Missing : std::uint8_t { Unknown, NotYet };

  /// The name of `id`, written to `room` or living as long as the map.
  virtual std::string_view name_of(Kind kind, std::uint32_t id, Room room) const noexcept = 0;
  virtual std::expected<std::uint32_t, Missing> id_of(Kind kind, std::string_view name) const noexcept = 0;
};

/// The number that digits are, and what "root" and "nobody" have everywhere; `name` has no domain.
std::optional<std::uint32_t> well_known_id(std::string_view name) noexcept;

/// Tells every id in digits, without a domain. Takes digits, and "root" and "nobody", with any domain or none.
const IdMap& numeric_ids() noexcept;

/// Who an owner without a number is told as, and the number that it has.
inline constexpr std::string_view nobody_name = "nobody";
inline constexpr std::uint32_t nobody_id = 65534;

}  // namespace ditto::nfs4
