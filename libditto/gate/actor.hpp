// Who acts through the gate, and what the answer will rest on. One per request; lives in the request's coroutine.
#pragma once

#include "base/clock.hpp"
#include "base/durable.hpp"
#include "base/executor.hpp"
#include "gate/share.hpp"
#include "vfs/credential.hpp"

namespace ditto::gate {

struct Actor {
  vfs::Credential who;
  Executor& home;  // the loop that the request came in on; every call of the gate returns there
  Executor& pool;  // where calls that block are made
  const Clock& clock;
  /// What the answer will rest on; the connection holds the reply until it is durable.
  CommitTokens& rests_on;
  /// NFSv3: READ and WRITE go by vfs::check_stateless_io.
  bool stateless_io = false;
};

}  // namespace ditto::gate
