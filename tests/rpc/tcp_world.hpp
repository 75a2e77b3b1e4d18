// A server of the toy program on real sockets and threads, and clients that talk to it in plain blocking calls, each
// with a time limit. Calls of the pool wait until the test turns it. The world ends the way a server does.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "rpc/calls.hpp"
#include "rpc/memory_connection.hpp"
#include "server/net/tcp_listener.hpp"

namespace ditto::test {

using std::chrono::milliseconds;

/// True as soon as `condition` is; false when it is not within `limit`.
template <class F>
bool eventually(F condition, milliseconds limit = std::chrono::seconds(20)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(milliseconds(2));
  }
  return true;
}

inline std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

class TcpClient {
 public:
  explicit TcpClient(std::uint16_t port) : TcpClient() { connect(port); }
  /// Not connected yet.
  TcpClient() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (fd_ < 0) throw std::runtime_error("socket");
  }
  TcpClient(TcpClient&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  TcpClient& operator=(TcpClient&&) = delete;
  ~TcpClient() { close(); }

  void connect(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) throw std::runtime_error("connect");
  }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  int fd() const noexcept { return fd_; }
  void end_sending() { ::shutdown(fd_, SHUT_WR); }

  /// How much of `bytes` was taken before `limit` was over or the connection at its end.
  std::size_t send(Bytes bytes, milliseconds limit = std::chrono::seconds(20)) {
    std::size_t sent = 0;
    while (sent < bytes.size() && wait(POLLOUT, limit)) {
      const ssize_t here = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (here < 0 && errno == EAGAIN) continue;
      if (here < 0) break;
      sent += static_cast<std::size_t>(here);
    }
    return sent;
  }
  bool send(const Buffer& record) { return send(record.bytes()) == record.size(); }

  /// The next record with its mark; nullopt at the end of the connection, or when nothing came in time.
  std::optional<BufferChain> receive() {
    Buffer mark = Buffer::allocate(4);
    if (!receive_all(mark.writable())) return std::nullopt;
    const std::uint32_t size = load_be<std::uint32_t>(mark.data()) & 0x7fffffff;
    Buffer body = Buffer::allocate(size);
    if (!receive_all(body.writable())) return std::nullopt;
    BufferChain chain(std::move(mark));
    chain.append(std::move(body));
    return chain;
  }
  /// True when the server ends the connection within `limit`; what it still sends is thrown away.
  bool ended(milliseconds limit = std::chrono::seconds(20)) {
    std::vector<std::byte> waste(65536);
    while (wait(POLLIN, limit)) {
      const ssize_t here = ::recv(fd_, waste.data(), waste.size(), MSG_DONTWAIT);
      if (here == 0 || (here < 0 && errno != EAGAIN)) return true;
    }
    return false;
  }

 private:
  bool wait(short events, milliseconds limit) {
    pollfd waiting{.fd = fd_, .events = events, .revents = 0};
    return ::poll(&waiting, 1, static_cast<int>(limit.count())) > 0;
  }
  bool receive_all(MutableBytes into) {
    while (!into.empty()) {
      if (!wait(POLLIN, std::chrono::seconds(20))) return false;
      const ssize_t here = ::recv(fd_, into.data(), into.size(), 0);
      if (here <= 0) return false;
      into = into.subspan(static_cast<std::size_t>(here));
    }
    return true;
  }

  int fd_;
};

struct TcpWorld {
  explicit TcpWorld(server::TcpOptions options = {}, std::size_t loop_count = 1,
                    std::size_t in_flight_bytes = std::size_t{1} << 30)
      : memory({}, in_flight_bytes) {
    for (std::size_t i = 0; i < loop_count; ++i) {
      loops.push_back(std::make_unique<server::EventLoop>());
      pointers.push_back(loops.back().get());
    }
    auto opened = server::TcpListener::open(pointers, host, std::move(options));
    if (!opened) throw std::runtime_error(opened.error().message);
    listener = *std::move(opened);
    for (const auto& loop : loops) threads.emplace_back([each = loop.get()] { each->run(); });
  }
  ~TcpWorld() {
    listener->close();
    // Calls may be in the pool until the last connection is gone.
    const bool gone = eventually([&] {
      memory.pool.run();
      return listener->wait_gone(milliseconds(0));
    });
    if (!gone) std::terminate();
    for (const auto& loop : loops) loop->stop();
    for (std::thread& thread : threads) thread.join();
  }

  TcpClient client() const { return TcpClient(listener->port()); }
  bool settles(std::size_t connections) const {
    return eventually([&] { return listener->connections() == connections; });
  }

  MemoryHost memory;  // its manual pool is used, its manual loop is not
  rpc::Host host{memory.programs, memory.replies, memory.in_flight, memory.pool, system_clock(), memory.log};
  std::vector<std::unique_ptr<server::EventLoop>> loops;
  std::vector<server::EventLoop*> pointers;
  std::unique_ptr<server::TcpListener> listener;
  std::vector<std::thread> threads;
};

}  // namespace ditto::test
