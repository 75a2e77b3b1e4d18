// Strings in the records of the server's store: length and bytes (docs/formats/server.md). Pure, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace ditto::server {

inline void put_string(std::vector<std::byte>& to, std::string_view text) {
  const std::size_t at = to.size();
  to.resize(at + 2);
  store_be(to.data() + at, static_cast<std::uint16_t>(text.size()));
  const Bytes bytes = bytes_of(text);
  to.insert(to.end(), bytes.begin(), bytes.end());
}

/// False: `from` ends before it does.
inline bool take_string(Bytes& from, std::string& text) {
  if (from.size() < 2) return false;
  const std::size_t size = load_be<std::uint16_t>(from.data());
  if (from.size() < 2 + size) return false;
  text = text_of(from.subspan(2, size));
  from = from.subspan(2 + size);
  return true;
}

}  // namespace ditto::server
