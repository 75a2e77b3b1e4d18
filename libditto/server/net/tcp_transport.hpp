// One TCP connection: the socket under an rpc::Connection. It reads into pooled chunks that many pipelined calls share,
// a large record straight into one chunk of its size, and writes everything that a turn of the loop produced in one
// system call. It gives up on a peer that takes nothing of its replies, or stops in the middle of a record. Lives on
// its loop; belongs to a TcpGroup, which destroys it when it says that it is gone: socket closed, no call in flight.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "rpc/connection.hpp"
#include "rpc/transport.hpp"
#include "server/net/event_loop.hpp"
#include "server/net/send_queue.hpp"
#include "server/net/tcp_socket.hpp"

namespace ditto::server {

class TcpGroup;

class TcpTransport final : public rpc::Transport {
 public:
  TcpTransport(TcpGroup& group, TcpSocket socket, const rpc::Peer& peer);
  ~TcpTransport() override = default;

  /// Begins to read.
  void start();
  /// Answers what is in flight, then closes.
  void drain();
  /// Closes now; `reason` is for the log.
  void abort(std::string_view reason);
  /// Every now and then: gives up when nothing has moved for too long, sooner while others wait for memory.
  void check_progress(std::uint64_t now_ns, std::chrono::milliseconds stall_timeout);

  void send(BufferChain reply) override;
  void pause_reading() override { paused_ = true; }
  void resume_reading() override;
  void close(std::string_view reason) override;
  void idle() override;

  // Where the group keeps it.
  TcpTransport* next_in_group = nullptr;
  TcpTransport* previous_in_group = nullptr;

 private:
  // Open, then Closing (what is queued may still leave at once), or Lingering (everything has left, the peer has been
  // told, and what it still sends is thrown away until it closes: closing first could cost it replies), then Closed.
  enum class Phase : std::uint8_t { Open, Closing, Lingering, Closed };

  struct EndOfTurn : Job {
    TcpTransport* transport = nullptr;
    bool scheduled = false;
  };

  void read();
  void prepare_chunks();
  void on_read(const std::error_code& error, std::size_t size);
  void deliver(std::size_t size);
  void on_writable(const std::error_code& error);
  void wait_writable();
  void flush();
  void schedule();
  void end_of_turn();
  void linger();
  void close_socket();

  TcpGroup& group_;
  TcpSocket socket_;
  const rpc::Peer peer_;
  rpc::Connection connection_;
  SendQueue queue_;
  EndOfTurn end_of_turn_;

  // What is read into: the rest of a large record first, then the free end of a chunk for whatever comes.
  Buffer record_;
  Buffer chunk_;
  std::size_t chunk_used_ = 0;

  std::uint64_t moved_ns_ = 0;  // when check_progress() last saw that something had moved
  bool moved_ = true;           // since then
  Phase phase_ = Phase::Open;
  bool reading_ = false;   // an asynchronous read is under way
  bool blocked_ = false;   // the socket takes no more; a wait for it is under way
  bool paused_ = false;    // the connection wants nothing read
  bool ended_ = false;     // the peer sends no more
  bool idle_ = false;      // no call is in flight, and none will be
  bool flushing_ = false;  // flush() is below us on the stack
  bool filled_ = false;    // the last read filled what it was given: more is there
};

}  // namespace ditto::server
