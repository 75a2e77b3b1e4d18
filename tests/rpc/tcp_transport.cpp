#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/free_list.hpp"
#include "rpc/tcp_world.hpp"
#include "wire/golden.hpp"

using namespace ditto;
using namespace ditto::test;
using toy::Number;

TEST_CASE("Records of all sizes, pipelined, from several clients, over several loops") {
  TcpWorld world({}, 2);
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0, answered = 0;  // counted by all threads
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      TcpClient client = world.client();
      std::map<std::uint32_t, std::pair<std::size_t, std::byte>> sent;
      std::vector<Buffer> calls;
      SeededRandom random(t);
      for (std::uint32_t xid = 0; xid < 120; ++xid) {
        const std::size_t size =
            xid % 10 == 9 ? 900000 + random.below(140000) : random.below(xid % 3 == 0 ? 70000 : 300);
        const auto fill = static_cast<std::byte>(random.below(256));
        sent[xid] = {size, fill};
        calls.push_back(call(xid, toy::ECHO, data_of(size, fill)));
      }
      std::thread sender([&] {
        for (const Buffer& each : calls) wrong += client.send(each) ? 0 : 1;
      });
      for (std::size_t i = 0; i < calls.size(); ++i) {
        const auto reply = client.receive();
        if (!reply) {
          ++wrong;
          break;
        }
        const auto [size, fill] = sent[xid_of(*reply)];
        const BufferChain expected = xdr::encode(data_of(size, fill));
        if (reply->slice(results_offset, reply->size() - results_offset) == expected) ++answered;
      }
      sender.join();
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(answered == 4 * 120);
}

TEST_CASE("Calls answered by the pool come back to their connection") {
  TcpWorld world({}, 2);
  TcpClient client = world.client();
  for (std::uint32_t xid = 0; xid < 100; ++xid) REQUIRE(client.send(call(xid, toy::POOL, Number{xid})));
  std::size_t ran = 0;
  CHECK(eventually([&] { return (ran += static_cast<std::size_t>(world.memory.pool.run())) == 100; }));
  for (std::uint32_t xid = 0; xid < 100; ++xid) {
    const auto reply = client.receive();
    REQUIRE(reply);
    CHECK(number_in(*reply) == xid_of(*reply));
  }
}

TEST_CASE("A client that has said all it wants gets all its answers, then the end") {
  TcpWorld world;
  TcpClient client = world.client();
  std::vector<Buffer> calls;
  for (std::uint32_t xid = 0; xid < 500; ++xid) calls.push_back(call(xid, toy::ECHO, data_of(1000)));
  calls.push_back(call(500, toy::POOL, Number{1}));
  REQUIRE(client.send(joined(calls)));
  client.end_sending();
  for (std::uint32_t xid = 0; xid < 500; ++xid) {
    const auto reply = client.receive();
    REQUIRE(reply);
    REQUIRE(xid_of(*reply) == xid);
  }
  CHECK(eventually([&] { return world.memory.pool.run() == 1; }));
  CHECK(client.receive());
  CHECK_FALSE(client.receive());
  CHECK(world.settles(0));
}

TEST_CASE("A client that never reads its replies costs bounded memory, and is given up") {
  TcpWorld world({.stall_timeout = milliseconds(400), .connection = {.bytes_in_flight = std::size_t{2} << 20}});
  TcpClient client = world.client();
  const Buffer one = call(1, toy::ECHO, data_of(60000));
  std::size_t calls = 0;
  while (calls < 10000 && client.send(one.bytes(), milliseconds(200)) == one.size()) ++calls;
  CHECK(calls < 10000);  // it is not taken any more
  CHECK(world.settles(0));
  CHECK(world.memory.log.count(LogLevel::Info, "closed: it does not take its replies") == 1);
  TcpClient other = world.client();
  REQUIRE(other.send(call(1, toy::NULL_)));
  CHECK(other.receive());
}

TEST_CASE("A client that asks for very many short replies and reads none costs no more") {
  TcpWorld world({.stall_timeout = milliseconds(400), .connection = {.bytes_in_flight = std::size_t{4} << 20}});
  TcpClient client = world.client();
  std::vector<Buffer> calls;
  for (std::uint32_t xid = 0; xid < 1000; ++xid) calls.push_back(call(xid, toy::NULL_));
  const Buffer many = joined(calls);
  const std::size_t before = resident_bytes();
  std::size_t most = 0, rounds = 0;
  while (rounds < 5000 && client.send(many.bytes(), milliseconds(200)) == many.size()) {
    most = std::max(most, resident_bytes());
    ++rounds;
  }
  CHECK(rounds < 5000);
  // A sanitizer keeps what was freed.
  if (ditto::detail::keep_freed_blocks) CHECK(most - std::min(before, most) < std::size_t{16} << 20);
  CHECK(world.settles(0));
}

TEST_CASE("A client that stops in the middle of a record is given up, one that is silent between records is not") {
  TcpWorld world({.stall_timeout = milliseconds(300)});
  TcpClient silent = world.client();
  TcpClient in_mark = world.client();
  TcpClient in_record = world.client();
  const Buffer whole = call(1, toy::ECHO, data_of(500000));
  REQUIRE(silent.send(call(1, toy::NULL_)));
  REQUIRE(silent.receive());
  REQUIRE(in_mark.send(whole.slice(0, 3)));
  REQUIRE(in_record.send(whole.slice(0, 100000)));
  CHECK(in_mark.ended());
  CHECK(in_record.ended());
  CHECK(world.memory.log.count(LogLevel::Info, "closed: it stopped in the middle of a record") == 2);
  REQUIRE(silent.send(call(2, toy::NULL_)));
  CHECK(silent.receive());
}

TEST_CASE("A client that waits long for its answer is not given up") {
  TcpWorld world({.stall_timeout = milliseconds(100)});
  TcpClient client = world.client();
  REQUIRE(client.send(call(1, toy::POOL, Number{1})));
  std::this_thread::sleep_for(milliseconds(500));
  CHECK(eventually([&] { return world.memory.pool.run() == 1; }));
  CHECK(client.receive());
}

TEST_CASE("What is no stream of records ends the connection, with the reason in the log") {
  TcpWorld world;
  TcpClient client = world.client();
  REQUIRE(client.send(Buffer::copy_of(bytes_of("GET / HTTP/1.1\r\n\r\n"))));
  CHECK(client.ended());
  CHECK(world.memory.log.count(LogLevel::Info, "closed: it announced a fragment that is too long") == 1);

  // Answers to what was asked before arrive.
  TcpClient other = world.client();
  REQUIRE(other.send(joined({call(1, toy::NULL_), Buffer::copy_of(hex_bytes("80000000"))})));
  CHECK(other.receive());
  CHECK(other.ended());
  CHECK(world.settles(0));
}

TEST_CASE("Connections that are reset at any point, with calls in flight") {
  TcpWorld world({}, 2);
  const Buffer bytes = joined({call(1, toy::NULL_), call(2, toy::POOL, Number{1}), call(3, toy::ECHO, data_of(30000)),
                               call(4, toy::POOL, Number{1}), call(5, toy::ECHO, data_of(30000))});
  for (std::size_t size = 0; size < bytes.size(); size += 997) {
    TcpClient client = world.client();
    REQUIRE(client.send(bytes.slice(0, size)));
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    client.close();
    if (size % 5 == 0) world.memory.pool.run();
  }
  CHECK(eventually([&] {
    world.memory.pool.run();
    return world.listener->connections() == 0;
  }));
  TcpClient client = world.client();
  REQUIRE(client.send(call(1, toy::NULL_)));
  CHECK(client.receive());
}
