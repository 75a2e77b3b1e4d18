#include "server/host_names.hpp"

#include <grp.h>
#include <pwd.h>

#include <cerrno>

namespace ditto::server {
namespace {

using Kind = nfs4::IdMap::Kind;

constexpr std::size_t most_room = std::size_t{1} << 20;  // of a group with very many members

/// One look into the database; `look(entry, room, found)` is one of the get..._r functions.
template <class Entry, class Look>
bool find(std::vector<char>& room, Entry& entry, Look look) {
  for (;;) {
    Entry* found = nullptr;
    const int error = look(&entry, room, &found);
    if (error == 0) return found != nullptr;
    if (error == EINTR) continue;
    if (error != ERANGE || room.size() >= most_room) return false;
    room.resize(room.size() * 2);
  }
}

}  // namespace

std::optional<std::string> HostNames::name_of(Kind kind, std::uint32_t id) {
  if (kind == Kind::User) {
    passwd entry{};
    const auto look = [&](auto* to, auto& room, auto* found) {
      return getpwuid_r(id, to, room.data(), room.size(), found);
    };
    return find(room_, entry, look) ? std::optional<std::string>(entry.pw_name) : std::nullopt;
  }
  group entry{};
  const auto look = [&](auto* to, auto& room, auto* found) {
    return getgrgid_r(id, to, room.data(), room.size(), found);
  };
  return find(room_, entry, look) ? std::optional<std::string>(entry.gr_name) : std::nullopt;
}

std::optional<std::uint32_t> HostNames::id_of(Kind kind, const std::string& name) {
  if (kind == Kind::User) {
    passwd entry{};
    const auto look = [&](auto* to, auto& room, auto* found) {
      return getpwnam_r(name.c_str(), to, room.data(), room.size(), found);
    };
    return find(room_, entry, look) ? std::optional<std::uint32_t>(entry.pw_uid) : std::nullopt;
  }
  group entry{};
  const auto look = [&](auto* to, auto& room, auto* found) {
    return getgrnam_r(name.c_str(), to, room.data(), room.size(), found);
  };
  return find(room_, entry, look) ? std::optional<std::uint32_t>(entry.gr_gid) : std::nullopt;
}

}  // namespace ditto::server
