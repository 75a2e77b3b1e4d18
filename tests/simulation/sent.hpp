// A request of NFSv4 as its client sends it, once or many times, always the same, with what was seen of it at the
// server: rule 5 is about these. Plain values; one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/buffer.hpp"
#include "nfs/v4/types.hpp"
#include "state/file_state.hpp"
#include "truth.hpp"

namespace ditto::sim {

/// Whatever makes requests happen once, one after the other: a slot, an owner of version 0, or what makes sessions.
/// This is what the simulator knows of it, not what the server does.
struct Line {
  bool confirmed = true;     // not yet: an owner of version 0 whose OPEN another one may replace
  bool over = false;         // its client has let go of it
  std::uint64_t latest = 0;  // number of the request that was executed last
  unsigned running = 0;      // requests that may be executed now
  state::Moment used_at = 0;
};

struct Sent {
  std::uint64_t number = 0;  // among its client's
  BufferChain arguments;
  std::uint32_t minor = 0;
  /// The client that it is for, as the server knows it.
  state::ClientId client = state::nobody;
  std::optional<nfs4::sessionid4> session;
  /// Null: it may happen twice.
  std::shared_ptr<Line> line;
  /// Whether the reply was to be kept, and whether the request opens, which an owner of version 0 may do anew.
  bool kept = true, opens = false;

  // What it does, for the rules and the coverage.
  enum class Gains : std::uint8_t { Nothing, New, Back };
  Gains gains = Gains::Nothing;
  unsigned claim = 0;                // Back: what
  std::optional<std::size_t> piece;  // Back: of that, which lock; none: the open
  state::Actor actor;
  Inode inode = 0;
  std::optional<state::Operation> operation;

  // Seen at the server.
  unsigned incarnation = 0;
  bool running = false, executed = false;
  std::string reply;
};

}  // namespace ditto::sim
