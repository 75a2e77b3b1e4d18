// What goes into a session and comes out of it: ids, channel attributes, the arguments and results of SEQUENCE and
// CREATE_SESSION without their wire format. Plain values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "state/types.hpp"

namespace ditto::state {

/// A connection, by a number that is never used again while the server runs.
using ConnectionId = std::uint64_t;

/// A checksum over a request and over who sent it, after squash: what tells a retry from a false one.
/// RFC 8881, 2.10.6.1.3.1: a retry by another user must be refused.
using Fingerprint = std::uint64_t;

/// Bytes of a reply that are kept; shared with whoever sends them.
using KeptReply = std::shared_ptr<const std::vector<std::byte>>;

struct SessionId {
  std::array<std::byte, 16> bytes{};
  friend bool operator==(const SessionId&, const SessionId&) = default;

  struct Hash {
    std::size_t operator()(const SessionId& id) const noexcept {
      std::array<std::uint64_t, 2> words;
      std::memcpy(words.data(), id.bytes.data(), sizeof words);
      return static_cast<std::size_t>(words[0] * 31 + words[1]);
    }
  };
};

/// channel_attrs4; sizes in bytes.
struct ChannelAttributes {
  std::uint32_t header_pad = 0;
  std::uint32_t max_request = 0;
  std::uint32_t max_response = 0;
  std::uint32_t max_response_cached = 0;
  std::uint32_t max_operations = 0;
  std::uint32_t max_requests = 0;
  friend bool operator==(const ChannelAttributes&, const ChannelAttributes&) = default;
};

/// How callbacks are addressed (csa_cb_program, csa_sec_parms; BACKCHANNEL_CTL); `security` is opaque here.
struct CallbackControl {
  std::uint32_t program = 0;
  std::string security;
  std::uint32_t minor_version = 1;  // of NFSv4, in which the client is called
  friend bool operator==(const CallbackControl&, const CallbackControl&) = default;
};

struct CreateSession {
  ClientId client = 0;
  std::uint32_t sequence = 0;
  ChannelAttributes fore, back;
  bool callbacks = false;  // CREATE_SESSION4_FLAG_CONN_BACK_CHAN
  CallbackControl control;
};

/// PERSIST and CONN_RDMA are always refused: they are not among the flags that come back.
struct SessionCreated {
  SessionId id;
  std::uint32_t sequence = 0;
  ChannelAttributes fore, back;
  bool callbacks = false;
  friend bool operator==(const SessionCreated&, const SessionCreated&) = default;
};

struct SequenceRequest {
  std::uint32_t slot = 0;
  std::uint32_t sequence = 0;
  std::uint32_t highest_slot = 0;
  Fingerprint fingerprint = 0;
};

/// What SEQUENCE says about the client (sr_status_flags).
struct SessionStatus {
  bool callback_path_down = false;
  bool callback_path_down_session = false;
  bool backchannel_fault = false;
  bool restart_reclaim_needed = false;
  bool recallable_state_revoked = false;
  bool admin_state_revoked = false;
};

struct Sequenced {
  enum class Kind : std::uint8_t {
    Execute,     // the first of its kind: run it, then Session::finish()
    Replay,      // answered before: `reply`, byte for byte
    Unkept,      // answered before, the reply was not kept: SEQUENCE succeeds, what follows gets RetryUncachedReply
    InProgress,  // still running: NFS4ERR_DELAY
  };
  Kind kind = Kind::Execute;
  KeptReply reply;
  std::uint32_t highest_slot = 0;
  std::uint32_t target_highest_slot = 0;
  SessionStatus status;
};

/// channel_dir_from_client4, and what came of it.
enum class Direction : std::uint8_t { Fore, Back, ForeOrBoth, BackOrBoth };
struct Bound {
  bool fore = false;
  bool back = false;
  friend bool operator==(const Bound&, const Bound&) = default;
};

}  // namespace ditto::state
