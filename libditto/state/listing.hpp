// What is held and who waits, copied for whoever asks: shard by shard, without a word formatted under a lock, and no
// more of it than was asked for. Any thread.
#pragma once

#include <cstddef>
#include <string_view>
#include <variant>
#include <vector>

#include "state/files.hpp"

namespace ditto::state {

struct HeldRow {
  FileKey file;
  std::uint64_t share = 0;
  std::variant<Open, ByteLock, Grant> what;
};

struct WaitingRow {
  FileKey file;
  std::uint64_t share = 0;
  ClientId client = nobody;
  Moment since = 0, until = never;
  /// A lock, or, as the conflict table calls it, an operation that a grant is in the way of.
  std::variant<ByteLock, std::string_view> what;
  bool polls = false;  // its client asks again, and is not waited with
  bool kept = false;   // its turn has come: the lock is kept for it
};

/// The rows of a file stand together; `listed` is as much of `count` as was asked for.
struct HeldList {
  std::size_t count = 0;
  std::vector<HeldRow> listed;
};
struct WaitingList {
  std::size_t count = 0;
  std::vector<WaitingRow> listed;
};

HeldList list_held(const Files& files, std::size_t most);
WaitingList list_waiting(const Files& files, std::size_t most);

}  // namespace ditto::state
