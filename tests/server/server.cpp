// The C++ face of a server: its own and the caller's threads, several stores, starts that fail.
#include "ditto/server.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "ditto/check.hpp"

using namespace ditto::server;
using Catch::Contains;
using namespace std::chrono_literals;

namespace {

Options in_memory() {
  Options options = embedded_options();
  options.shares = {{.name = "export"}};
  return options;
}

Server made(const Options& options) {
  auto server = Server::create(options);
  INFO((server ? "" : server.error().message));
  REQUIRE(server);
  return *std::move(server);
}

Failure refused(const Options& options) {
  auto server = Server::create(options);
  if (!server) return server.error();
  const auto started = server->start();
  REQUIRE_FALSE(started);
  return started.error();
}

/// Whether something accepts connections on 127.0.0.1.
bool accepts(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool good = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return good;
}

}  // namespace

TEST_CASE("a server starts, has a port, and stops") {
  for (const std::uint32_t threads : {1U, 3U, 0U}) {
    Options options = in_memory();
    options.threads = threads;
    Server server = made(options);
    CHECK(server.nfs_port() == 0);
    REQUIRE(server.start());
    CHECK(accepts(server.nfs_port()));
    CHECK(server.stop(5s));
    CHECK_FALSE(accepts(server.nfs_port()));
  }
}

TEST_CASE("run serves on the calling thread until another one stops it") {
  for (const std::uint32_t threads : {1U, 2U}) {
    Options options = in_memory();
    options.threads = threads;
    Server server = made(options);
    std::atomic<bool> returned = false;
    bool ran = false;
    std::thread caller([&] {
      ran = server.run().has_value();
      returned = true;
    });
    while (server.nfs_port() == 0) std::this_thread::yield();
    CHECK(accepts(server.nfs_port()));
    CHECK_FALSE(returned);
    CHECK(server.stop(5s));
    caller.join();
    CHECK(ran);
  }
}

TEST_CASE("run is refused like start") {
  Options options = in_memory();
  options.shares.clear();
  Server server = made(options);
  const auto ran = server.run();
  REQUIRE_FALSE(ran);
  CHECK(ran.error().code == FailureCode::WrongState);
}

TEST_CASE("shares of several stores are served by one server") {
  Server server = made(in_memory());
  const auto other = Store::in_memory();
  REQUIRE(other);
  CHECK(server.add_share(*other, {.name = "other"}));
  CHECK(server.add_share(*other, {.name = "more"}));
  CHECK(server.start());
  CHECK(server.stop(5s));
}

TEST_CASE("a share's name is one share's, in whatever order they are added") {
  Server server = made(in_memory());
  const auto other = Store::in_memory();
  REQUIRE(other);
  const auto added = server.add_share(*other, {.name = "Export"});
  REQUIRE_FALSE(added);
  CHECK(added.error().code == FailureCode::Exists);
  CHECK(server.start());
}

TEST_CASE("a start that fails can be made again when its cause is gone") {
  Server first = made(in_memory());
  REQUIRE(first.start());
  Options options = in_memory();
  options.nfs_port = first.nfs_port();
  Server second = made(options);
  const auto failed = second.start();
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == FailureCode::AddressInUse);
  CHECK(second.nfs_port() == 0);
  REQUIRE(first.stop(5s));
  CHECK(second.start());
  CHECK(accepts(options.nfs_port));
}

TEST_CASE("a portmapper that cannot start does not stop NFS, and says so") {
  Server first = made(in_memory());
  REQUIRE(first.start());
  Options options = in_memory();
  options.portmap = {.enabled = true, .port = first.nfs_port()};
  std::atomic<int> warnings = 0;
  options.log.level = LogLevel::Warn;
  options.log.sink = [&](LogLevel, std::string_view line) { warnings += line.starts_with("no portmapper: "); };
  Server second = made(options);
  CHECK(second.start());
  CHECK(second.portmap_port() == 0);
  CHECK(accepts(second.nfs_port()));
  CHECK(warnings == 1);
}

TEST_CASE("options that cannot be are refused before anything is opened") {
  Options options = in_memory();
  options.data = "/nonexistent/data";
  CHECK(refused(options).code == FailureCode::NotFound);
  options.listen = "host";
  const auto server = Server::create(options);
  REQUIRE_FALSE(server);
  CHECK(server.error().code == FailureCode::InvalidArgument);
}

TEST_CASE("a store that is not there is not checked") {
  const auto checked = check_store("/nonexistent/data", {});
  REQUIRE_FALSE(checked);
  CHECK(checked.error().code == FailureCode::NotFound);
  CHECK_THAT(checked.error().message, Contains("/nonexistent/data"));
}
