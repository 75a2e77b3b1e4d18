#include "rpc/reply_cache.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/task.hpp"
#include "rpc/memory_connection.hpp"
#include "wire/golden.hpp"

using namespace ditto;
using namespace ditto::test;
using rpc::ReplyCache;

namespace {

/// One call that comes by the cache: what it was told, and when.
struct Visit {
  std::optional<ReplyCache::Execution> execution;
  ReplyCache::Key key;

  Visit(ReplyCache& cache, const ReplyCache::Key& which, Executor& loop) : key(which) { run(*this, cache, loop); }
  Visit(const Visit&) = delete;

  static Detached run(Visit& visit, ReplyCache& cache, Executor& loop) {
    visit.execution.emplace(co_await cache.enter(visit.key, loop));
  }
  bool is_first() const { return execution && execution->is_first(); }
  std::string reply() const { return execution ? to_hex(execution->reply()) : "waits"; }
  void finish(std::string_view hex) { execution->finish(chain_of(hex)); }
};

ReplyCache::Key key_of(const ReplyCache& cache, MemoryHost& host, std::uint32_t xid, std::string_view arguments = "",
                       const rpc::Peer& peer = peer_at(1)) {
  rpc::Call call = rpc::new_call(host.host, host.loop, peer);
  call.xid = xid;
  call.program = 100003;
  call.version = 3;
  call.procedure = 8;
  return cache.key_of(call, bytes_of(arguments));
}

}  // namespace

TEST_CASE("The first one runs, a retry afterwards gets its bytes") {
  MemoryHost host;
  ReplyCache cache({}, host.random);
  const auto key = key_of(cache, host, 1);
  {
    Visit first(cache, key, host.loop);
    REQUIRE(first.is_first());
    first.finish("0102030405");
  }
  for (int i = 0; i < 3; ++i) {
    Visit retry(cache, key, host.loop);
    CHECK_FALSE(retry.is_first());
    CHECK(retry.reply() == "0102030405");
  }
  CHECK(cache.entries() == 1);
}

TEST_CASE("A retry while the first runs waits for it, on its own loop") {
  MemoryHost host;
  ManualLoop other_loop;
  ReplyCache cache({}, host.random);
  const auto key = key_of(cache, host, 1);
  Visit first(cache, key, host.loop);
  Visit second(cache, key, host.loop);
  Visit third(cache, key, other_loop);
  CHECK(second.reply() == "waits");
  CHECK(third.reply() == "waits");
  first.finish("aabb");
  CHECK(second.reply() == "waits");
  CHECK(host.loop.run() == 1);
  CHECK(second.reply() == "aabb");
  CHECK(third.reply() == "waits");
  CHECK(other_loop.run() == 1);
  CHECK(third.reply() == "aabb");
}

TEST_CASE("What makes a call another one: xid, program, version, procedure, address, arguments; not the port") {
  MemoryHost host;
  ReplyCache cache({}, host.random);
  const auto key = key_of(cache, host, 1, "abc");
  CHECK(key_of(cache, host, 1, "abc") == key);
  CHECK(key_of(cache, host, 1, "abc", peer_at(1, 999)) == key);
  CHECK_FALSE(key_of(cache, host, 2, "abc") == key);
  CHECK_FALSE(key_of(cache, host, 1, "abd") == key);
  CHECK_FALSE(key_of(cache, host, 1, "abc", peer_at(2)) == key);

  rpc::Call call = rpc::new_call(host.host, host.loop, peer_at(1));
  call.xid = 1;
  call.program = 100003;
  call.version = 3;
  call.procedure = 8;
  CHECK(cache.key_of(call, bytes_of("abc")) == key);
  call.procedure = 9;
  CHECK_FALSE(cache.key_of(call, bytes_of("abc")) == key);
  call.procedure = 8;
  call.version = 4;
  CHECK_FALSE(cache.key_of(call, bytes_of("abc")) == key);
  call.version = 3;
  call.program = 100005;
  CHECK_FALSE(cache.key_of(call, bytes_of("abc")) == key);

  // Only the first bytes are looked at.
  const std::string head(ReplyCache::checked_bytes, 'x');
  CHECK(key_of(cache, host, 1, head + "1") == key_of(cache, host, 1, head + "2"));
  CHECK_FALSE(key_of(cache, host, 1, "1" + head) == key_of(cache, host, 1, "2" + head));
}

TEST_CASE("Other arguments under the same xid run") {
  MemoryHost host;
  ReplyCache cache({}, host.random);
  Visit first(cache, key_of(cache, host, 1, "create a"), host.loop);
  first.finish("01");
  Visit other(cache, key_of(cache, host, 1, "create b"), host.loop);
  CHECK(other.is_first());
  other.finish("02");
  CHECK(Visit(cache, key_of(cache, host, 1, "create a"), host.loop).reply() == "01");
  CHECK(Visit(cache, key_of(cache, host, 1, "create b"), host.loop).reply() == "02");
}

