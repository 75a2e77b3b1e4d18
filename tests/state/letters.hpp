// Caching as the tables of tests and docs write it: "RWH", "RH", "-".
#pragma once

#include <string>
#include <string_view>

#include "state/caching.hpp"

namespace ditto::test {

inline state::Caching caching_of(std::string_view letters) {
  auto caching = state::Caching::None;
  for (const char letter : letters) {
    if (letter == 'R') caching = caching | state::Caching::Read;
    if (letter == 'W') caching = caching | state::Caching::Write;
    if (letter == 'H') caching = caching | state::Caching::Handle;
  }
  return caching;
}

inline std::string letters_of(state::Caching caching) {
  std::string letters;
  if (any(caching & state::Caching::Read)) letters += 'R';
  if (any(caching & state::Caching::Write)) letters += 'W';
  if (any(caching & state::Caching::Handle)) letters += 'H';
  return letters.empty() ? "-" : letters;
}

}  // namespace ditto::test
