// What all connections together may have in flight: the pool, a connection's share of it, and that connections neither
// take more than there is nor stand still.
#include "rpc/in_flight.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "rpc/memory_connection.hpp"

using namespace ditto;
using namespace ditto::test;
using rpc::InFlightPool;
using rpc::InFlightShare;
using toy::Number;

namespace {

constexpr std::size_t kib = 1024, mib = 1024 * kib;

struct Waiting : InFlightPool::Waiter {
  Waiting(Executor& executor, std::size_t wanted) {
    loop = &executor;
    bytes = wanted;
    run = [](Job* job) { static_cast<Waiting*>(job)->served = true; };
  }
  bool served = false;
};

/// A call of ECHO in two pieces, the second of which is large.
struct Halves {
  explicit Halves(std::uint32_t xid, std::size_t size) {
    const Buffer whole = call(xid, toy::ECHO, data_of(size));
    first = Buffer::copy_of(whole.bytes().first(1000));
    rest = Buffer::copy_of(whole.bytes().subspan(1000));
  }
  Buffer first, rest;
};

}  // namespace

TEST_CASE("The pool serves those who wait in turn, and nobody before them") {
  ManualLoop loop;
  InFlightPool pool(100);
  CHECK(pool.try_take(80));
  CHECK_FALSE(pool.try_take(30));
  Waiting first(loop, 50), second(loop, 10), third(loop, 10);
  pool.wait(first);
  pool.wait(second);
  pool.wait(third);
  CHECK(pool.is_short());
  CHECK_FALSE(pool.try_take(1));
  pool.give_back(20);  // not enough for the first, and more than enough for the others
  CHECK(loop.run() == 0);
  CHECK(pool.cancel(second));
  pool.give_back(10);
  CHECK(loop.run() == 1);
  CHECK(first.served);
  CHECK_FALSE(pool.cancel(first));
  pool.give_back(60);
  CHECK(loop.run() == 1);
  CHECK(third.served);
  CHECK_FALSE(second.served);
  CHECK_FALSE(pool.is_short());
  CHECK(pool.taken() == 50);
  pool.give_back(50);
}

TEST_CASE("More than there is altogether is served when nobody has any") {
  ManualLoop loop;
  InFlightPool pool(100);
  CHECK(pool.try_take(1));
  Waiting large(loop, 1000);
  pool.wait(large);
  CHECK(loop.run() == 0);
  pool.give_back(1);
  CHECK(loop.run() == 1);
  CHECK(pool.taken() == 1000);
  CHECK_FALSE(pool.try_take(1));
  pool.give_back(1000);
}

TEST_CASE("One who gives up lets those behind it through") {
  ManualLoop loop;
  InFlightPool pool(100);
  pool.take(60);
  Waiting large(loop, 80), small(loop, 40);
  pool.wait(large);
  pool.wait(small);
  CHECK(loop.run() == 0);
  CHECK(pool.cancel(large));
  CHECK(loop.run() == 1);
  CHECK(small.served);
}

