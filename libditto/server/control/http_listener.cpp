#include "server/control/http_listener.hpp"

#include <fcntl.h>

#include <array>
#include <asio/basic_socket_acceptor.hpp>
#include <asio/buffer.hpp>
#include <asio/generic/stream_protocol.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/write.hpp>
#include <chrono>
#include <cstddef>
#include <exception>
#include <thread>
#include <utility>

#include "server/signal_mask.hpp"

namespace ditto::server {
namespace {

using asio::generic::stream_protocol;

constexpr std::size_t max_connections = 16;
/// For a whole request, and for taking a whole answer.
constexpr std::chrono::seconds patience(5);
/// Between two attempts when the process or the machine has no descriptor left.
constexpr std::chrono::milliseconds accept_pause(100);

/// One connection; kept by what it waits for.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(stream_protocol::socket socket, const HttpListener::Answer& answer, std::size_t& count)
      : socket_(std::move(socket)), deadline_(socket_.get_executor()), answer_(answer), count_(count) {
    ++count_;
  }
  ~Exchange() { --count_; }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  void start() {
    begin_patience();
    read();
  }

 private:
  void begin_patience() {
    deadline_.expires_after(patience);
    deadline_.async_wait([weak = weak_from_this()](const std::error_code& error) {
      const auto self = weak.lock();
      std::error_code ignored;
      if (!error && self) self->socket_.close(ignored);
    });
  }

  void read() {
    socket_.async_read_some(asio::buffer(part_),
                            [self = shared_from_this()](const std::error_code& error, std::size_t size) {
                              if (error) return;
                              self->received_.append(self->part_.data(), size);
                              self->go_on();
                            });
  }

  void go_on() {
    const auto request = parse_request(received_);
    if (!request) return send(encode_answer(request.error(), ""));
    if (!*request) return read();
    send(encode_answer(answered(**request), (*request)->method));
  }

  HttpAnswer answered(const HttpRequest& request) const {
    try {
      return answer_(request);
    } catch (const std::exception& error) {
      return refusal(500, error.what());
    }
  }

  void send(std::string reply) {
    reply_ = std::move(reply);
    begin_patience();
    asio::async_write(socket_, asio::buffer(reply_),
                      [self = shared_from_this()](const std::error_code&, std::size_t) { self->deadline_.cancel(); });
  }

  stream_protocol::socket socket_;
  asio::steady_timer deadline_;
  const HttpListener::Answer& answer_;
  std::size_t& count_;
  std::array<char, 2048> part_{};
  std::string received_, reply_;
};

}  // namespace

class HttpListener::Impl {
 public:
  Impl(int family, store::Descriptor listening, Answer answer)
      : answer_(std::move(answer)), acceptor_(context_), pause_(context_) {
    acceptor_.assign(stream_protocol(family, 0), listening.release());
    accept();
    const BlockedSignals blocked;
    thread_ = std::thread([this] { run(); });
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    context_.stop();
    thread_.join();
  }

 private:
  void run() {
    for (;;) {
      try {
        context_.run();
        return;
      } catch (const std::exception&) {
        // Out of memory in a handler: its connection is lost, the others go on.
      }
    }
  }

  void accept() {
    acceptor_.async_accept([this](const std::error_code& error, stream_protocol::socket socket) {
      if (error) return accept_later();
      (void)::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);  // other programs of the host's have no business here
      accept();
      if (connections_ >= max_connections) return turn_away(socket);
      std::make_shared<Exchange>(std::move(socket), answer_, connections_)->start();
    });
  }

  /// It fits into the socket's buffer, so nothing waits for the client.
  static void turn_away(stream_protocol::socket& socket) {
    std::error_code ignored;
    socket.non_blocking(true, ignored);
    const std::string busy =
        encode_answer(refusal(503, "the server is answering as many questions as it can at once; ask again"), "GET");
    socket.send(asio::buffer(busy), 0, ignored);
  }

  void accept_later() {
    pause_.expires_after(accept_pause);
    pause_.async_wait([this](const std::error_code& error) {
      if (!error) accept();
    });
  }

  const Answer answer_;
  std::size_t connections_ = 0;  // the thread's own; the context's handlers, which go with it, count down
  asio::io_context context_{1};
  asio::basic_socket_acceptor<stream_protocol> acceptor_;
  asio::steady_timer pause_;
  std::thread thread_;
};

HttpListener::HttpListener(int family, store::Descriptor listening, Answer answer)
    : impl_(std::make_unique<Impl>(family, std::move(listening), std::move(answer))) {}
HttpListener::~HttpListener() = default;

}  // namespace ditto::server
