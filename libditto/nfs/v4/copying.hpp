// What a COPY moves through memory (RFC 7862, 15.2): one piece after the other, each read before it is written, so that
// nothing else of it waits in memory. Whoever copies does so on any thread, by gates of his own.
#pragma once

#include <cstdint>
#include <optional>

#include "base/task.hpp"
#include "gate/gate.hpp"
#include "nfs/v4/messages/copy.hpp"

namespace ditto::nfs4 {

/// A range of one file that goes to another, and how far that has come.
struct Copying {
  vfs::NodeId source, target;
  std::uint64_t from = 0, to = 0, count = 0;  // offsets in both
  /// Of the target's file system, from before anything was written: if unstable data is lost meanwhile, the client must
  /// see it change.
  std::uint64_t verifier = 0;

  std::uint64_t done = 0;
  bool committed = true;  // all of it
  bool cut = false;       // the source ended before that
  std::optional<Error> error;

  bool over() const noexcept { return done >= count || cut || error; }
  std::uint64_t left() const noexcept { return count - done; }
};

/// One piece more.
Task<void> copy_piece(gate::Gate& reader, gate::Gate& writer, Copying& copying);

/// What there is to tell of it.
write_response4 response_of(const Copying& copying) noexcept;

}  // namespace ditto::nfs4
