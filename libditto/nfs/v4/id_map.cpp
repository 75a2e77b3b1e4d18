#include "nfs/v4/id_map.hpp"

#include <charconv>
#include <limits>

namespace ditto::nfs4 {

namespace {

/// (uid_t)-1 means "leave it" to every chown(), so that it is nobody's id.
constexpr std::uint32_t no_id = std::numeric_limits<std::uint32_t>::max();

class NumericIds final : public IdMap {
 public:
  std::string_view name_of(Kind, std::uint32_t id, Room room) const noexcept override {
    const auto end = std::to_chars(room.data(), room.data() + room.size(), id).ptr;
    return {room.data(), static_cast<std::size_t>(end - room.data())};
  }

  std::optional<std::uint32_t> id_of(Kind, std::string_view name) const noexcept override {
    const std::string_view local = name.substr(0, name.find('@'));
    if (local == "root") return 0;
    if (local == nobody_name) return nobody_id;
    if (local.size() > 1 && local.front() == '0') return std::nullopt;  // RFC 7530, 5.9: no leading zeros
    std::uint32_t id = no_id;
    const auto [end, error] = std::from_chars(local.data(), local.data() + local.size(), id);
    if (error != std::errc{} || end != local.data() + local.size() || id == no_id) return std::nullopt;
    return id;
  }
};

}  // namespace

const IdMap& numeric_ids() noexcept {
  static const NumericIds ids;
  return ids;
}

}  // namespace ditto::nfs4
