// Stores in directories, as ditto.h gives them.
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "capi/support.hpp"

using Catch::Contains;

namespace {

StoreHandle open_directory(const std::string& path) {
  ditto_store* store = nullptr;
  const Answer answer = ask(ditto_store_new_directory, path.c_str(), &store);
  INFO(answer);
  REQUIRE(answer == DITTO_OK);
  return StoreHandle(store);
}

Answer refusal(const std::string& path) {
  ditto_store* store = nullptr;
  const Answer answer = ask(ditto_store_new_directory, path.c_str(), &store);
  CHECK(store == nullptr);
  return answer;
}

}  // namespace

TEST_CASE("a directory is created, and opened again") {
  const Directory place;
  open_directory(place / "data").reset();
  CHECK(std::filesystem::is_directory(place / "data"));
  open_directory(place / "data").reset();
}

TEST_CASE("a directory is one store's at a time") {
  const Directory place;
  StoreHandle store = open_directory(place / "data");
  const Answer answer = refusal(place / "data");
  CHECK(answer == DITTO_BUSY);
  CHECK_THAT(answer.message, Contains(std::to_string(::getpid())));
  store.reset();
  store = open_directory(place / "data");
}

TEST_CASE("a server keeps the directory after its store was freed, until it is freed itself") {
  const Directory place;
  StoreHandle store = open_directory(place / "data");
  ServerHandle server = new_server();
  REQUIRE(ask(ditto_server_add_share, server.get(), "export", store.get(), nullptr) == DITTO_OK);
  store.reset();
  REQUIRE(ask(ditto_server_start, server.get()) == DITTO_OK);
  CHECK(refusal(place / "data") == DITTO_BUSY);
  CHECK(ask(ditto_server_stop, server.get(), 1000U) == DITTO_OK);
  server.reset();
  store = open_directory(place / "data");
}

TEST_CASE("a directory that cannot be is an error that names it") {
  const Directory place;
  CHECK(refusal("").message != "");
  const Answer no_parent = refusal(place / "absent/data");
  CHECK(no_parent == DITTO_NOT_FOUND);
  CHECK_THAT(no_parent.message, Contains("absent/data"));
  std::ofstream(place / "file") << "x";
  const Answer file = refusal(place / "file");
  CHECK(file.status > 0);
  CHECK_THAT(file.message, Contains(place / "file"));
  std::filesystem::create_directory(place / "foreign");
  std::ofstream(place / "foreign/thesis.txt") << "x";
  const Answer foreign = refusal(place / "foreign");
  CHECK(foreign == DITTO_INVALID_ARGUMENT);
  CHECK(std::filesystem::exists(place / "foreign/thesis.txt"));
}
