#include "server/control/names.hpp"

#include <fmt/format.h>

#include <charconv>

namespace ditto::server {
namespace {

/// Takes a number from the front, and the dot behind it where one `is_more`.
bool take(std::string_view& text, std::uint64_t& number, int base, bool is_more) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!is_more) return text.empty();
  if (!text.starts_with('.')) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::string text_of(const HeldName& name) {
  switch (name.kind) {
    case HeldName::Kind::Client: return fmt::format("client:{:x}", name.client);
    case HeldName::Kind::Open: return fmt::format("open:{:x}.{}", name.client, name.number);
    case HeldName::Kind::Lock: return fmt::format("lock:{:x}.{}.{}", name.client, name.number, name.inode);
  }
  return {};
}

std::optional<HeldName> parse_held_name(std::string_view text) {
  const auto is = [&](std::string_view kind) {
    const bool starts = text.starts_with(kind);
    if (starts) text.remove_prefix(kind.size());
    return starts;
  };
  HeldName name;
  bool good = false;
  if (is("client:")) {
    good = take(text, name.client, 16, false);
  } else if (is("open:")) {
    name.kind = HeldName::Kind::Open;
    good = take(text, name.client, 16, true) && take(text, name.number, 10, false) && name.number != 0;
  } else if (is("lock:")) {
    name.kind = HeldName::Kind::Lock;
    good = take(text, name.client, 16, true) && take(text, name.number, 10, true) &&
           take(text, name.inode, 10, false) && name.number != 0;
  }
  return good ? std::optional(name) : std::nullopt;
}

std::string not_a_held_name(std::string_view text) {
  return fmt::format("\"{}\" is none of client:ID, open:ID and lock:ID; {}", printable(text), held_names_hint);
}

std::string printable(std::string_view bytes, std::size_t most) {
  std::string text;
  for (const char c : bytes.substr(0, most)) {
    const bool plain = c >= ' ' && c <= '~' && c != '\\';
    text += plain ? std::string(1, c) : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  if (bytes.size() > most) text += "...";
  return text;
}

}  // namespace ditto::server
