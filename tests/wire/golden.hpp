// Golden bytes written as text: `bytes("0000 0005 68656c6c6f 000000")`. Blanks are ignored; anything else that is not a
// pair of hexadecimal digits throws.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.hpp"

namespace ditto::test {

inline std::vector<std::byte> hex_bytes(std::string_view text) {
  const auto digit = [](char c) -> unsigned {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    throw std::invalid_argument("not a hexadecimal digit");
  };
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == ' ' || text[i] == '\n') {
      ++i;
      continue;
    }
    if (i + 1 == text.size()) throw std::invalid_argument("half a byte");
    bytes.push_back(static_cast<std::byte>(digit(text[i]) << 4 | digit(text[i + 1])));
    i += 2;
  }
  return bytes;
}

inline std::string to_hex(const BufferChain& chain) {
  std::vector<std::byte> bytes(chain.size());
  chain.copy_to(0, bytes);
  std::string text;
  for (std::byte byte : bytes) {
    text += "0123456789abcdef"[std::to_integer<unsigned>(byte) >> 4];
    text += "0123456789abcdef"[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

inline BufferChain chain_of(std::string_view hex) { return Buffer::copy_of(hex_bytes(hex)); }

/// `hex` without its blanks, to compare with to_hex().
inline std::string packed(std::string_view hex) { return to_hex(chain_of(hex)); }

}  // namespace ditto::test
