// Connections over sockets that share little memory: all are served, and who keeps it from others is closed.
#include <catch2/catch.hpp>
#include <map>
#include <semaphore>
#include <thread>
#include <vector>

#include "rpc/tcp_world.hpp"

using namespace ditto;
using namespace ditto::test;
using toy::Number;

namespace {

constexpr std::size_t mib = std::size_t{1} << 20;

/// Takes everything that is left, and lets others wait until it goes.
class Shortage {
 public:
  explicit Shortage(rpc::InFlightPool& pool) : pool_(pool) {
    waiter_.loop = &nowhere_;
    waiter_.bytes = std::size_t{1} << 40;
    waiter_.run = [](Job*) {};
    pool_.wait(waiter_);
  }
  ~Shortage() {
    if (!pool_.cancel(waiter_)) pool_.give_back(waiter_.bytes);
  }
  Shortage(const Shortage&) = delete;
  Shortage& operator=(const Shortage&) = delete;

 private:
  rpc::InFlightPool& pool_;
  ManualLoop nowhere_;
  rpc::InFlightPool::Waiter waiter_;
};

/// Waits until the loop has come to the end of what it does.
void turn(server::EventLoop& loop) {
  std::binary_semaphore turned(0);
  post(loop, [&] { turned.release(); });
  turned.acquire();
}

}  // namespace

TEST_CASE("Clients that share little memory are all served, whole") {
  TcpWorld world({}, 2, 3 * mib);
  std::vector<std::thread> threads;
  std::atomic<unsigned> answered = 0;  // by all threads
  constexpr unsigned clients = 8, calls_each = 40;
  for (unsigned t = 0; t < clients; ++t) {
    threads.emplace_back([&, t] {
      TcpClient client = world.client();
      SeededRandom random(t);
      std::map<std::uint32_t, BufferChain> expected;
      std::vector<Buffer> calls;
      for (std::uint32_t xid = 0; xid < calls_each; ++xid) {
        const std::size_t size = xid % 3 == 0 ? random.below(1 << 20) : random.below(40'000);
        const toy::Data data = data_of(size, static_cast<std::byte>(random.below(256)));
        expected[xid] = xdr::encode(data);
        calls.push_back(call(xid, toy::ECHO, data));
      }
      std::thread sender([&] {
        for (const Buffer& each : calls) client.send(each);
      });
      while (!expected.empty()) {
        const auto reply = client.receive();
        if (!reply) break;
        if (reply->slice(results_offset, reply->size() - results_offset) == expected[xid_of(*reply)]) ++answered;
        expected.erase(xid_of(*reply));
      }
      sender.join();
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(answered == clients * calls_each);
  CHECK(eventually([&] { return world.memory.in_flight.taken() == 0; }));
}

TEST_CASE("A connection that goes on while something is delivered loses nothing") {
  TcpWorld world({}, 1, 4 * mib);
  TcpClient client = world.client();
  // Two small calls in flight, and a record of such a size that, once the first has been answered, the second leaves no
  // room in what the connection has taken for a third.
  using rpc::InFlightShare;
  constexpr std::size_t taken_bytes = 4 * InFlightShare::step_bytes, small_message_bytes = 44, last_bytes = 500;
  constexpr std::size_t data_bytes =
      InFlightShare::own_bytes + taken_bytes - 1100 - rpc::call_cost_bytes - 2 * small_message_bytes;
  const Buffer large = call(3, toy::ECHO, data_of(data_bytes, std::byte{7}));
  REQUIRE(client.send(call(1, toy::POOL, Number{1})));
  REQUIRE(client.send(call(2, toy::POOL, Number{2})));
  const std::size_t first_bytes = large.size() - last_bytes;
  REQUIRE(client.send(large.bytes().first(first_bytes)) == first_bytes);
  REQUIRE(eventually([&] { return world.memory.in_flight.taken() > taken_bytes; }));
  std::this_thread::sleep_for(milliseconds(50));  // all of it is read: what follows comes in one piece
  {
    const Shortage shortage(world.memory.in_flight);
    REQUIRE(world.memory.pool.run_one());
    REQUIRE(client.receive().has_value());
    turn(*world.pointers[0]);  // it has asked the transport to pause, while a read is under way
    CHECK(world.memory.in_flight.taken() == taken_bytes);
  }
  std::vector<Buffer> rest = {Buffer::copy_of(large.bytes().subspan(first_bytes))};
  rest.push_back(call(4, toy::ECHO, data_of(500, std::byte{8})));
  REQUIRE(client.send(joined(rest)));
  const auto check_echo = [&](std::uint32_t xid, const toy::Data& data) {
    const auto reply = client.receive();
    REQUIRE(reply.has_value());
    CHECK(xid_of(*reply) == xid);
    CHECK(reply->slice(results_offset, reply->size() - results_offset) == xdr::encode(data));
  };
  check_echo(3, data_of(data_bytes, std::byte{7}));
  check_echo(4, data_of(500, std::byte{8}));
  REQUIRE(client.send(call(5, toy::ECHO, data_of(50, std::byte{9}))));
  check_echo(5, data_of(50, std::byte{9}));
  world.memory.pool.run();
  CHECK(client.receive().has_value());
}

TEST_CASE("A client's time begins when there is memory for its record") {
  TcpWorld world({.stall_timeout = milliseconds(1500)}, 1);
  TcpClient client = world.client();
  const Buffer whole = call(1, toy::ECHO, data_of(mib / 2));
  {
    const Shortage shortage(world.memory.in_flight);
    REQUIRE(client.send(whole.bytes().first(1000)) == 1000);
    std::this_thread::sleep_for(milliseconds(2000));
  }
  std::this_thread::sleep_for(milliseconds(400));
  REQUIRE(client.send(whole.bytes().subspan(1000)) == whole.size() - 1000);
  CHECK(client.receive().has_value());
}

TEST_CASE("While others wait for memory, a client that keeps it and does nothing is closed") {
  TcpWorld world({}, 2, 4 * mib);
  TcpClient greedy = world.client(), halfway = world.client(), idle = world.client();
  // Replies that nobody takes, beyond what the system's buffers hold.
  for (std::uint32_t xid = 0; xid < 64; ++xid) {
    if (greedy.send(call(xid, toy::ECHO, data_of(mib / 2)).bytes(), milliseconds(300)) < mib / 2) break;
  }
  const Buffer half = call(1, toy::ECHO, data_of(mib));
  REQUIRE(halfway.send(half.bytes().first(mib / 2)) > 0);
  REQUIRE(idle.send(call(1, toy::NULL_)));
  REQUIRE(idle.receive().has_value());

  // A client that wants what they have, again and again.
  TcpClient patient = world.client();
  std::thread sender([&] {
    for (std::uint32_t xid = 0; xid < 16; ++xid) patient.send(call(xid, toy::ECHO, data_of(mib)));
  });
  unsigned answered = 0;
  while (answered < 16 && patient.receive()) ++answered;
  sender.join();
  CHECK(answered == 16);
  CHECK(idle.send(call(2, toy::NULL_)));
  CHECK(idle.receive().has_value());
  CHECK((greedy.ended() || halfway.ended()));
}
