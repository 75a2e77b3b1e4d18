// What a connection's protocol engine needs of whatever carries its bytes: a socket, a test's memory, a simulated
// network. All calls happen on the connection's loop, from within rpc::Connection's functions or from a call that ends.
// None of them may destroy the Connection before it has returned to the loop.
#pragma once

#include <string_view>

#include "base/buffer.hpp"

namespace ditto::rpc {

class Transport {
 public:
  virtual ~Transport() = default;

  /// Takes over one reply, or a call of ours, record mark included. Each byte that has left is reported by
  /// Connection::taken(), here already or later. Does not throw.
  virtual void send(BufferChain message) = 0;
  /// Asks for no more bytes until resume_reading(); what is under way may still come.
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;
  /// The connection is over; the peer gets what was sent so far, as far as it takes it at once. Called once.
  virtual void close(std::string_view reason) = 0;
  /// After Connection::drain(), ended() or closed(): no call is in flight any more, and none will start.
  virtual void idle() = 0;
};

}  // namespace ditto::rpc
