// One client's byte stream as the RPC protocol sees it, without the socket: bytes come in, each call starts at once and
// is answered when it ends, whatever the order; replies to calls of ours, which share the stream once somebody has
// asked for its backchannel, go to their callers. It bounds what a client may have in flight and stops reading beyond
// it, so that one that never reads its replies costs bounded memory, and so does whatever all clients of the server do
// together (rpc/in_flight.hpp); giving up on a client is the transport's business. Lives on one loop, which every
// function and every call runs on. May be destroyed while calls run: they end by themselves, and their replies are
// dropped. Host and loop outlive the calls.
#pragma once

#include <cstddef>
#include <memory>

#include "base/alarms.hpp"
#include "base/buffer.hpp"
#include "base/executor.hpp"
#include "rpc/answer.hpp"
#include "rpc/call.hpp"
#include "rpc/remote.hpp"
#include "rpc/transport.hpp"

namespace ditto::rpc {

struct ConnectionLimits {
  /// Calls that are being answered (what they sent, what they expect to get, call_cost_bytes) and replies that the
  /// socket has not taken. No call starts beyond it; the one that crosses it is completed.
  std::size_t bytes_in_flight = std::size_t{16} << 20;
  std::size_t calls_in_flight = 1024;
};

/// A record that lacks more than this gets its memory before it is read, and a chunk of its own.
inline constexpr std::size_t large_record_bytes = 16384;

/// What a call in flight costs besides its message: frames, the chunk of its reply.
inline constexpr std::size_t call_cost_bytes = 10240;

/// Calls that one connection starts, and bytes that they answer with, before it lets others have their turn.
inline constexpr std::size_t calls_per_turn = 256;
inline constexpr std::size_t reply_bytes_per_turn = std::size_t{2} << 20;

class Connection {
 public:
  /// `alarms` are the loop's.
  Connection(const Host& host, Executor& loop, Alarms& alarms, const Peer& peer, Transport& transport,
             const ConnectionLimits& limits = {});
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// What came from the peer. Starts the calls that are whole, within the limits.
  void received(Buffer bytes);
  /// `bytes` of what was sent have left.
  void taken(std::size_t bytes);

  /// The peer will send no more: calls that are whole are still answered, then Transport::idle() is called.
  void ended();
  /// The server wants to stop: calls in flight are still answered, others are not started, then Transport::idle() is
  /// called.
  void drain();
  /// The transport is gone: replies are dropped from now on. Transport::idle() is called when no call is left.
  void closed();

  /// The way to call the peer on this connection, always the same: NFSv4.1's backchannel. It may be kept, and used from
  /// other loops; it is gone() when the connection is. Without it, a reply is as bad as anything that is not a call.
  std::shared_ptr<Remote> backchannel();

  /// Bytes that the record under way lacks, 0 when unknown; see RecordReader::wanted().
  std::size_t wanted() const noexcept;
  /// Whether the transport may read on now. False: the record under way is large and the server has no memory for it
  /// yet; Transport::resume_reading() is called when it has.
  bool may_read();
  /// What the transport reads into takes `bytes` from now on, beside what was received. False: there is not so much
  /// memory, and it stays as it was.
  bool set_buffer(std::size_t bytes);
  /// Whether the connection keeps others from memory that all share.
  bool holds_room() const noexcept;
  /// A record has begun, and the transport is not asked to pause: the peer is expected to go on.
  bool awaits_more() const noexcept;
  std::size_t calls_in_flight() const noexcept;
  std::size_t bytes_in_flight() const noexcept;

 private:
  class State;
  State* state_;
};

}  // namespace ditto::rpc
