// Case folding of names: our own frozen table of one-to-one uppercase mappings, no normalization, invalid UTF-8 taken
// as the bytes it is. Directory keys are hashes of folded names, so the table never changes under a store: its version
// stands in the store's header. It is not for display and knows no locale. Pure functions, any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/limits.hpp"

namespace ditto::vfs {

/// Version of folding_table.inc.
inline constexpr std::uint32_t folding_version = 1;

/// The code point that `code` folds to; itself when it has no simple uppercase mapping.
std::uint32_t fold(std::uint32_t code) noexcept;

/// A name after folding, in memory of its own. Folding may lengthen a character from two bytes to three.
class FoldedName {
 public:
  /// `name` is at most limits::name_bytes long.
  explicit FoldedName(std::string_view name) noexcept;
  std::string_view view() const noexcept { return {text_.data(), size_}; }

 private:
  std::array<char, limits::name_bytes * 3 / 2 + 1> text_;
  std::size_t size_ = 0;
};

/// Whether two names are the same but for case.
bool same_folded(std::string_view a, std::string_view b) noexcept;

}  // namespace ditto::vfs
