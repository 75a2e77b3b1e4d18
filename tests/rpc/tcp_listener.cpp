#include "server/net/tcp_listener.hpp"

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <ctime>
#include <set>
#include <string>
#include <vector>

#include "base/free_list.hpp"
#include "rpc/tcp_world.hpp"
#include "support/skip.hpp"

using namespace ditto;
using namespace ditto::test;
using server::FailureCode;
using server::TcpListener;
using toy::Number;

namespace {

server::Failure failure_to_open(const server::TcpOptions& options) {
  MemoryHost memory;
  server::EventLoop loop;
  const std::vector<server::EventLoop*> loops{&loop};
  const auto opened = TcpListener::open(loops, memory.host, options);
  REQUIRE_FALSE(opened);
  return opened.error();
}

}  // namespace

TEST_CASE("Port 0 is any port, and calls are answered there") {
  TcpWorld world;
  CHECK(world.listener->port() != 0);
  TcpClient client = world.client();
  REQUIRE(client.send(call(5, toy::ECHO, data_of(1000))));
  const auto reply = client.receive();
  REQUIRE(reply);
  CHECK(xid_of(*reply) == 5);
  CHECK(reply->size() == results_offset + 4 + 1000);
  CHECK(world.listener->connections() == 1);
  client.close();
  CHECK(world.settles(0));
}

TEST_CASE("An address that cannot be bound comes back as a message with a hint") {
  TcpWorld world;
  const auto in_use = failure_to_open({.port = world.listener->port(), .port_setting = "--nfs-port"});
  CHECK(in_use.code == FailureCode::AddressInUse);
  CHECK(in_use.message == "cannot listen on TCP port " + std::to_string(world.listener->port()) +
                              " of 127.0.0.1: something else listens there; stop it, or choose another port with "
                              "--nfs-port (0 takes any free one)");
  const auto foreign = failure_to_open({.address = "192.0.2.77"});
  CHECK(foreign.code == FailureCode::AddressNotAvailable);
  CHECK(foreign.message.find("this machine does not have that address") != std::string::npos);
  for (const std::string text : {"", "localhost", "127.0.0.1:2049", "300.1.1.1"}) {
    const auto wrong = failure_to_open({.address = text});
    CHECK(wrong.code == FailureCode::InvalidArgument);
    CHECK(wrong.message.find("\"" + text + "\": it is not a numeric address") != std::string::npos);
  }
}

TEST_CASE("The same port can be listened on again at once") {
  std::uint16_t port = 0;
  {
    TcpWorld world;
    port = world.listener->port();
    TcpClient client = world.client();
    REQUIRE(client.send(call(1, toy::NULL_)));
    REQUIRE(client.receive());
  }
  TcpWorld again({.port = port});
  CHECK(again.listener->port() == port);
}

TEST_CASE("Connections are spread over the loops") {
  TcpWorld world({}, 3);
  std::vector<TcpClient> clients;
  std::multiset<std::uint32_t> loops;
  for (int i = 0; i < 9; ++i) {
    clients.push_back(world.client());
    REQUIRE(clients.back().send(call(1, toy::LOOP)));
    const auto reply = clients.back().receive();
    REQUIRE(reply);
    loops.insert(number_in(*reply));
  }
  for (const server::EventLoop* loop : world.pointers) {
    const auto* executor = static_cast<const Executor*>(loop);
    CHECK(loops.count(static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(executor))) == 3);
  }
}

TEST_CASE("IPv6, and IPv4 on the same port") {
  std::unique_ptr<TcpWorld> world;
  try {
    world = std::make_unique<TcpWorld>(server::TcpOptions{.address = "::"});
  } catch (const std::runtime_error&) {
    return skip("no IPv6 here");
  }
  TcpClient client = world->client();
  REQUIRE(client.send(call(1, toy::THROW, Number{0})));
  REQUIRE(client.receive());
  CHECK(world->memory.log.count(LogLevel::Error, "TOY THROW from 127.0.0.1:") == 1);
}

TEST_CASE("More connections than there may be are closed at once and counted") {
  TcpWorld world({.max_connections = 4});
  std::vector<TcpClient> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(world.client());
    REQUIRE(clients.back().send(call(1, toy::NULL_)));
    REQUIRE(clients.back().receive());
  }
  for (int i = 0; i < 50; ++i) {
    TcpClient refused = world.client();
    REQUIRE(refused.ended());
  }
  CHECK(world.listener->refused() == 50);
  CHECK(world.listener->connections() == 4);
  const std::size_t lines = world.memory.log.count(LogLevel::Warn, "has 4 connections, no more are taken");
  CHECK(lines >= 1);
  CHECK(lines < 20);
  clients.pop_back();
  REQUIRE(world.settles(3));
  TcpClient taken = world.client();
  REQUIRE(taken.send(call(1, toy::NULL_)));
  CHECK(taken.receive());
}

