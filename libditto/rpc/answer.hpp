// From the bytes of a call to the bytes of its reply: header, credential, table, reply cache, handler. Every way in
// which RFC 5531 answers a call is here; where the bytes come from and go to is not. Runs on the call's loop.
#pragma once

#include "base/buffer.hpp"
#include "base/clock.hpp"
#include "base/epochs.hpp"
#include "base/executor.hpp"
#include "base/log.hpp"
#include "base/task.hpp"
#include "rpc/call.hpp"
#include "rpc/framing.hpp"
#include "rpc/in_flight.hpp"
#include "rpc/program.hpp"
#include "rpc/reply_cache.hpp"

namespace ditto::rpc {

/// What all connections and datagrams of one listener share. Belongs to the server and outlives every call.
struct Host {
  const Programs& programs;
  ReplyCache& replies;
  InFlightPool& in_flight;
  Executor& pool;  // for handlers that block
  const Clock& clock;
  Log& log;
  Epochs* epochs = nullptr;  // of what handlers look at and others replace; each call is a reader
};

/// A call that fills in as its message is read.
inline Call new_call(const Host& host, Executor& loop, const Peer& peer) noexcept {
  return {.peer = peer, .loop = loop, .pool = host.pool, .clock = host.clock, .log = host.log};
}

/// The reply to `message`; empty when there can be none, because it is not a call or is cut short in its header. All
/// arguments stay in place until the end. Throws nothing but std::bad_alloc.
Task<BufferChain> answer(const Host& host, Call& call, const BufferChain& message, Framing framing);

}  // namespace ditto::rpc
