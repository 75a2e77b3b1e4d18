#pragma once

// What happened to the bytes of one file, and what a crash may have left of it. Each operation has a number; a write
// fills its range with one letter of its own, so that every byte that is found says where it comes from. A plain value,
// one thread.

#include <cstdint>
#include <string>
#include <vector>

#include "base/function_ref.hpp"

namespace ditto::test {

/// The number of an operation, in the order in which they were made; from 1.
using Step = unsigned;

/// What a crash may take.
enum class Crash {
  Power,  // what was not promised to be stable
  Kill,   // what was not answered
};

class FileHistory {
 public:
  FileHistory() = default;
  /// The file held `base` before step 1.
  explicit FileHistory(std::string base) : base_(std::move(base)), now_(base_) {}

  struct Write {
    std::uint64_t offset = 0, length = 0;
    char letter = 0;
    bool stable = false;       // its answer promised it
    bool with_record = false;  // its bytes are there if its change of size and times is
  };
  void write(Step step, const Write& write);
  void resize(Step step, std::uint64_t size);
  void commit(Step step);

  /// What happened, in words.
  std::string told() const;
  /// Without a crash.
  const std::string& now() const noexcept { return now_; }

  /// Why `found` cannot be what the file holds after a crash that took all steps behind `last`; empty: it can.
  /// `promised`: the answer of that step counts.
  std::string mismatch(const std::string& found, Step last, Crash crash, FunctionRef<bool(Step)> promised) const;

 private:
  struct Event {
    enum class Kind { Write, Resize, Commit };
    Kind kind;
    Step step;
    Write write = {};
    std::uint64_t size = 0;
  };
  class Letters;

  void follow(Letters& letters, std::uint64_t at, const Event& event, Step last, Crash crash, bool promised) const;

  std::string base_, now_;
  std::vector<Event> events_;
};

}  // namespace ditto::test
