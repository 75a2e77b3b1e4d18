// Who acts through the gate, and what the answer will rest on. One per request; lives in the request's coroutine.
#pragma once

#include <array>
#include <cstdint>

#include "base/clock.hpp"
#include "base/durable.hpp"
#include "base/executor.hpp"
#include "gate/share.hpp"
#include "state/file_state.hpp"
#include "vfs/credential.hpp"

namespace ditto::gate {

struct Actor {
  vfs::Credential who;
  Executor& home;  // the loop that the request came in on; every call of the gate returns there
  Executor& pool;  // where calls that block are made
  const Clock& clock;
  /// What the answer will rest on; the connection holds the reply until it is durable.
  CommitTokens& rests_on;
  /// By what right contents are read, written or cut.
  vfs::IoRights rights = vfs::IoRights::Checked;
  /// As which holder, and by which open. NFSv3 and anonymous I/O act as nobody.
  state::Actor as{};
  /// Where the request came from, IPv4 mapped: for people to read.
  std::array<std::uint8_t, 16> peer{};
};

}  // namespace ditto::gate