TEST_CASE("Threads that take, wait and give back lose nothing and come to an end") {
  constexpr std::size_t most = 1000;
  InFlightPool pool(most);
  std::atomic<std::size_t> in_use = 0;  // by all threads
  std::atomic<bool> too_much = false;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      SeededRandom random(t);
      ManualLoop loop;
      for (int i = 0; i < 5000; ++i) {
        const std::size_t bytes = 1 + random.below(600);
        if (!pool.try_take(bytes)) {
          Waiting waiting(loop, bytes);
          pool.wait(waiting);
          if (random.below(4) == 0 && pool.cancel(waiting)) continue;
          while (!waiting.served) {
            if (loop.run() == 0) std::this_thread::yield();
          }
        }
        if (in_use.fetch_add(bytes) + bytes > most) too_much = true;
        in_use -= bytes;
        pool.give_back(bytes);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK_FALSE(too_much);
  CHECK(pool.taken() == 0);
}

TEST_CASE("A share takes steps, keeps one while it is in use, and gives all back") {
  InFlightPool pool(mib);
  {
    InFlightShare share(pool);
    share.cover(InFlightShare::own_bytes);
    CHECK(share.held() == 0);
    CHECK(share.try_cover(InFlightShare::own_bytes + 1));
    CHECK(share.held() == InFlightShare::step_bytes);
    CHECK(share.try_cover(InFlightShare::own_bytes + 2 * InFlightShare::step_bytes));
    share.cover(InFlightShare::own_bytes + 1);
    CHECK(share.held() == 2 * InFlightShare::step_bytes);
    share.cover(0);
    CHECK(pool.taken() == 0);
    InFlightShare other(pool);
    other.cover(InFlightShare::own_bytes + 1);
    CHECK_FALSE(share.try_cover(2 * mib));
    CHECK(share.held() == 0);
    share.cover(2 * mib);  // what exists counts, whatever there is
    CHECK(pool.taken() > mib);
  }
  CHECK(pool.taken() == 0);
}

TEST_CASE("A large record is read when there is memory for all of it") {
  MemoryHost host({}, mib);
  MemoryConnection one(host), other(host, peer_at(2));
  const Halves first(1, 900 * kib), second(2, 900 * kib);
  one.received(first.first);
  CHECK(one.connection->may_read());
  CHECK(one.connection->may_read());
  CHECK(host.in_flight.taken() >= 900 * kib - InFlightShare::own_bytes);
  other.received(second.first);
  CHECK_FALSE(other.connection->may_read());
  CHECK_FALSE(other.connection->awaits_more());  // it is we who let it wait
  // Small calls go on meanwhile.
  MemoryConnection third(host, peer_at(3));
  third.received(call(3, toy::NULL_));
  CHECK(third.replies().size() == 1);

  other.transport.paused = true;
  one.received(first.rest);
  CHECK(one.replies().size() == 1);
  CHECK(host.loop.run() == 1);
  CHECK_FALSE(other.transport.paused);  // told to read on
  CHECK(other.connection->may_read());
  other.received(second.rest);
  CHECK(other.replies().size() == 1);
  CHECK(host.in_flight.taken() == 0);
}

TEST_CASE("A record of several fragments gets memory for the longest there may be") {
  MemoryHost host({}, 4 * mib);
  MemoryConnection client(host);
  Buffer fragment = Buffer::allocate(104);
  store_be<std::uint32_t>(fragment.data(), 100);
  client.received(std::move(fragment));
  CHECK(client.connection->may_read());
  CHECK(host.in_flight.taken() >= mib);
}

TEST_CASE("Large replies are made in turn, and a client that does not take them holds no more than there is") {
  MemoryHost host({}, 4 * mib);
  std::vector<std::unique_ptr<MemoryConnection>> clients;
  for (std::uint8_t i = 0; i < 10; ++i) {
    clients.push_back(std::make_unique<MemoryConnection>(host, peer_at(i)));
    clients.back()->transport.takes_at_once = false;
    clients.back()->received(call(i, toy::FILL, Number{1 << 20}));
  }
  std::size_t answered = 0;
  const auto serve = [&] {
    host.loop.run();
    while (host.toy.held.count() > 0) {
      host.toy.held.release(0);
      host.loop.run();
      ++answered;
    }
  };
  serve();
  CHECK(answered == 4);
  for (const auto& client : clients) {
    CHECK(host.in_flight.taken() <= 4 * mib);
    client->transport.take(client->transport.untaken);
    serve();
  }
  for (const auto& client : clients) client->transport.take(client->transport.untaken);
  CHECK(answered == 10);
  CHECK(host.in_flight.taken() == 0);
}

TEST_CASE("Beside a call in flight others wait while memory is short") {
  MemoryHost host({}, 64 * kib);
  MemoryConnection client(host);
  for (std::uint32_t xid = 1; xid <= 100; ++xid) client.received(call(xid, toy::HOLD, Number{xid}));
  CHECK(host.toy.held.count() > 1);
  CHECK(host.toy.held.count() < 20);
  CHECK(host.in_flight.taken() <= 64 * kib);
  CHECK(client.transport.paused);
  while (host.toy.held.count() > 0) {
    host.toy.held.release(0);
    host.loop.run();
  }
  CHECK(client.replies().size() == 100);
  CHECK(host.in_flight.taken() == 0);
}

TEST_CASE("A connection may go, drain or close while it waits for memory") {
  MemoryHost host({}, mib);
  MemoryConnection holder(host);
  const Halves held(1, 900 * kib), waiting(2, 900 * kib);
  holder.received(held.first);
  REQUIRE(holder.connection->may_read());
  const auto ends = GENERATE(0, 1, 2, 3);
  const bool served_already = GENERATE(false, true);
  const bool with_a_call = GENERATE(false, true);
  auto other = std::make_unique<MemoryConnection>(host, peer_at(2));
  if (with_a_call) {  // which waits too
    other->received(call(3, toy::FILL, Number{900 << 10}));
    CHECK(host.toy.held.count() == 0);
  } else {
    other->received(waiting.first);
    CHECK_FALSE(other->connection->may_read());
  }
  if (served_already) holder.destroy();
  if (ends == 0) other->destroy();
  if (ends == 1) other->connection->drain();
  if (ends == 2) other->connection->closed();
  if (!served_already) holder.destroy();
  host.loop.run();
  if (ends == 3) other->connection->closed();
  host.toy.held.release_all();
  host.loop.run();
  CHECK(other->transport.idles == (ends == 0 ? 0 : 1));
  CHECK(host.in_flight.taken() == 0);
}
