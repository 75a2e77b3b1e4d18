// Walks a store that no server has open, and says what is wrong with it: `nfsd --check`. Blocks; any thread, one call
// at a time for a directory.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "ditto/failure.hpp"

namespace ditto::server {

struct CheckSummary {
  std::uint64_t nodes = 0;      // files, directories and everything else that has attributes
  std::uint64_t names = 0;      // directory entries
  std::uint64_t objects = 0;    // contents of files that are kept apart
  std::uint64_t problems = 0;   // what cannot be right
  std::uint64_t repaired = 0;   // of them
  std::uint64_t leftovers = 0;  // space that a crash kept from being given back; no problem, and given back by a repair
  std::uint64_t verified_bytes = 0;    // of contents that were read and are what was written
  std::uint64_t unverified_bytes = 0;  // of contents that have no checksum yet
};

struct CheckOptions {
  bool repair = false;
  /// Whether to read the contents of files, too, and compare them with their checksums.
  bool contents = false;
  /// Each finding, and what was done about it, as a sentence.
  std::function<void(std::string_view)> line;
  /// Now and then, how far the check is.
  std::function<void(const CheckSummary&)> progress;
};

/// NotFound when there is no store in `directory`; Busy when somebody has it open.
Outcome<CheckSummary> check_store(const std::string& directory, const CheckOptions& options);

}  // namespace ditto::server