TEST_CASE("The number of entries is bounded, and the one used last stays") {
  MemoryHost host;
  ReplyCache cache({.entries = 160, .bytes = std::size_t{1} << 20}, host.random);
  const auto kept = key_of(cache, host, 0);
  Visit(cache, kept, host.loop).finish("00");
  for (std::uint32_t xid = 1; xid <= 5000; ++xid) {
    Visit(cache, key_of(cache, host, xid), host.loop).finish("01");
    REQUIRE(Visit(cache, kept, host.loop).reply() == "00");
  }
  CHECK(cache.entries() <= 160);
  CHECK(cache.entries() > 100);
  Visit old(cache, key_of(cache, host, 1), host.loop);
  CHECK(old.is_first());
  Visit young(cache, key_of(cache, host, 5000), host.loop);
  CHECK_FALSE(young.is_first());
}

TEST_CASE("The bytes are bounded") {
  MemoryHost host;
  ReplyCache cache({.entries = 100000, .bytes = std::size_t{256} << 10}, host.random);
  const std::string reply(2048, 'a');
  for (std::uint32_t xid = 0; xid < 1000; ++xid) {
    Visit visit(cache, key_of(cache, host, xid), host.loop);
    visit.execution->finish(BufferChain(Buffer::copy_of(bytes_of(reply))));
    REQUIRE(cache.bytes() <= std::size_t{256} << 10);
  }
  CHECK(cache.entries() > 50);
  CHECK(cache.entries() < 128);
}

TEST_CASE("A running call is never evicted") {
  MemoryHost host;
  ReplyCache cache({.entries = 16, .bytes = 4096}, host.random);
  std::vector<std::unique_ptr<Visit>> running;
  for (std::uint32_t xid = 0; xid < 200; ++xid) {
    running.push_back(std::make_unique<Visit>(cache, key_of(cache, host, xid), host.loop));
  }
  for (std::uint32_t xid = 1000; xid < 2000; ++xid) {
    Visit(cache, key_of(cache, host, xid), host.loop).finish("01");
  }
  for (std::uint32_t xid = 0; xid < 200; ++xid) {
    Visit retry(cache, key_of(cache, host, xid), host.loop);
    REQUIRE(retry.reply() == "waits");
    running[xid]->finish("0707");
    host.loop.run();
    REQUIRE(retry.reply() == "0707");
  }
  CHECK(cache.entries() <= 16);
}

TEST_CASE("A first one that ends without a reply lets the next one run; who waited is told") {
  MemoryHost host;
  ReplyCache cache({}, host.random);
  const auto key = key_of(cache, host, 1);
  auto first = std::make_unique<Visit>(cache, key, host.loop);
  Visit waiting(cache, key, host.loop);
  first.reset();
  host.loop.run();
  CHECK_FALSE(waiting.is_first());
  CHECK(waiting.reply().empty());
  CHECK(cache.entries() == 0);
  Visit next(cache, key, host.loop);
  CHECK(next.is_first());
}

TEST_CASE("Many threads, the same calls: each runs once") {
  MemoryHost host;
  ReplyCache cache({}, host.random);
  constexpr std::uint32_t calls = 400;
  std::atomic<int> ran = 0;  // counts first ones on all threads
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      ManualLoop loop;
      std::vector<std::unique_ptr<Visit>> visits;
      for (std::uint32_t xid = 0; xid < calls; ++xid) {
        visits.push_back(std::make_unique<Visit>(cache, key_of(cache, host, xid), loop));
        if (visits.back()->is_first()) {
          ++ran;
          visits.back()->finish("abcd");
        }
      }
      for (const auto& visit : visits) {
        while (!visit->execution) {
          loop.run();
          std::this_thread::yield();
        }
        if (visit->reply() == "abcd") ++answered;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(ran == calls);
  CHECK(answered == 3 * calls);
}

TEST_CASE("A reply that is not to be kept goes to those who wait, and to nobody later") {
  MemoryHost host;
  ReplyCache cache({}, host.random);
  const auto key = key_of(cache, host, 1);
  {
    Visit first(cache, key, host.loop);
    REQUIRE(first.is_first());
    Visit waits(cache, key, host.loop);
    CHECK(waits.reply() == "waits");
    first.execution->finish(chain_of("0102"), ReplyCache::Keep::No);
    host.loop.run();
    CHECK(waits.reply() == "0102");
  }
  CHECK(cache.entries() == 0);
  CHECK(cache.bytes() == 0);
  Visit later(cache, key, host.loop);
  CHECK(later.is_first());
}
