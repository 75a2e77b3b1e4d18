// CommitSink: where the checkpointer applies generations. It is implemented by whatever holds the durable state (an
// LMDB environment). Called by the checkpointer's thread only, one call at a time.
#pragma once

#include <cstdint>

#include "store/kv/overlay.hpp"

namespace ditto::store {

enum class CommitOutcome : std::uint8_t {
  Durable,  // all of it
  NoSpace,  // not all of it; later commits may succeed
  Failed,   // not all of it, and what the disk holds is unknown: nothing may be written any more
};

class CommitSink {
 public:
  virtual ~CommitSink() = default;
  /// Makes the newest version of every key in `generation` durable, in one step or several: until it is all there, and
  /// again after a crash, the generation must hide what is there of it.
  virtual CommitOutcome commit(const Generation& generation) = 0;
};

}  // namespace ditto::store
