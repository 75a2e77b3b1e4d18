#include "nfs/v4/id_map.hpp"

#include <charconv>
#include <limits>

namespace ditto::nfs4 {

namespace {

/// (uid_t)-1 means "leave it" to every chown(), so that it is nobody's id.
constexpr std::uint32_t no_id = std::numeric_limits<std::uint32_t>::max();

std::string_view digits_of(std::uint32_t id, IdMap::Room room) noexcept {
  const auto end = std::to_chars(room.data(), room.data() + room.size(), id).ptr;
  return {room.data(), static_cast<std::size_t>(end - room.data())};
}

class NumericIds final : public IdMap {
 public:
  std::string_view name_of(Kind, std::uint32_t id, Room room) const noexcept override { return digits_of(id, room); }

  std::expected<std::uint32_t, Missing> id_of(Kind, std::string_view name) const noexcept override {
    const auto id = well_known_id(name.substr(0, name.find('@')));
    if (!id) return std::unexpected(Missing::Unknown);
    return *id;
  }
};

}  // namespace

std::optional<std::uint32_t> well_known_id(std::string_view name) noexcept {
  if (name == "root") return 0;
  if (name == nobody_name) return nobody_id;
  if (name.size() > 1 && name.front() == '0') return std::nullopt;  // RFC 7530, 5.9: no leading zeros
  std::uint32_t id = no_id;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  if (error != std::errc{} || end != name.data() + name.size() || id == no_id) return std::nullopt;
  return id;
}

const IdMap& numeric_ids() noexcept {
  static const NumericIds ids;
  return ids;
}

}  // namespace ditto::nfs4
