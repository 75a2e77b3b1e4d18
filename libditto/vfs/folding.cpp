#include "vfs/folding.hpp"

#include <algorithm>
#include <iterator>

namespace ditto::vfs {
namespace {

struct Run {
  std::uint32_t first, last;
  std::uint32_t stride;
  std::int32_t delta;
};

constexpr Run runs[] = {
#include "vfs/folding_table.inc"
};

struct Decoded {
  std::uint32_t code = 0;
  std::size_t length = 0;  // 0: not UTF-8 here
};

// One character by the strict rules of RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
Decoded decode(std::string_view text) noexcept {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = at(0);
  std::size_t length = 0;
  std::uint32_t code = 0, least = 0;
  if (lead >= 0xc2 && lead <= 0xdf) {
    length = 2, code = lead & 0x1f, least = 0x80;
  } else if ((lead & 0xf0) == 0xe0) {
    length = 3, code = lead & 0x0f, least = 0x800;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    length = 4, code = lead & 0x07, least = 0x10000;
  } else {
    return {};
  }
  if (text.size() < length) return {};
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (at(i) & 0x3f);
  }
  if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
  return {code, length};
}

std::size_t encode(std::uint32_t code, char* to) noexcept {
  const auto put = [&](std::size_t i, std::uint32_t byte) { to[i] = static_cast<char>(byte); };
  if (code < 0x800) {
    put(0, 0xc0 | code >> 6);
    put(1, 0x80 | (code & 0x3f));
    return 2;
  }
  if (code < 0x10000) {
    put(0, 0xe0 | code >> 12);
    put(1, 0x80 | (code >> 6 & 0x3f));
    put(2, 0x80 | (code & 0x3f));
    return 3;
  }
  put(0, 0xf0 | code >> 18);
  put(1, 0x80 | (code >> 12 & 0x3f));
  put(2, 0x80 | (code >> 6 & 0x3f));
  put(3, 0x80 | (code & 0x3f));
  return 4;
}

}  // namespace

std::uint32_t fold(std::uint32_t code) noexcept {
  if (code < 0x80) return code >= 'a' && code <= 'z' ? code - ('a' - 'A') : code;
  const Run* run = std::lower_bound(std::begin(runs), std::end(runs), code,
                                    [](const Run& r, std::uint32_t wanted) { return r.last < wanted; });
  if (run == std::end(runs) || code < run->first || (code - run->first) % run->stride != 0) return code;
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(code) + run->delta);
}

FoldedName::FoldedName(std::string_view name) noexcept {
  name = name.substr(0, limits::name_bytes);
  while (!name.empty()) {
    const auto byte = static_cast<unsigned char>(name[0]);
    if (byte < 0x80) {
      text_[size_++] = static_cast<char>(fold(byte));
      name.remove_prefix(1);
      continue;
    }
    const Decoded character = decode(name);
    if (character.length == 0) {
      text_[size_++] = name[0];
      name.remove_prefix(1);
      continue;
    }
    size_ += encode(fold(character.code), text_.data() + size_);
    name.remove_prefix(character.length);
  }
}

bool same_folded(std::string_view a, std::string_view b) noexcept {
  return FoldedName(a).view() == FoldedName(b).view();
}

}  // namespace ditto::vfs
