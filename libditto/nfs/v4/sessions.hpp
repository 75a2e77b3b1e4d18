// What a COMPOUND of NFSv4.1 needs of sessions (RFC 8881, 2.10), which are kept elsewhere: SEQUENCE finds the session
// and takes a slot; the slot gets the reply in the end. Called on the loop of the COMPOUND.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "base/buffer.hpp"
#include "nfs/v4/messages/sessions.hpp"
#include "state/clients/session_types.hpp"

namespace ditto::state {
class Session;
}

namespace ditto::nfs4 {

class Compound;

/// The slot that one COMPOUND holds, from its SEQUENCE to its end.
class Slot {
 public:
  /// Whether end() wants the reply; else it gets an empty one.
  virtual bool keeps() const noexcept { return true; }
  /// Called once, when all that the reply rests on is durable: the whole COMPOUND4res as it leaves. Null: there is
  /// none, because the server has failed in the middle.
  virtual void end(const BufferChain* reply) noexcept = 0;

 protected:
  ~Slot() = default;
};

/// The slot of a session that the COMPOUND began with; the reply is kept there when the client asked for that.
class SessionSlot final : public Slot {
 public:
  SessionSlot(std::shared_ptr<state::Session> of, std::uint32_t of_slot, std::uint32_t of_request, bool keep) noexcept
      : session(std::move(of)), number(of_slot), sequence(of_request), keep_(keep) {}
  bool keeps() const noexcept override { return keep_; }
  void end(const BufferChain* reply) noexcept override;

  const std::shared_ptr<state::Session> session;
  const std::uint32_t number, sequence;  // of the slot, and of the request in it

 private:
  const bool keep_;
};

class Sessions {
 public:
  /// Besides its result, it gives the COMPOUND a slot, and the session's limits (Compound::limit_reply), or the reply
  /// that was given to the same request before (Compound::repeat). It looks at Compound::count and request_bytes for
  /// TOO_MANY_OPS and REQ_TOO_BIG.
  virtual SEQUENCE4res sequence(Compound& compound, const SEQUENCE4args& args) = 0;

 protected:
  ~Sessions() = default;
};

}  // namespace ditto::nfs4
