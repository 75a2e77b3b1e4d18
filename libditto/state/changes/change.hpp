// What happened in a tree, in words that SMB's CHANGE_NOTIFY, NFSv4.1's CB_NOTIFY and a host's feed are all made from.
// Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/durable.hpp"
#include "state/caching.hpp"
#include "state/types.hpp"

namespace ditto::state {

enum class Happened : std::uint16_t {
  None = 0,
  FileCreated = 1 << 0,  // a name came, by creating or by linking
  FileRemoved = 1 << 1,
  FileRenamedFrom = 1 << 2,  // two changes with one cookie, which follow each other
  FileRenamedTo = 1 << 3,
  DirectoryCreated = 1 << 4,
  DirectoryRemoved = 1 << 5,
  DirectoryRenamedFrom = 1 << 6,
  DirectoryRenamedTo = 1 << 7,
  Written = 1 << 8,  // contents
  Resized = 1 << 9,
  Attributes = 1 << 10,
  Xattrs = 1 << 11,
  Streams = 1 << 12,
};
constexpr Happened operator|(Happened a, Happened b) noexcept { return Happened(std::uint16_t(a) | std::uint16_t(b)); }
constexpr Happened operator&(Happened a, Happened b) noexcept { return Happened(std::uint16_t(a) & std::uint16_t(b)); }
constexpr bool any(Happened a) noexcept { return a != Happened::None; }

namespace happened {
inline constexpr Happened file_names = Happened::FileCreated | Happened::FileRemoved | Happened::FileRenamedFrom |
                                       Happened::FileRenamedTo,
                          directory_names = Happened::DirectoryCreated | Happened::DirectoryRemoved |
                                            Happened::DirectoryRenamedFrom | Happened::DirectoryRenamedTo,
                          names = file_names | directory_names, everything = Happened((1 << 13) - 1);
}

/// A directory on the way up, and the name in it of what lies below.
struct Above {
  FileKey directory;
  std::string name;
};

/// A change of one entry, or of a node. Those of one transaction have one Lsn.
struct TreeChange {
  Happened what{};  // one of them
  FileKey node;     // what it happened to
  /// Where, nearest first: the directory of the entry, and as many of those above it as may be watched with all that
  /// is below them. Empty where no name is known.
  std::vector<Above> path;
  std::uint64_t cookie = 0;        // of a rename
  Holder by{};                     // who did it, where that is known
  std::uint64_t entry_cookie = 0;  // READDIR's, of the entry that changed
};

}  // namespace ditto::state
