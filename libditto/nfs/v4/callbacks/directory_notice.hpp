// A CB_NOTIFY of what has happened in a directory: the entries with READDIR's cookies, what comes before and behind
// them, and the attributes that were asked for, as they are when it is sent. It reads through the gate, as the server,
// and rests on nothing that is not durable.
#pragma once

#include <cstddef>
#include <optional>

#include "base/task.hpp"
#include "nfs/v4/callbacks/directory_watches.hpp"

namespace ditto::nfs4 {

struct DirectoryNotice {
  CB_NOTIFY4args args;
  bool whole = true;  // nothing is left that did not fit
};

/// The first of `changes` as far as `room` bytes hold them, which are taken out. None: they cannot be told, or its
/// holder may not look into the directory any more.
Task<std::optional<DirectoryNotice>> directory_notice(const DirectoryWatches::Directory& directory, Executor& home,
                                                      DirectoryChanges& changes, std::size_t room);

}  // namespace ditto::nfs4