TEST_CASE("drain(): what is in flight is answered, then connections end; no more are taken") {
  TcpWorld world({}, 2);
  TcpClient idle = world.client();
  TcpClient busy = world.client();
  REQUIRE(idle.send(call(1, toy::NULL_)));
  REQUIRE(idle.receive());
  REQUIRE(busy.send(joined({call(1, toy::POOL, Number{1}), call(2, toy::POOL, Number{2}), call(3, toy::NULL_)})));
  const auto third = busy.receive();
  REQUIRE(third);
  CHECK(xid_of(*third) == 3);

  world.listener->drain();
  CHECK(idle.ended());
  idle.close();
  CHECK_FALSE(world.listener->wait_gone(milliseconds(50)));
  CHECK(world.listener->connections() == 1);
  CHECK_THROWS(world.client());
  REQUIRE(busy.send(call(4, toy::NULL_)));  // too late
  CHECK(world.memory.pool.run() == 2);
  const auto first = busy.receive();
  const auto second = busy.receive();
  REQUIRE(first);
  REQUIRE(second);
  CHECK(xid_of(*first) == 1);
  CHECK(xid_of(*second) == 2);
  CHECK_FALSE(busy.receive());
  busy.close();
  CHECK(world.listener->wait_gone(std::chrono::seconds(20)));
}

TEST_CASE("drain(): a client that does not close its side is not waited for long") {
  TcpWorld world;
  TcpClient client = world.client();
  REQUIRE(client.send(call(1, toy::NULL_)));
  REQUIRE(client.receive());
  world.listener->drain();
  CHECK(world.listener->wait_gone(std::chrono::seconds(10)));
}

TEST_CASE("close(): connections end at once; calls run on, and are waited for") {
  TcpWorld world;
  TcpClient client = world.client();
  REQUIRE(client.send(joined({call(1, toy::NULL_), call(2, toy::POOL, Number{1})})));
  REQUIRE(client.receive());
  world.listener->drain();
  CHECK_FALSE(world.listener->wait_gone(milliseconds(50)));
  world.listener->close();
  CHECK(client.ended());
  CHECK_FALSE(world.listener->wait_gone(milliseconds(50)));
  CHECK(world.memory.pool.run() == 1);
  CHECK(world.listener->wait_gone(std::chrono::seconds(20)));
}

TEST_CASE("A listener whose loops never ran just goes") {
  MemoryHost memory;
  server::EventLoop loop;
  const std::vector<server::EventLoop*> loops{&loop};
  const auto opened = TcpListener::open(loops, memory.host, {});
  REQUIRE(opened);
  TcpClient client((*opened)->port());
  CHECK((*opened)->connections() == 0);
}

TEST_CASE("1,000 idle connections cost little, and others are served") {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_max < 3000) return skip("fewer than 3,000 descriptors are allowed");
  rlimit raised = files;
  raised.rlim_cur = 3000;
  ::setrlimit(RLIMIT_NOFILE, &raised);
  {
    TcpWorld world({}, 2);
    const std::size_t before = resident_bytes();
    std::vector<TcpClient> idle;
    for (int i = 0; i < 1000; ++i) {
      idle.push_back(world.client());
      if (i % 2 == 0) {
        REQUIRE(idle.back().send(call(1, toy::ECHO, data_of(20000))));
        REQUIRE(idle.back().receive());
      }
    }
    REQUIRE(world.settles(1000));
    // A sanitizer keeps what was freed.
    if (ditto::detail::keep_freed_blocks) CHECK((resident_bytes() - before) / 1000 < 65536);
    TcpClient client = world.client();
    REQUIRE(client.send(call(1, toy::NULL_)));
    CHECK(client.receive());
  }
  ::setrlimit(RLIMIT_NOFILE, &files);
}

TEST_CASE("Without descriptors it neither spins nor stops for good") {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  {
    TcpWorld world;
    std::vector<TcpClient> clients(8);
    TcpClient afterwards;
    // Not one more descriptor than there are now.
    const int highest = ::dup(0);
    ::close(highest);
    rlimit low = files;
    low.rlim_cur = static_cast<rlim_t>(highest);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);

    for (TcpClient& client : clients) client.connect(world.listener->port());
    CHECK(eventually([&] { return world.memory.log.count(LogLevel::Warn, "cannot take connections") > 0; }));
    std::size_t ended = 0;
    for (TcpClient& client : clients) ended += client.ended();
    CHECK(ended == clients.size());
    const std::clock_t before = std::clock();
    std::this_thread::sleep_for(milliseconds(500));
    CHECK(static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC < 0.25);

    ::setrlimit(RLIMIT_NOFILE, &files);
    afterwards.connect(world.listener->port());
    REQUIRE(afterwards.send(call(1, toy::NULL_)));
    CHECK(afterwards.receive());
  }
  ::setrlimit(RLIMIT_NOFILE, &files);
}
