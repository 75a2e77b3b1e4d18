// What a COMPOUND of NFSv4.1 needs of sessions (RFC 8881, 2.10), which are kept elsewhere: SEQUENCE finds the session
// and takes a slot; the slot gets the reply in the end. Called on the loop of the COMPOUND.
#pragma once

#include "base/buffer.hpp"
#include "base/task.hpp"
#include "nfs/v4/compound.hpp"
#include "nfs/v4/messages/sessions.hpp"

namespace ditto::nfs4 {

/// The slot that one COMPOUND holds, from its SEQUENCE to its end.
class Slot {
 public:
  /// Called once, when all that the reply rests on is durable: the whole COMPOUND4res as it leaves. Null: there is
  /// none, because the server has failed in the middle.
  virtual void end(const BufferChain* reply) noexcept = 0;

 protected:
  ~Slot() = default;
};

class Sessions {
 public:
  /// Besides its result, it gives the COMPOUND a slot, and the session's limits (Compound::limit_reply), or the reply
  /// that was given to the same request before (Compound::repeat). It looks at Compound::count and request_bytes for
  /// TOO_MANY_OPS and REQ_TOO_BIG.
  virtual Task<SEQUENCE4res> sequence(Compound& compound, const SEQUENCE4args& args) = 0;

 protected:
  ~Sessions() = default;
};

}  // namespace ditto::nfs4
