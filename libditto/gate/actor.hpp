// Who acts through the gate, and what the answer will rest on. One per request; lives in the request's coroutine.
#pragma once

#include "base/clock.hpp"
#include "base/executor.hpp"
#include "gate/share.hpp"
#include "vfs/credential.hpp"

namespace ditto::gate {

struct Actor {
  vfs::Credential who;
  Executor& home;  // the loop that the request came in on; every call of the gate returns there
  Executor& pool;  // where calls that block are made
  const Clock& clock;
  bool stateless_io = false;

  /// What the answer rests on: the reply leaves once `token` is durable in `rests_on`.
  vfs::FileSystem* rests_on = nullptr;
  Lsn token = 0;
};

}  // namespace ditto::gate
