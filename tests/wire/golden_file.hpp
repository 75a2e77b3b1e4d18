// Goldens kept in files under golden/: `sender PROCEDURE call|reply`, then indented lines of hexadecimal digits, which
// golden.hpp reads. Lines that begin with # say where they come from.
#pragma once

#include <cstddef>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "wire/golden.hpp"

namespace ditto::test {

struct Golden {
  std::string sender, procedure, direction;
  std::string hex;
};

/// The goldens of golden/`file`, e.g. "nfs3.txt". Throws when it is not there.
inline std::vector<Golden> read_goldens(const std::string& file) {
  std::ifstream in(std::string(DITTO_TESTS_WIRE) + "/golden/" + file);
  if (!in) throw std::runtime_error("no golden file " + file);
  std::vector<Golden> goldens;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('#')) continue;
    if (line.starts_with("  ")) {
      goldens.back().hex += line.substr(2);
      continue;
    }
    const auto first = line.find(' '), second = line.rfind(' ');
    goldens.push_back({line.substr(0, first), line.substr(first + 1, second - first - 1), line.substr(second + 1), {}});
  }
  return goldens;
}

/// The first golden of `sender`, procedure and direction whose bytes hold `part`.
inline const Golden& find_golden(const std::vector<Golden>& goldens, std::string_view sender,
                                 std::string_view procedure, std::string_view direction, std::string_view part = "") {
  for (const Golden& golden : goldens) {
    if (golden.sender == sender && golden.procedure == procedure && golden.direction == direction &&
        golden.hex.contains(part)) {
      return golden;
    }
  }
  throw std::runtime_error("no golden of " + std::string(sender) + " " + std::string(procedure));
}

}  // namespace ditto::test
