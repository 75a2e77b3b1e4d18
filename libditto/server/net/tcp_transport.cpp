#include "server/net/tcp_transport.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <exception>
#include <utility>

#include "server/net/tcp_group.hpp"

namespace ditto::server {
namespace {

// A connection that has little to say keeps a small chunk; one whose reads fill it gets large ones.
constexpr std::size_t small_chunk_bytes = 4096;
constexpr std::size_t large_chunk_bytes = 65536;
// With less room than this at its end, a chunk is given up for the next.
constexpr std::size_t least_room_bytes = 512;
// Replies are collected until the end of the turn, but not beyond this.
constexpr std::size_t flush_at_bytes = 131072;
// How long a peer may keep memory that others wait for without taking its replies or going on with its record.
constexpr std::chrono::milliseconds longest_stall_when_short = std::chrono::seconds(2);
// How long a peer may take to close its side after we have closed ours.
constexpr std::uint64_t linger_ns = 1'000'000'000;

}  // namespace

TcpTransport::TcpTransport(TcpGroup& group, TcpSocket socket, const rpc::Peer& peer)
    : group_(group),
      socket_(std::move(socket)),
      peer_(peer),
      connection_(group.host(), group.loop(), group.loop().alarms(), peer, *this, group.options().connection) {
  end_of_turn_.transport = this;
  end_of_turn_.run = [](Job* job) { static_cast<EndOfTurn*>(job)->transport->end_of_turn(); };
}

void TcpTransport::start() { read(); }

void TcpTransport::prepare_chunks() {
  const std::size_t wanted = connection_.wanted();
  if (record_.size() != wanted) record_ = wanted >= rpc::large_record_bytes ? Buffer::allocate(wanted) : Buffer();
  const bool much = filled_ && record_.empty() && connection_.set_buffer(large_chunk_bytes);
  const std::size_t usual = much ? large_chunk_bytes : small_chunk_bytes;
  const std::size_t room = chunk_.capacity() - chunk_used_;
  // The rest of a large chunk is given up too once the peer has become quiet: many connections are.
  if (room < least_room_bytes || (usual == large_chunk_bytes) != (chunk_.capacity() > large_chunk_bytes)) {
    chunk_ = Buffer::allocate(usual);
    chunk_.resize(chunk_.capacity());
    chunk_used_ = 0;
    if (!much) (void)connection_.set_buffer(0);
  }
}

void TcpTransport::read() {
  if (reading_ || ended_ || (phase_ != Phase::Open && phase_ != Phase::Lingering)) return;
  if (phase_ == Phase::Open && (paused_ || !connection_.may_read())) return;
  try {
    prepare_chunks();
  } catch (const std::exception&) {
    return abort("there is no memory for what it sends");
  }
  reading_ = true;
  moved_ = true;  // as long as it was not read it could do nothing
  const asio::mutable_buffer free_end(chunk_.data() + chunk_used_, chunk_.size() - chunk_used_);
  const auto done = [this](const std::error_code& error, std::size_t size) { on_read(error, size); };
  if (record_.empty()) {
    socket_.async_read_some(free_end, done);
  } else {
    const std::array into{asio::mutable_buffer(record_.data(), record_.size()), free_end};
    socket_.async_read_some(into, done);
  }
}

void TcpTransport::on_read(const std::error_code& error, std::size_t size) {
  EventLoop::Turn turn(group_.loop());
  moved_ = true;
  if (!error && phase_ == Phase::Open) {
    try {
      deliver(size);
    } catch (const std::exception&) {
      abort("there is no memory for what it sends");
    }
  }
  // Only now: whoever goes on in the middle of it would read over what has not been delivered yet.
  reading_ = false;
  if (phase_ != Phase::Open && phase_ != Phase::Lingering) return schedule();
  if (error == asio::error::eof) {
    ended_ = true;
    if (phase_ == Phase::Lingering) return close_socket();
    return connection_.ended();
  }
  if (error) return abort(error.message());
  read();
}

void TcpTransport::deliver(std::size_t size) {
  filled_ = size == record_.size() + (chunk_.size() - chunk_used_);
  const std::size_t of_record = std::min(size, record_.size());
  if (of_record > 0) {
    // What comes next stands right behind it, so that the record becomes one slice.
    Buffer part = record_.slice(0, of_record);
    record_.remove_prefix(of_record);
    if (record_.empty()) record_ = Buffer();
    connection_.received(std::move(part));
  }
  if (size > of_record) {
    const std::size_t begin = std::exchange(chunk_used_, chunk_used_ + size - of_record);
    connection_.received(chunk_.slice(begin, size - of_record));
  }
}

void TcpTransport::resume_reading() {
  paused_ = false;
  read();
}

void TcpTransport::send(BufferChain reply) {
  if (phase_ != Phase::Open) return;
  try {
    queue_.push(std::move(reply));
  } catch (const std::exception&) {
    return abort("there is no memory for its replies");
  }
  schedule();
  if (queue_.size() >= flush_at_bytes) flush();
}

void TcpTransport::flush() {
  if (flushing_ || blocked_) return;
  flushing_ = true;
  while (!queue_.empty() && (phase_ == Phase::Open || phase_ == Phase::Closing)) {
    SendQueue::Scratch scratch;
    const SendQueue::Gathered gathered = queue_.gather(scratch);
    std::error_code error;
    const std::size_t sent = socket_.write_some(gathered, error);
    if (error && error != asio::error::would_block && error != asio::error::try_again) {
      abort(error.message());
      break;
    }
    moved_ = moved_ || sent > 0;
    queue_.remove(sent);
    if (sent > 0) connection_.taken(sent);
    if (sent < gathered.size_bytes()) {
      if (phase_ == Phase::Open) wait_writable();
      break;
    }
  }
  flushing_ = false;
}

void TcpTransport::wait_writable() {
  blocked_ = true;
  moved_ = true;  // its time begins now
  socket_.async_wait(TcpSocket::wait_write, [this](const std::error_code& error) { on_writable(error); });
}

void TcpTransport::on_writable(const std::error_code& error) {
  EventLoop::Turn turn(group_.loop());
  blocked_ = false;
  if (error && phase_ == Phase::Open) return abort(error.message());
  schedule();
}

void TcpTransport::schedule() {
  if (std::exchange(end_of_turn_.scheduled, true)) return;
  group_.loop().at_end_of_turn(end_of_turn_);
}

// Whatever happens here finds itself scheduled already, and is seen to before the end.
void TcpTransport::end_of_turn() {
  if (phase_ == Phase::Open) {
    flush();
    if (phase_ == Phase::Open && idle_ && queue_.empty()) linger();
  }
  if (phase_ == Phase::Closing) {
    flush();
    close_socket();
  }
  if (phase_ == Phase::Closed && idle_ && !reading_ && !blocked_) return group_.gone(*this);
  end_of_turn_.scheduled = false;
}

// All is answered and has left.
void TcpTransport::linger() {
  std::error_code ignored;
  if (ended_) return close_socket();
  phase_ = Phase::Lingering;
  moved_ = false;
  moved_ns_ = group_.host().clock.monotonic_ns();
  socket_.shutdown(TcpSocket::shutdown_send, ignored);
  read();
}

void TcpTransport::close_socket() {
  if (phase_ == Phase::Closed) return;
  phase_ = Phase::Closed;
  std::error_code ignored;
  socket_.close(ignored);
  queue_.clear();
  connection_.closed();
  schedule();
}

void TcpTransport::drain() {
  connection_.drain();
  schedule();
}

void TcpTransport::abort(std::string_view reason) {
  if (phase_ == Phase::Closed) return;
  Log& log = group_.host().log;
  if (log.enabled(LogLevel::Debug)) {
    log.debug(fmt::format("connection from {} closed: {}", to_string(peer_), reason));
  }
  close_socket();
}

void TcpTransport::close(std::string_view reason) {
  if (phase_ != Phase::Open) return;
  Log& log = group_.host().log;
  if (log.enabled(LogLevel::Info)) log.info(fmt::format("connection from {} closed: it {}", to_string(peer_), reason));
  phase_ = Phase::Closing;
  schedule();
}

void TcpTransport::idle() {
  idle_ = true;
  schedule();
}

void TcpTransport::check_progress(std::uint64_t now_ns, std::chrono::milliseconds stall_timeout) {
  if (phase_ == Phase::Lingering && now_ns - moved_ns_ >= linger_ns) return abort("it did not close its side");
  if (std::exchange(moved_, false)) {
    if (phase_ != Phase::Lingering) moved_ns_ = now_ns;
    return;
  }
  // Nobody else waits longer than this for memory that a client keeps who does nothing.
  if (group_.host().in_flight.is_short() && connection_.holds_room()) {
    stall_timeout = std::min(stall_timeout, longest_stall_when_short);
  }
  const auto stalled = std::chrono::nanoseconds(now_ns - moved_ns_);
  if (phase_ != Phase::Open || stalled < stall_timeout) return;
  if (blocked_) return close("does not take its replies");
  if (connection_.awaits_more()) return close("stopped in the middle of a record");
}

}  // namespace ditto::server
