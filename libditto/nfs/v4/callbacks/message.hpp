// One callback from the moment that it is wanted until the client has answered it, or nobody wants it any more, and
// what an attempt to deliver it came to. Plain values.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/buffer.hpp"
#include "nfs/v4/callbacks/cb_compound.hpp"
#include "nfs/v4/callbacks/delegated.hpp"
#include "state/clients/session.hpp"

namespace ditto::nfs4 {

/// How long a client may take to answer; it answers at once, and does what it has to do later (RFC 8881, 20.2.4).
inline constexpr state::Moment callback_answer_within = 10 * state::one_second;
/// How long a callback whose answer got lost waits for another connection of its session.
inline constexpr state::Moment callback_doubt_within = 90 * state::one_second;

struct Message {
  CallbackOperation operation;
  state::GrantId grant = 0;  // that is recalled, or asked about
  state::FileKey file;
  std::optional<Delegated::Request> request;

  state::Moment not_before = 0;
  state::Moment until = 0;  // then nobody needs it any more
  std::uint32_t refusals = 0;

  /// In a session: the slot that is taken for it, and the bytes, which are the same each time that it is sent.
  struct Sent {
    std::shared_ptr<state::Session> session;
    state::CallbackSlot slot;
    BufferChain arguments;
    bool doubtful = false;  // it went out, and nobody knows whether it arrived
  };
  std::optional<Sent> sent;
};

struct Delivery {
  enum class Kind : std::uint8_t {
    Answered,   // with `status`
    Elsewhere,  // not by this channel: another one, at once
    Later,      // the client, or we, cannot now
    NoWay,      // as long as the client does not bind a connection, or is not there
    Never,      // it cannot be sent to this client at all
  };
  Kind kind = Kind::NoWay;
  nfsstat4 status{};
  std::optional<Reported> reported;
};

}  // namespace ditto::nfs4
