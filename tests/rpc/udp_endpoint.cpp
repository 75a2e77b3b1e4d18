#include "server/net/udp_endpoint.hpp"

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "rpc/tcp_world.hpp"
#include "wire/golden.hpp"

using namespace ditto;
using namespace ditto::test;
using toy::Number;

namespace {

class UdpClient {
 public:
  explicit UdpClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  ~UdpClient() { ::close(fd_); }
  UdpClient(const UdpClient&) = delete;

  void send(const BufferChain& message) {
    const Buffer whole = message.coalesce();
    REQUIRE(::send(fd_, whole.data(), whole.size(), 0) == static_cast<ssize_t>(whole.size()));
  }
  /// The next datagram in hexadecimal; nullopt when none comes.
  std::optional<std::string> receive(int limit_ms) {
    pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, limit_ms) <= 0) return std::nullopt;
    Buffer buffer = Buffer::allocate(65536);
    const ssize_t size = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (size < 0) return std::nullopt;
    return to_hex(buffer.slice(0, static_cast<std::size_t>(size)));
  }

 private:
  int fd_;
};

struct UdpWorld {
  explicit UdpWorld(server::UdpOptions options = {}) {
    auto opened = server::UdpEndpoint::open(loop, memory.host, std::move(options));
    REQUIRE(opened);
    endpoint = *std::move(opened);
    thread = std::thread([this] { loop.run(); });
  }
  ~UdpWorld() {
    endpoint->close();
    const bool gone = eventually([&] {
      memory.pool.run();
      return endpoint->wait_gone(milliseconds(0));
    });
    if (!gone) std::terminate();
    loop.stop();
    thread.join();
  }
  MemoryHost memory;
  server::EventLoop loop;
  std::unique_ptr<server::UdpEndpoint> endpoint;
  std::thread thread;
};

constexpr int soon_ms = 20000, not_ms = 100;

}  // namespace

TEST_CASE("A datagram is a call, and its reply a datagram") {
  UdpWorld world;
  UdpClient client(world.endpoint->port());
  client.send(message(7, toy::ECHO, data_of(4)));
  CHECK(client.receive(soon_ms) == packed("00000007 00000001 00000000 00000000 00000000 00000000 00000004 5a5a5a5a"));
  client.send(message(8, 99));
  CHECK(client.receive(soon_ms) == packed("00000008 00000001 00000000 00000000 00000000 00000003"));
}

TEST_CASE("Garbage is not answered and does no harm") {
  UdpWorld world;
  UdpClient client(world.endpoint->port());
  const BufferChain good = message(7, toy::NULL_);
  for (std::size_t size = 0; size < 24; ++size) client.send(good.slice(0, size));
  client.send(chain_of("00000007 00000001 00000000"));
  client.send(BufferChain(Buffer::allocate(60000)));
  CHECK(client.receive(not_ms) == std::nullopt);
  client.send(good);
  CHECK(client.receive(soon_ms) == packed("00000007 00000001 00000000 00000000 00000000 00000000"));
}

TEST_CASE("A reply that meets a closed port does not stop the endpoint") {
  UdpWorld world;
  for (int i = 0; i < 20; ++i) UdpClient(world.endpoint->port()).send(message(7, toy::NULL_));
  UdpClient client(world.endpoint->port());
  client.send(message(8, toy::NULL_));
  CHECK(client.receive(soon_ms));
}

TEST_CASE("Calls in flight are bounded, and waited for at the end") {
  UdpWorld world({.calls_in_flight = 2});
  UdpClient client(world.endpoint->port());
  for (std::uint32_t xid = 0; xid < 5; ++xid) client.send(message(xid, toy::POOL, Number{xid}));
  client.send(message(9, toy::NULL_));
  CHECK(client.receive(not_ms) == std::nullopt);
  CHECK(world.memory.pool.run() == 2);
  CHECK(client.receive(soon_ms));
  CHECK(client.receive(soon_ms));
  client.send(message(9, toy::POOL, Number{9}));
  CHECK(client.receive(not_ms) == std::nullopt);
  world.endpoint->close();
  CHECK_FALSE(world.endpoint->wait_gone(milliseconds(50)));
  CHECK(world.memory.pool.run() == 1);
  CHECK(world.endpoint->wait_gone(std::chrono::seconds(20)));
  CHECK(client.receive(not_ms) == std::nullopt);
}

TEST_CASE("A UDP port that is taken comes back as a message with a hint") {
  UdpWorld world;
  server::EventLoop loop;
  const auto again = server::UdpEndpoint::open(loop, world.memory.host,
                                               {.port = world.endpoint->port(), .port_setting = "--portmap-port"});
  REQUIRE_FALSE(again);
  CHECK(again.error().code == server::FailureCode::AddressInUse);
  CHECK(again.error().message.find("cannot listen on UDP port") == 0);
  CHECK(again.error().message.find("--portmap-port") != std::string::npos);
}
