// Calls of ours by sockets, to a server of the toy program and to peers that behave badly.
#include "server/net/dialer.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "rpc/dialer_world.hpp"
#include "wire/golden.hpp"

using namespace ditto;
using namespace ditto::test;
using rpc::CallFailure;
using rpc::portmap::Protocol;
using toy::Number;

namespace {

/// A socket of the test's own at a port of the loopback address.
class Peer {
 public:
  explicit Peer(int type) : fd_(::socket(AF_INET, type | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    socklen_t size = sizeof address;
    REQUIRE(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~Peer() { close(); }
  Peer(const Peer&) = delete;

  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  std::uint16_t port() const { return port_; }
  int fd() const { return fd_; }

  bool readable(int limit_ms) const {
    pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, limit_ms) > 0;
  }
  /// A connection to this listening socket, and where it comes from.
  int accept(std::uint16_t& from) const {
    REQUIRE(readable(static_cast<int>(soon_ms)));
    sockaddr_in address{};
    socklen_t size = sizeof address;
    const int accepted = ::accept4(fd_, reinterpret_cast<sockaddr*>(&address), &size, SOCK_CLOEXEC);
    REQUIRE(accepted >= 0);
    from = ntohs(address.sin_port);
    return accepted;
  }
  /// The next datagram, and where to answer it.
  std::vector<std::byte> receive(sockaddr_in& from) const {
    REQUIRE(readable(static_cast<int>(soon_ms)));
    std::vector<std::byte> bytes(4096);
    socklen_t size = sizeof from;
    const ssize_t got = ::recvfrom(fd_, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
    REQUIRE(got >= 8);
    bytes.resize(static_cast<std::size_t>(got));
    return bytes;
  }
  void send(const sockaddr_in& to, const BufferChain& message) const {
    const Buffer whole = message.coalesce();
    REQUIRE(::sendto(fd_, whole.data(), whole.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to) > 0);
  }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

std::uint32_t xid_in(const std::vector<std::byte>& datagram) { return load_be<std::uint32_t>(datagram.data()); }

std::shared_ptr<rpc::Remote> remote_of(const rpc::DialResult& dialed) {
  REQUIRE(dialed);
  return *dialed;
}

}  // namespace

TEST_CASE("A connection of ours carries calls of all kinds") {
  TcpWorld server;
  DialerWorld world;
  const auto remote = remote_of(world.dial(loopback(server.listener->port())));
  CHECK_FALSE(remote->gone());
  CHECK(world.call(remote, outgoing(toy::NULL_, in_ms(soon_ms)))->empty());
  for (const std::size_t size : {0UL, 9UL, 5000UL, 60000UL}) {
    const auto echoed = world.call(remote, outgoing(toy::ECHO, in_ms(soon_ms), data_of(size)));
    REQUIRE(echoed);
    CHECK(*echoed == xdr::encode(data_of(size)));
  }
  CHECK(world.call(remote, outgoing(99, in_ms(soon_ms))).error().failure == CallFailure::ProcedureUnavailable);
  rpc::OutgoingCall other_version = outgoing(toy::NULL_, in_ms(soon_ms));
  other_version.version = 3;
  const auto mismatch = world.call(remote, std::move(other_version));
  CHECK(mismatch.error().failure == CallFailure::ProgramMismatch);
  CHECK(mismatch.error().versions.high == 4);
  CHECK(world.call(remote, outgoing(toy::THROW, in_ms(soon_ms), Number{2})).error().failure ==
        CallFailure::SystemError);
  CHECK(server.listener->connections() == 1);
}

TEST_CASE("A connection is closed when nobody calls by it any more") {
  TcpWorld server;
  DialerWorld world;
  auto remote = remote_of(world.dial(loopback(server.listener->port())));
  auto second = remote;
  CHECK(world.call(remote, outgoing(toy::NULL_, in_ms(soon_ms))));
  remote.reset();
  CHECK(world.call(second, outgoing(toy::NULL_, in_ms(soon_ms))));
  second.reset();
  CHECK(server.settles(0));
}

TEST_CASE("Calls of several loops share one connection") {
  TcpWorld server;
  DialerWorld world;
  const auto remote = remote_of(world.dial(loopback(server.listener->port())));
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;  // counted by all threads
  for (std::uint32_t t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      server::EventLoop loop;
      std::thread runner([&loop] { loop.run(); });
      for (std::uint32_t i = 0; i < 200; ++i) {
        const std::size_t size = t * 1000 + i;
        const auto echoed = call_from(loop, remote, outgoing(toy::ECHO, in_ms(soon_ms), data_of(size))).get();
        if (echoed && echoed->size() == xdr::encode(data_of(size)).size()) ++right;
      }
      loop.stop();
      runner.join();
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(right == 600);
}

TEST_CASE("A port that nobody listens on refuses") {
  Peer peer(SOCK_STREAM);
  DialerWorld world;
  const auto dialed = world.dial(loopback(peer.port()));
  REQUIRE_FALSE(dialed);
  CHECK(dialed.error().failure == CallFailure::Gone);
}

TEST_CASE("A host that does not answer is given up at the deadline") {
  // Its queue is full: further SYNs are dropped.
  Peer peer(SOCK_STREAM);
  REQUIRE(::listen(peer.fd(), 0) == 0);
  const TcpClient filling(peer.port());
  DialerWorld world;
  const auto dialed = world.dial(loopback(peer.port()), in_ms(200));
  REQUIRE_FALSE(dialed);
  CHECK(dialed.error().failure == CallFailure::TimedOut);
  CHECK(world.dial(loopback(peer.port()), in_ms(0)).error().failure == CallFailure::TimedOut);

  // And when the dialer is closed.
  auto waiting = world.start_dial(loopback(peer.port()), in_ms(soon_ms));
  std::this_thread::sleep_for(milliseconds(20));
  world.dialer.close();
  CHECK(waiting.get().error().failure == CallFailure::Gone);  // on a loop that still runs
}

TEST_CASE("A call by TCP ends at its deadline, when the peer closes, or when the dialer does") {
  TcpWorld server;
  DialerWorld world;
  const auto remote = remote_of(world.dial(loopback(server.listener->port())));
  const auto timed_out = world.call(remote, outgoing(toy::POOL, in_ms(100), Number{1}));
  CHECK(timed_out.error().failure == CallFailure::TimedOut);
  CHECK_FALSE(remote->gone());
  CHECK(world.call(remote, outgoing(toy::NULL_, in_ms(soon_ms))));

  SECTION("the peer") {
    auto waiting = call_from(world.other, remote, outgoing(toy::POOL, in_ms(soon_ms), Number{1}));
    server.listener->close();
    CHECK(waiting.get().error().failure == CallFailure::Gone);
    CHECK(eventually([&] { return remote->gone(); }));
    CHECK(world.call(remote, outgoing(toy::NULL_, in_ms(soon_ms))).error().failure == CallFailure::Gone);
  }
  SECTION("the dialer") {
    auto waiting = call_from(world.other, remote, outgoing(toy::POOL, in_ms(soon_ms), Number{1}));
    world.dialer.close();
    CHECK(waiting.get().error().failure == CallFailure::Gone);
    CHECK(world.dial(loopback(server.listener->port())).error().failure == CallFailure::Gone);
    world.end();
    CHECK(remote->gone());
  }
}

TEST_CASE("A peer that answers with something else loses its connection") {
  Peer listening(SOCK_STREAM);
  REQUIRE(::listen(listening.fd(), 8) == 0);
  DialerWorld world;
  const BufferChain huge = reply_to(1, data_of(200000));
  for (const Buffer& answer :
       {record(message(1, toy::NULL_)), record(huge), Buffer::copy_of(Bytes(record(huge).bytes()).first(40)),
        Buffer::copy_of(std::as_bytes(std::span("GET / HTTP/1.0\r\n")))}) {
    const auto remote = remote_of(world.dial(loopback(listening.port())));
    std::uint16_t from = 0;
    const int accepted = listening.accept(from);
    (void)::send(accepted, answer.data(), answer.size(), MSG_NOSIGNAL);
    CHECK(eventually([&] { return remote->gone(); }));
    ::close(accepted);
  }
}

TEST_CASE("A peer that takes nothing does not hold more than a bound of memory") {
  Peer listening(SOCK_STREAM);
  REQUIRE(::listen(listening.fd(), 8) == 0);
  DialerWorld world({.tcp = {.calls_in_flight = 4}});
  const auto remote = remote_of(world.dial(loopback(listening.port())));
  std::uint16_t from = 0;
  const int accepted = listening.accept(from);
  std::size_t calls = 0;
  while (!remote->gone() && calls < 200) {
    (void)world.call(remote, outgoing(toy::ECHO, in_ms(2), data_of(500000)));
    ++calls;
  }
  CHECK(calls < 200);
  ::close(accepted);
}

TEST_CASE("Who wants a privileged port gets one where that is allowed, and any other port elsewhere") {
  Peer listening(SOCK_STREAM);
  REQUIRE(::listen(listening.fd(), 8) == 0);
  DialerWorld world;
  rpc::Destination destination = loopback(listening.port());
  destination.from_privileged_port = true;
  for (int i = 0; i < 2; ++i) {
    const auto remote = remote_of(world.dial(destination));
    std::uint16_t from = 0;
    ::close(listening.accept(from));
    CHECK(from != 0);
    if (::geteuid() == 0) CHECK(from < 1024);
  }
}

TEST_CASE("Sockets are bounded") {
  TcpWorld server;
  DialerWorld world({.max_sockets = 1});
  auto remote = remote_of(world.dial(loopback(server.listener->port())));
  CHECK(world.dial(loopback(server.listener->port())).error().failure == CallFailure::TooMany);
  remote.reset();
  CHECK(eventually([&] { return world.dial(loopback(server.listener->port())).has_value(); }));
}

TEST_CASE("A datagram that was lost is sent again") {
  Peer peer(SOCK_DGRAM);
  DialerWorld world({.udp = {.reply_bytes = 100, .retransmit_ns = 20'000'000}});
  const auto remote = remote_of(world.dial(loopback(peer.port(), Protocol::Udp)));
  auto waiting = call_from(world.other, remote, outgoing(toy::HOLD, in_ms(soon_ms), Number{1}));
  sockaddr_in from{};
  const auto lost = peer.receive(from);
  const auto again = peer.receive(from);
  CHECK(again == lost);
  peer.send(from, chain_of("00000001"));                    // garbage
  peer.send(from, reply_to(xid_in(again) + 1, Number{2}));  // somebody else's
  peer.send(from, reply_to(xid_in(again), Number{3}));
  const auto answered = waiting.get();
  CHECK(rpc::results_of<Number>(answered)->value == 3);

  auto too_long = call_from(world.other, remote, outgoing(toy::HOLD, in_ms(soon_ms), Number{1}));
  std::uint32_t xid = xid_in(again);
  while (xid == xid_in(again)) xid = xid_in(peer.receive(from));
  peer.send(from, reply_to(xid, data_of(101)));
  CHECK(too_long.get().error().failure == CallFailure::Malformed);
}

TEST_CASE("A datagram that nobody answers times out, and a closed port may open") {
  Peer peer(SOCK_DGRAM);
  DialerWorld world({.udp = {.retransmit_ns = 20'000'000}});
  const auto remote = remote_of(world.dial(loopback(peer.port(), Protocol::Udp)));
  CHECK(world.call(remote, outgoing(toy::NULL_, in_ms(150))).error().failure == CallFailure::TimedOut);
  peer.close();
  CHECK(world.call(remote, outgoing(toy::NULL_, in_ms(150))).error().failure == CallFailure::TimedOut);
  CHECK_FALSE(remote->gone());
}
