// Servers and stores of ditto.h from making to freeing, in orders that make sense and in others.
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <mutex>
#include <thread>

#include "capi/support.hpp"

using Catch::Contains;

TEST_CASE("a server serves NFS and MOUNT on the port it tells") {
  const ServerHandle server = running_server();
  REQUIRE(server);
  const std::uint16_t port = ditto_server_nfs_port(server.get());
  REQUIRE(port != 0);
  CHECK(answers_null(port));
  CHECK(answers_null(port, 100005));
  CHECK(ditto_server_portmap_port(server.get()) == 0);
  CHECK(ask(ditto_server_stop, server.get(), 5000U) == DITTO_OK);
  CHECK_FALSE(answers_null(port));
}

TEST_CASE("several servers live side by side and do not disturb each other") {
  ServerHandle first = running_server(), second = running_server();
  REQUIRE(first);
  REQUIRE(second);
  const std::uint16_t port = ditto_server_nfs_port(second.get());
  CHECK(port != ditto_server_nfs_port(first.get()));
  CHECK(answers_null(ditto_server_nfs_port(first.get())));
  first.reset();
  CHECK(answers_null(port));
}

TEST_CASE("a portmapper runs when asked for") {
  const StoreHandle store = memory_store();
  ditto_server_options options = DITTO_SERVER_OPTIONS_INIT;
  options.portmap = 1;
  const ServerHandle server = new_server(&options);
  REQUIRE(ask(ditto_server_add_share, server.get(), "export", store.get(), nullptr) == DITTO_OK);
  REQUIRE(ask(ditto_server_start, server.get()) == DITTO_OK);
  REQUIRE(ditto_server_portmap_port(server.get()) != 0);
  CHECK(answers_null(ditto_server_portmap_port(server.get()), 100000, 2));
  CHECK(answers_null(ditto_server_nfs_port(server.get())));
}

TEST_CASE("calls in an order that makes no sense are refused") {
  const StoreHandle store = memory_store();
  const ServerHandle server = new_server();
  CHECK(ditto_server_nfs_port(server.get()) == 0);
  CHECK(ask(ditto_server_start, server.get()) == DITTO_WRONG_STATE);  // no share
  REQUIRE(ask(ditto_server_add_share, server.get(), "export", store.get(), nullptr) == DITTO_OK);
  REQUIRE(ask(ditto_server_start, server.get()) == DITTO_OK);
  CHECK(ask(ditto_server_start, server.get()) == DITTO_WRONG_STATE);
  CHECK(answers_null(ditto_server_nfs_port(server.get())));
  CHECK(ask(ditto_server_stop, server.get(), 5000U) == DITTO_OK);
  CHECK(ask(ditto_server_stop, server.get(), 5000U) == DITTO_OK);
  CHECK(ask(ditto_server_start, server.get()) == DITTO_WRONG_STATE);
  CHECK(ask(ditto_server_add_share, server.get(), "other", store.get(), nullptr) == DITTO_WRONG_STATE);
  CHECK(ask(ditto_server_remove_share, server.get(), "export") == DITTO_WRONG_STATE);
}

TEST_CASE("shares come and go while the server runs, and a store goes with its last one") {
  const ServerHandle server = running_server();
  REQUIRE(server);
  StoreHandle store = memory_store();
  const ServerHandle other = new_server();
  CHECK(ask(ditto_server_add_share, server.get(), "export", store.get(), nullptr) == DITTO_EXISTS);
  REQUIRE(ask(ditto_server_add_share, server.get(), "other", store.get(), nullptr) == DITTO_OK);
  CHECK(ask(ditto_server_add_share, server.get(), "other", store.get(), nullptr) == DITTO_EXISTS);
  CHECK(ask(ditto_server_add_share, other.get(), "mine", store.get(), nullptr) == DITTO_BUSY);
  CHECK(ask(ditto_server_remove_share, server.get(), "nosuch") == DITTO_NOT_FOUND);
  REQUIRE(ask(ditto_server_remove_share, server.get(), "other") == DITTO_OK);
  CHECK(ask(ditto_server_remove_share, server.get(), "other") == DITTO_NOT_FOUND);
  // Once nobody looks at it any more, another server may have it.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  Answer taken = ask(ditto_server_add_share, other.get(), "mine", store.get(), nullptr);
  while (taken == DITTO_BUSY && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    taken = ask(ditto_server_add_share, other.get(), "mine", store.get(), nullptr);
  }
  CHECK(taken == DITTO_OK);
}

TEST_CASE("a server may be freed in any state") {
  ServerHandle unstarted = new_server();
  CHECK(ask(ditto_server_stop, unstarted.get(), 0U) == DITTO_OK);
  unstarted.reset();
  ServerHandle running = running_server();
  REQUIRE(running);
  running.reset();
  ServerHandle stopped = running_server();
  CHECK(ask(ditto_server_stop, stopped.get(), 0U) == DITTO_OK);
  stopped.reset();
}

