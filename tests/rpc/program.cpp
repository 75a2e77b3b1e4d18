#include "rpc/program.hpp"

#include <catch2/catch.hpp>

#include "rpc/memory_connection.hpp"

using namespace ditto;
using namespace ditto::test;

TEST_CASE("A table's rows have the types of their handlers") {
  STATIC_REQUIRE(toy::table[toy::MAKE].replay == rpc::Replay::Cached);
  STATIC_REQUIRE(toy::table[toy::ECHO].replay == rpc::Replay::Idempotent);
  STATIC_REQUIRE(toy::table[toy::ECHO].name == "ECHO");
  STATIC_REQUIRE(toy::table[toy::GAP].invoke == nullptr);
  STATIC_REQUIRE(rpc::detail::can_fail<toy::Status>);
  STATIC_REQUIRE_FALSE(rpc::detail::can_fail<toy::Number>);
}

TEST_CASE("Programs are found by number and version") {
  toy::Service service;
  rpc::Programs programs;
  toy::add_to(programs, service);
  REQUIRE(programs.all().size() == 2);

  const auto found = programs.find(toy::program_number, 4);
  REQUIRE(found.program);
  CHECK(found.program->version() == 4);
  CHECK(found.program->name() == "TOY");
  CHECK(found.program->service() == &service);
  CHECK(found.program->find(toy::HOLD)->name == "HOLD");
  CHECK(found.program->find(toy::GAP) == nullptr);
  CHECK(found.program->find(1000) == nullptr);

  const auto mismatch = programs.find(toy::program_number, 3);
  CHECK_FALSE(mismatch.program);
  CHECK(mismatch.why == rpc::accept_stat::PROG_MISMATCH);
  CHECK(mismatch.versions.low == 2);
  CHECK(mismatch.versions.high == 4);
  CHECK(programs.find(1, 2).why == rpc::accept_stat::PROG_UNAVAIL);
  CHECK(rpc::Programs().find(1, 2).why == rpc::accept_stat::PROG_UNAVAIL);
}

TEST_CASE("The same version is not added twice") {
  toy::Service service;
  rpc::Programs programs;
  toy::add_to(programs, service);
  const auto again = programs.add({toy::program_number, 2, "OTHER", toy::table, &service});
  REQUIRE_FALSE(again);
  CHECK(again.error() == Error::Exists);
  CHECK(programs.all().size() == 2);
}

TEST_CASE("Peers: loopback or not, and as text") {
  const auto v4 = [](std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
    return rpc::Peer{.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d}, .port = 834};
  };
  CHECK(v4(127, 0, 0, 1).is_loopback());
  CHECK(v4(127, 9, 8, 7).is_loopback());
  CHECK_FALSE(v4(128, 0, 0, 1).is_loopback());
  CHECK_FALSE(v4(0, 0, 0, 1).is_loopback());
  CHECK(to_string(v4(192, 0, 2, 1)) == "192.0.2.1:834");
  rpc::Peer v6{.address = {}, .port = 2049};
  CHECK_FALSE(v6.is_loopback());
  v6.address[15] = 1;
  CHECK(v6.is_loopback());
  CHECK(to_string(v6) == "[::1]:2049");
  v6.address[0] = 0x20;
  CHECK_FALSE(v6.is_loopback());
}
