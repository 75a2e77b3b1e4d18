// What ditto.h answers to arguments that make no sense.
#include <catch2/catch.hpp>
#include <cstddef>

#include "capi/support.hpp"

using Catch::Contains;

TEST_CASE("the version is the header's") {
  const std::string header = std::to_string(DITTO_VERSION_MAJOR) + "." + std::to_string(DITTO_VERSION_MINOR) + "." +
                             std::to_string(DITTO_VERSION_PATCH);
  CHECK(ditto_version() == header);
}

TEST_CASE("NULL is freed, and read as no error") {
  ditto_error_free(nullptr);
  ditto_store_free(nullptr);
  ditto_server_free(nullptr);
  CHECK(ditto_error_code(nullptr) == DITTO_OK);
  CHECK(std::string(ditto_error_message(nullptr)).empty());
  CHECK(ditto_server_nfs_port(nullptr) == 0);
  CHECK(ditto_server_portmap_port(nullptr) == 0);
}

TEST_CASE("a NULL where something must be is named") {
  const StoreHandle store = memory_store();
  const ServerHandle server = new_server();
  ditto_store* out = nullptr;
  const auto invalid = [](const Answer& answer, const char* what) {
    CHECK(answer == DITTO_INVALID_ARGUMENT);
    CHECK(answer.message == std::string(what) + " is NULL");
  };
  invalid(ask(ditto_store_new_memory, nullptr), "store");
  invalid(ask(ditto_store_new_directory, "x", nullptr), "store");
  invalid(ask(ditto_store_new_directory, nullptr, &out), "path");
  invalid(ask(ditto_server_new, nullptr, nullptr), "server");
  invalid(ask(ditto_server_add_share, nullptr, "a", store.get(), nullptr), "server");
  invalid(ask(ditto_server_add_share, server.get(), nullptr, store.get(), nullptr), "name");
  invalid(ask(ditto_server_add_share, server.get(), "a", nullptr, nullptr), "store");
  invalid(ask(ditto_server_start, nullptr), "server");
  invalid(ask(ditto_server_stop, nullptr, 0U), "server");
  ditto_share_options share = DITTO_SHARE_OPTIONS_INIT;
  share.network_count = 1;
  invalid(ask(ditto_server_add_share, server.get(), "a", store.get(), &share), "networks");
  const char* const networks[] = {nullptr};
  share.networks = networks;
  invalid(ask(ditto_server_add_share, server.get(), "a", store.get(), &share), "an entry of networks");
  // Without a place for the error the status still says it.
  CHECK(ditto_server_start(nullptr, nullptr) == DITTO_INVALID_ARGUMENT);
}

TEST_CASE("after a failure the caller's handle is NULL") {
  auto* store = reinterpret_cast<ditto_store*>(std::uintptr_t{1});
  CHECK(ask(ditto_store_new_directory, "", &store) == DITTO_INVALID_ARGUMENT);
  CHECK(store == nullptr);
  auto* server = reinterpret_cast<ditto_server*>(std::uintptr_t{1});
  ditto_server_options options = DITTO_SERVER_OPTIONS_INIT;
  options.listen = "nowhere";
  const Answer answer = ask(ditto_server_new, &options, &server);
  CHECK(answer == DITTO_INVALID_ARGUMENT);
  CHECK_THAT(answer.message, Contains("\"nowhere\" is not an IP address"));
  CHECK(server == nullptr);
}

TEST_CASE("the size of a structure of options is checked") {
  ditto_server* server = nullptr;
  ditto_server_options options = DITTO_SERVER_OPTIONS_INIT;
  constexpr std::size_t first_bytes = offsetof(ditto_server_options, memory_budget);
  for (const std::size_t size : {std::size_t{0}, std::size_t{8}, first_bytes - 1, ~std::size_t{0}}) {
    options.struct_size = size;
    CHECK(ask(ditto_server_new, &options, &server) == DITTO_INVALID_ARGUMENT);
  }
  // What came later has its default for an older program, whatever lies behind its structure.
  options.struct_size = first_bytes;
  options.memory_budget = 1;
  REQUIRE(ask(ditto_server_new, &options, &server) == DITTO_OK);
  ditto_server_free(server);

  struct Newer {
    ditto_server_options known;
    std::uint64_t added;
  } newer = {DITTO_SERVER_OPTIONS_INIT, 0};
  newer.known.struct_size = sizeof newer;
  REQUIRE(ask(ditto_server_new, &newer.known, &server) == DITTO_OK);
  ditto_server_free(server);
  newer.added = 1;
  CHECK(ask(ditto_server_new, &newer.known, &server) == DITTO_UNSUPPORTED);
}

TEST_CASE("options out of range are refused with the range") {
  ditto_server* server = nullptr;
  ditto_server_options options = DITTO_SERVER_OPTIONS_INIT;
  options.threads = 1000;
  CHECK(ask(ditto_server_new, &options, &server).message ==
        "threads: expected a whole number from 0 to 256, found 1000");
  options = DITTO_SERVER_OPTIONS_INIT;
  options.memory_budget = 1 << 20;
  CHECK(ask(ditto_server_new, &options, &server).message ==
        "memory_budget: expected a whole number from 33554432 to 1099511627776, found 1048576");
  options = DITTO_SERVER_OPTIONS_INIT;
  options.log_level = 6;
  CHECK(ask(ditto_server_new, &options, &server) == DITTO_INVALID_ARGUMENT);
}

TEST_CASE("shares with impossible names or rules are refused") {
  const StoreHandle store = memory_store();
  const ServerHandle server = new_server();
  for (const char* name : {"", "/", "/export", "a/b", "..", "a\n"}) {
    INFO(name);
    CHECK(ask(ditto_server_add_share, server.get(), name, store.get(), nullptr) == DITTO_INVALID_ARGUMENT);
  }
  const std::string longest(80, 'x'), too_long(81, 'x');
  CHECK(ask(ditto_server_add_share, server.get(), too_long.c_str(), store.get(), nullptr) == DITTO_INVALID_ARGUMENT);
  CHECK(ask(ditto_server_add_share, server.get(), longest.c_str(), store.get(), nullptr) == DITTO_OK);

  ditto_share_options options = DITTO_SHARE_OPTIONS_INIT;
  options.squash = 3;
  CHECK(ask(ditto_server_add_share, server.get(), "a", store.get(), &options) == DITTO_INVALID_ARGUMENT);
  for (const std::uint64_t beyond : {std::uint64_t{60'001}, (std::uint64_t{1} << 32) + 1}) {
    options = DITTO_SHARE_OPTIONS_INIT;
    options.flush_interval_ms = beyond;
    CHECK(ask(ditto_server_add_share, server.get(), "a", store.get(), &options) == DITTO_INVALID_ARGUMENT);
  }
  options = DITTO_SHARE_OPTIONS_INIT;
  options.flush_interval_ms = 60'000;
  const char* const networks[] = {"192.0.2.0/24", "10.0.0.0/99"};
  options.networks = networks;
  options.network_count = 2;
  const Answer answer = ask(ditto_server_add_share, server.get(), "a", store.get(), &options);
  CHECK(answer == DITTO_INVALID_ARGUMENT);
  CHECK_THAT(answer.message, Contains("10.0.0.0/99"));
  options.network_count = 1;
  CHECK(ask(ditto_server_add_share, server.get(), "a", store.get(), &options) == DITTO_OK);
  CHECK(ask(ditto_server_add_share, server.get(), "a", store.get(), nullptr) == DITTO_EXISTS);
  CHECK(ask(ditto_server_add_share, server.get(), "A", store.get(), nullptr) == DITTO_EXISTS);
}