TEST_CASE("a store may be freed before the server and after it") {
  StoreHandle store = memory_store();
  ServerHandle server = new_server();
  REQUIRE(ask(ditto_server_add_share, server.get(), "export", store.get(), nullptr) == DITTO_OK);
  store.reset();
  REQUIRE(ask(ditto_server_start, server.get()) == DITTO_OK);
  CHECK(answers_null(ditto_server_nfs_port(server.get())));

  StoreHandle later = memory_store();
  server = new_server();
  REQUIRE(ask(ditto_server_add_share, server.get(), "export", later.get(), nullptr) == DITTO_OK);
  server.reset();
  // And is free for another server then.
  server = new_server();
  CHECK(ask(ditto_server_add_share, server.get(), "export", later.get(), nullptr) == DITTO_OK);
}

TEST_CASE("a store belongs to one server at a time") {
  const StoreHandle store = memory_store();
  const ServerHandle first = new_server(), second = new_server();
  REQUIRE(ask(ditto_server_add_share, first.get(), "a", store.get(), nullptr) == DITTO_OK);
  CHECK(ask(ditto_server_add_share, first.get(), "b", store.get(), nullptr) == DITTO_OK);
  CHECK(ask(ditto_server_add_share, second.get(), "c", store.get(), nullptr) == DITTO_BUSY);
}

TEST_CASE("a port that is taken is an error that names it") {
  const ServerHandle first = running_server();
  REQUIRE(first);
  const StoreHandle store = memory_store();
  ditto_server_options options = DITTO_SERVER_OPTIONS_INIT;
  options.nfs_port = ditto_server_nfs_port(first.get());
  const ServerHandle second = new_server(&options);
  REQUIRE(ask(ditto_server_add_share, second.get(), "export", store.get(), nullptr) == DITTO_OK);
  const Answer answer = ask(ditto_server_start, second.get());
  CHECK(answer == DITTO_ADDRESS_IN_USE);
  CHECK_THAT(answer.message,
             Contains("127.0.0.1") && Contains(std::to_string(options.nfs_port)) && Contains("nfs_port"));
  CHECK(answers_null(options.nfs_port));
}

TEST_CASE("an address of another machine is an error that names it") {
  const StoreHandle store = memory_store();
  ditto_server_options options = DITTO_SERVER_OPTIONS_INIT;
  options.listen = "192.0.2.1";
  const ServerHandle server = new_server(&options);
  REQUIRE(ask(ditto_server_add_share, server.get(), "export", store.get(), nullptr) == DITTO_OK);
  const Answer answer = ask(ditto_server_start, server.get());
  CHECK(answer == DITTO_ADDRESS_NOT_AVAILABLE);
  CHECK_THAT(answer.message, Contains("192.0.2.1"));
}

namespace {

struct Lines {
  std::mutex mutex;  // guards lines
  std::vector<std::string> lines;
  std::atomic<int> released = 0;
};

void take_line(void* user, std::uint32_t level, const char* line, std::size_t length) {
  auto& lines = *static_cast<Lines*>(user);
  const std::lock_guard lock(lines.mutex);
  if (level >= DITTO_LOG_DEBUG && level <= DITTO_LOG_ERROR) lines.lines.emplace_back(line, length);
}

void count_release(void* user) { ++static_cast<Lines*>(user)->released; }

ditto_server_options logging_to(Lines& lines) {
  ditto_server_options options = DITTO_SERVER_OPTIONS_INIT;
  options.log = take_line;
  options.log_user = &lines;
  options.log_release = count_release;
  return options;
}

}  // namespace

TEST_CASE("the log goes to the host's function, whose user pointer is released once") {
  Lines lines;
  const ditto_server_options options = logging_to(lines);
  StoreHandle store = memory_store();
  ServerHandle server = new_server(&options);
  REQUIRE(ask(ditto_server_add_share, server.get(), "export", store.get(), nullptr) == DITTO_OK);
  REQUIRE(ask(ditto_server_start, server.get()) == DITTO_OK);
  const std::string endpoint = "127.0.0.1:" + std::to_string(ditto_server_nfs_port(server.get()));
  CHECK(lines.released == 0);
  server.reset();
  CHECK(lines.released == 1);
  REQUIRE_FALSE(lines.lines.empty());
  CHECK_THAT(lines.lines.front(), Contains("ready") && Contains(endpoint));
  store.reset();
  CHECK(lines.released == 1);
}

TEST_CASE("the log's user pointer is released when no server comes of it") {
  Lines lines;
  ditto_server_options options = logging_to(lines);
  ditto_server* server = nullptr;
  options.listen = "nowhere";
  CHECK(ask(ditto_server_new, &options, &server) == DITTO_INVALID_ARGUMENT);
  CHECK(lines.released == 1);
  options = logging_to(lines);
  options.log_level = 77;
  CHECK(ask(ditto_server_new, &options, &server) == DITTO_INVALID_ARGUMENT);
  CHECK(lines.released == 2);
  options = logging_to(lines);
  CHECK(ask(ditto_server_new, &options, nullptr) == DITTO_INVALID_ARGUMENT);
  CHECK(lines.released == 3);
}

TEST_CASE("threads may ask for ports and stop at once") {
  const ServerHandle server = running_server();
  REQUIRE(server);
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const bool port = ditto_server_nfs_port(server.get()) != 0;
      if (ditto_server_stop(server.get(), 1000, nullptr) == DITTO_OK && port) ++good;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(good == 4);
}
