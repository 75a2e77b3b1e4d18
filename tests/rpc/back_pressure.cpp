// What one connection may have in flight, and that it neither grows beyond it nor stands still.
#include <catch2/catch.hpp>
#include <vector>

#include "rpc/memory_connection.hpp"

using namespace ditto;
using namespace ditto::test;
using toy::Number;

TEST_CASE("Calls in flight are bounded by their number") {
  MemoryHost host;
  MemoryConnection client(host, peer_at(1), {.calls_in_flight = 8});
  std::vector<Buffer> calls;
  for (std::uint32_t xid = 1; xid <= 20; ++xid) calls.push_back(call(xid, toy::HOLD, Number{xid}));
  client.received(joined(calls));
  CHECK(host.toy.held.count() == 8);
  CHECK(client.transport.paused);
  host.toy.held.release(0);
  host.loop.run();
  CHECK(host.toy.held.count() == 7);  // it goes on when half of them are done
  for (int i = 0; i < 3; ++i) host.toy.held.release(0);
  host.loop.run();
  CHECK(host.toy.held.count() == 8);
  CHECK(client.transport.paused);
  while (host.toy.held.count() > 0) {
    host.toy.held.release_all();
    host.loop.run();
  }
  CHECK(client.replies().size() == 20);
  CHECK_FALSE(client.transport.paused);
  CHECK(client.connection->bytes_in_flight() == 0);
}

TEST_CASE("A client that does not take its replies is not served beyond the bound") {
  MemoryHost host;
  constexpr std::size_t bound = std::size_t{1} << 20;
  MemoryConnection client(host, peer_at(1), {.bytes_in_flight = bound});
  client.transport.takes_at_once = false;
  std::size_t sent = 0;
  while (!client.transport.paused && sent < 1000) {
    client.received(call(static_cast<std::uint32_t>(++sent), toy::ECHO, data_of(50000)));
  }
  REQUIRE(client.transport.paused);
  CHECK(client.connection->bytes_in_flight() >= bound);
  CHECK(client.connection->bytes_in_flight() <= bound + 60000);
  CHECK(client.replies().size() == sent);

  // Whatever else was on its way is kept, and not started.
  for (int i = 0; i < 3; ++i) client.received(call(static_cast<std::uint32_t>(++sent), toy::ECHO, data_of(50000)));
  CHECK(client.replies().size() == sent - 3);

  while (client.transport.paused && client.transport.untaken > 0) client.transport.take(10000);
  CHECK_FALSE(client.transport.paused);
  CHECK(client.replies().size() == sent);
  client.transport.take(client.transport.untaken);
  CHECK(client.connection->bytes_in_flight() == 0);
}

TEST_CASE("What a call expects to answer with counts from its start") {
  MemoryHost host;
  MemoryConnection client(host, peer_at(1), {.bytes_in_flight = std::size_t{4} << 20});
  std::vector<Buffer> calls;
  for (std::uint32_t xid = 1; xid <= 20; ++xid) calls.push_back(call(xid, toy::FILL, Number{1 << 20}));
  client.received(joined(calls));
  CHECK(host.toy.held.count() == 4);
  std::size_t rounds = 0;
  while (host.toy.held.count() > 0) {
    REQUIRE(host.toy.held.count() <= 4);
    host.toy.held.release(0);
    host.loop.run();
    ++rounds;
  }
  CHECK(rounds == 20);
  CHECK(client.replies().size() == 20);
  CHECK(client.connection->bytes_in_flight() == 0);
}

TEST_CASE("One call beyond all bounds is served when nothing else is in flight") {
  MemoryHost host;
  MemoryConnection client(host, peer_at(1), {.bytes_in_flight = 100, .calls_in_flight = 1});
  client.transport.takes_at_once = false;
  client.received(joined({call(1, toy::ECHO, data_of(100000)), call(2, toy::ECHO, data_of(100000))}));
  CHECK(client.replies().size() == 1);
  client.transport.take(client.transport.untaken);
  CHECK(client.replies().size() == 2);
  client.transport.take(client.transport.untaken);
  CHECK_FALSE(client.transport.paused);
}

TEST_CASE("A connection with much to do lets others have their turn") {
  MemoryHost host;
  MemoryConnection client(host);
  std::vector<Buffer> calls;
  for (std::uint32_t xid = 0; xid < 1000; ++xid) calls.push_back(call(xid, toy::NULL_));
  client.received(joined(calls));
  CHECK(client.replies().size() == rpc::calls_per_turn);
  CHECK(client.transport.paused);
  CHECK(host.loop.run_one());
  CHECK(client.replies().size() == 2 * rpc::calls_per_turn);
  host.loop.run();
  CHECK(client.replies().size() == 1000);
  CHECK_FALSE(client.transport.paused);

  client.received(joined({call(1, toy::ECHO, data_of(1 << 20)), call(2, toy::ECHO, data_of(1 << 20)),
                          call(3, toy::ECHO, data_of(1 << 20))}));
  CHECK(client.replies().size() == 1002);
  host.loop.run();
  CHECK(client.replies().size() == 1003);
}

TEST_CASE("A connection may go, drain or end while it waits for its turn") {
  std::vector<Buffer> calls;
  for (std::uint32_t xid = 0; xid < 1000; ++xid) calls.push_back(call(xid, toy::NULL_));
  const Buffer all = joined(calls);
  {
    MemoryHost host;
    MemoryConnection client(host);
    client.received(all);
    client.destroy();
    CHECK(host.loop.run() == 1);
    CHECK(client.replies().size() == rpc::calls_per_turn);
  }
  {
    MemoryHost host;
    MemoryConnection client(host);
    client.received(all);
    client.connection->drain();
    CHECK(client.transport.idles == 1);
    host.loop.run();
    CHECK(client.replies().size() == rpc::calls_per_turn);
  }
  {
    MemoryHost host;
    MemoryConnection client(host);
    client.received(all);
    client.connection->ended();
    CHECK(client.transport.idles == 0);
    host.loop.run();
    CHECK(client.replies().size() == 1000);
    CHECK(client.transport.idles == 1);
  }
}
