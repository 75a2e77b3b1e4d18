// The names by which an administrator calls what clients hold, as `nfsd --status` shows and `nfsd --revoke` takes them:
// client:ID, open:ID and lock:ID; and text of clients' own, fit to be shown. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "state/file_state.hpp"

namespace ditto::server {

/// What a name stands for: all that a client holds, one of its opens, or what an owner has locked of a file.
struct HeldName {
  enum class Kind : std::uint8_t { Client, Open, Lock };
  Kind kind = Kind::Client;
  state::ClientId client = state::nobody;
  std::uint64_t number = 0;  // an open's id, or the lock owner's number
  std::uint64_t inode = 0;   // Lock
  friend bool operator==(const HeldName&, const HeldName&) = default;
};

std::string text_of(const HeldName& name);
/// Nothing: it is no such name.
std::optional<HeldName> parse_held_name(std::string_view text);

/// Why: a sentence that says what such names are, and where they are listed.
std::string not_a_held_name(std::string_view text);
inline constexpr std::string_view held_names_hint =
    "nfsd --status holders and nfsd --status clients list what there is";

/// A client may call itself by any bytes: those that are not printable as \xNN, and no more than `most` of them.
std::string printable(std::string_view bytes, std::size_t most = 64);

}  // namespace ditto::server
