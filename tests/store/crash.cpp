// kill -9 at random moments: every change that was reported durable is there afterwards, and none is there by half.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/kv_engines.hpp"
#include "store/store.hpp"

using namespace ditto;
using namespace ditto::test;

namespace {

constexpr int rounds = 25;
constexpr unsigned counters = 8;

/// What the child says on its pipe: the change that is durable now.
struct Report {
  std::uint32_t counter;
  std::uint32_t value;
};

std::string data_text(std::uint32_t counter, std::uint32_t value) {
  return std::to_string(counter) + ":" + std::to_string(value) + ".";
}

/// Raises counters, each change in two keys at once and in an object, and reports what is durable until it is killed.
[[noreturn]] void run_child(const std::string& path, int pipe) {
  auto opened = store::open_local_store(path, null_log(), {.program = "child"});
  if (!opened) ::_exit(2);
  store::Store& store = **opened;
  std::vector<std::thread> threads;
  for (std::uint32_t counter = 0; counter < counters; ++counter) {
    threads.emplace_back([&, counter] {
      for (;;) {
        std::uint32_t value = 0;
        const auto lsn = store.kv.transact(
            [&](KvTransaction& t) -> Result<void> {
              const auto before = get(t, numbered("a", counter));
              value = before ? static_cast<std::uint32_t>(std::stoul(*before)) + 1 : 1;
              put(t, numbered("a", counter), std::to_string(value));
              put(t, numbered("b", counter), std::to_string(value));
              return {};
            },
            Blocking::Allowed);
        if (!lsn) ::_exit(3);
        const BufferChain data(Buffer::copy_of(bytes_of(data_text(counter, value))));
        const bool synced = value % 16 == 0;
        if (!store.data.write(counter, 0, data, Blocking::Allowed)) ::_exit(4);
        if (synced && !store.data.sync(counter)) ::_exit(5);
        if (!store.kv.wait_durable(*lsn)) ::_exit(6);
        const Report report{counter, value};
        if (::write(pipe, &report, sizeof report) != sizeof report) ::_exit(7);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  ::_exit(8);
}

/// Runs a child until it has made `reports`, kills it, and adds what it reported.
void run_and_kill(const std::string& path, unsigned reports, std::vector<std::uint32_t>& durable) {
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(pipe[0]);
    run_child(path, pipe[1]);
  }
  ::close(pipe[1]);
  Report report{};
  unsigned received = 0;
  while (::read(pipe[0], &report, sizeof report) == sizeof report) {
    durable.at(report.counter) = std::max(durable.at(report.counter), report.value);
    if (++received == reports) REQUIRE(::kill(child, SIGKILL) == 0);
  }
  ::close(pipe[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGKILL);
  CHECK(received >= reports);
}

}  // namespace

TEST_CASE("what was reported durable survives kill -9", "[crash]") {
  TemporaryFolder folder;
  std::mt19937 random(1);
  std::vector<std::uint32_t> durable(counters, 0);
  for (int round = 0; round < rounds; ++round) {
    run_and_kill(folder.path(), 1 + random() % 200, durable);
    auto opened = store::open_local_store(folder.path(), null_log());
    REQUIRE(opened.has_value());
    for (std::uint32_t counter = 0; counter < counters; ++counter) {
      const auto a = read_one((*opened)->kv, numbered("a", counter));
      const auto b = read_one((*opened)->kv, numbered("b", counter));
      CHECK(a == b);
      const std::uint32_t found = a ? static_cast<std::uint32_t>(std::stoul(*a)) : 0;
      CHECK(found >= durable[counter]);
    }
  }
  CHECK(*std::min_element(durable.begin(), durable.end()) > 0);
}
