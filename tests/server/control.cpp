// The control door from inside: what a request and an answer look like, and what a status says of a store whose disk
// failed. From outside: status.py.
#include "ditto/control.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "ditto/server.hpp"
#include "server/control/held_text.hpp"
#include "server/control/http.hpp"
#include "server/control/metrics.hpp"
#include "server/control/names.hpp"
#include "server/control/sources.hpp"
#include "server/control/status_text.hpp"
#include "store/temporary_folder.hpp"
#include "support/power_cut/machine.hpp"
#include "vfs/credential.hpp"

using namespace ditto;
using namespace ditto::server;
using Catch::Contains;
using Catch::StartsWith;
using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;

namespace {

/// As a client that makes a directory and waits for its answer.
Result<void> make_directory(OpenStore& open, std::string_view name) {
  vfs::FileSystem& fs = *open.file_system;
  const vfs::Credential root = vfs::Credential::root();
  vfs::Context context{.who = root, .now = system_clock().now(), .blocking = store::Blocking::Allowed};
  const auto above = fs.pin(context, fs.root());
  REQUIRE(above.has_value());
  const auto made = fs.create(context, **above, name, {.type = vfs::FileType::Directory});
  if (!made) return fail(made.error());
  return open.store->kv.wait_durable(context.token);
}

Options in_directory(const std::string& directory) {
  Options options = embedded_options();
  options.data = directory;
  options.shares = {{.name = "export"}};
  return options;
}

}  // namespace

TEST_CASE("metrics are the numbers of a status: what grows is a counter, rows and kinds have labels") {
  const Json status = Json::parse(R"({
    "version": "1.2", "pid": 7, "state": "serving", "started": "now", "uptime_seconds": 3,
    "stores": [{"directory": "/a \"b\\", "state": "read-only", "reason": "full", "journal": {"bytes": 5},
                "counters": {"syncs": 2, "torn": true}},
               {"directory": "/c", "state": "serving", "journal": {"bytes": 6}, "counters": {"syncs": 4, "torn": false}}],
    "nfs4_delegations": {"held": 1, "notices": 9, "given": 6, "recalled": 0, "returned": 0, "revoked": 0,
      "read_given": 1, "read_recalled": 0, "read_returned": 0, "read_revoked": 0,
      "write_given": 2, "write_recalled": 0, "write_returned": 0, "write_revoked": 0,
      "directory_given": 3, "directory_recalled": 0, "directory_returned": 0, "directory_revoked": 0},
    "clients": {"count": 5, "listed": [{"id": 1}], "more": 4},
    "grace": {"running": true, "seconds_left": 9, "awaited": {"count": 2, "listed": [], "more": 2}},
    "attention": ["x"]})");
  const std::string page = metrics_of(status);
  for (const char* line : {
           "# TYPE ditto_build_info gauge\nditto_build_info{version=\"1.2\"} 1\n",
           "# TYPE ditto_uptime_seconds gauge\nditto_uptime_seconds 3\n",
           "# TYPE ditto_store_serving gauge\nditto_store_serving{directory=\"/a \\\"b\\\\\"} 0\n"
           "ditto_store_serving{directory=\"/c\"} 1\n",
           "# TYPE ditto_store_journal_bytes gauge\n",
           "# TYPE ditto_store_syncs_total counter\nditto_store_syncs_total{directory=\"/a \\\"b\\\\\"} 2\n"
           "ditto_store_syncs_total{directory=\"/c\"} 4\n",
           "ditto_store_torn{directory=\"/c\"} 0\n",
           "# TYPE ditto_nfs4_delegations_given_total counter\nditto_nfs4_delegations_given_total{kind=\"read\"} 1\n"
           "ditto_nfs4_delegations_given_total{kind=\"write\"} 2\n"
           "ditto_nfs4_delegations_given_total{kind=\"directory\"} 3\n",
           "ditto_nfs4_delegations_held 1\n",
           "ditto_nfs4_delegations_notices_total 9\n",
           "# TYPE ditto_clients gauge\nditto_clients 5\n",
           "ditto_grace_awaited 2\n",
           "ditto_attention 1\n",
       }) {
    CAPTURE(page);
    CHECK(page.find(line) != page.npos);
  }
  for (const char* word : {"pid", "started", "listed", "more", "counters", "reason", "given 6"}) {
    CHECK(page.find(word) == page.npos);
  }
}

TEST_CASE("a request is known when its header is whole, however it comes in parts") {
  const std::string text = "GET /status HTTP/1.1\r\nHost: x\r\n\r\n";
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto part = parse_request(text.substr(0, size));
    REQUIRE(part.has_value());
    CHECK_FALSE(part->has_value());
  }
  const auto whole = parse_request(text + "what follows is not read");
  REQUIRE((whole.has_value() && whole->has_value()));
  CHECK((*whole)->method == "GET");
  CHECK((*whole)->target == "/status");
}

TEST_CASE("what is no request is answered, not waited for") {
  for (const char* text : {"\n\n", "GET\n\n", "GET /\n\n", "get / HTTP/1.1\n\n", "GET  HTTP/1.1\n\n",
                           "GET / HTTP/2\n\n", "GET status HTTP/1.1\n\n", "GET /\x01 HTTP/1.1\n\n"}) {
    INFO(text);
    const auto parsed = parse_request(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().status == 400);
  }
  CHECK(parse_request(std::string(max_http_request_bytes - 1, 'x')).has_value());
  const auto parsed = parse_request(std::string(max_http_request_bytes, 'x'));
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().status == 431);
}

TEST_CASE("an answer is taken when it is whole") {
  const std::string sent = encode_answer({.status = 404, .body = "{}\n"}, "GET");
  const auto answer = parse_answer(sent);
  REQUIRE(answer.has_value());
  CHECK(answer->status == 404);
  CHECK(answer->body == "{}\n");
  for (std::size_t size = 0; size < sent.size(); ++size) CHECK_FALSE(parse_answer(sent.substr(0, size)).has_value());
  CHECK_FALSE(parse_answer(sent + "x").has_value());
  CHECK_FALSE(parse_answer("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n").has_value());
}

TEST_CASE("a failed sync shows in the status of the store, with reason, time and what to do") {
  test::Machine machine;
  const auto opened = open_store(machine.path() + "/store", nullptr);
  REQUIRE(opened.has_value());
  OpenStore& open = **opened;
  Status status;
  StoreList stores;
  stores.add(*opened);
  status.add(store_status(stores));
  REQUIRE(make_directory(open, "kept").has_value());
  {
    const Json found = Json::parse(*status.json());
    CHECK(found["attention"].empty());
    CHECK(found["stores"][0]["state"] == "serving");
    CHECK(found["stores"][0]["directory"] == machine.path() + "/store");
    CHECK(found["stores"][0]["last_lsn"] == found["stores"][0]["durable_lsn"]);
    CHECK(found["stores"][0]["counters"]["journal_syncs"] > 0);
    CHECK_FALSE(found["stores"][0].contains("reason"));
  }
  const std::uint64_t durable = open.store->kv.durable();
  machine.disk().fail({.call = test::Call::Sync, .prefix = "store/journal"});
  CHECK(make_directory(open, "lost").error() == Error::Io);
  const Json found = Json::parse(*status.json());
  const Json& store = found["stores"][0];
  CHECK(store["state"] == "read-only");
  CHECK_THAT(store["reason"].get<std::string>(), Contains("journal"));
  CHECK_THAT(store["hint"].get<std::string>(), Contains("restart"));
  CHECK_THAT(store["since"].get<std::string>(), Contains("T") && Catch::EndsWith("Z"));
  CHECK(store["durable_lsn"] == durable);
  REQUIRE(found["attention"].size() == 1);
  const std::string text = status_text(found);
  CHECK_THAT(text, StartsWith("ATTENTION: " + found["attention"][0].get<std::string>()));
  CHECK_THAT(text, Contains("READ-ONLY"));
}

TEST_CASE("a store in memory has a state and no numbers") {
  const auto open = open_memory_store(nullptr);
  REQUIRE(open.has_value());
  Status status;
  StoreList stores;
  stores.add(*open);
  status.add(store_status(stores));
  const Json found = Json::parse(*status.json());
  CHECK(found["stores"] == Json::parse(R"([{"directory": ":memory:", "state": "serving"}])"));
  CHECK_THAT(status_text(found), Contains(":memory:"));
}

TEST_CASE("a status of another version is shown as far as it goes") {
  for (const char* json : {"{}", R"({"stores": 7, "shares": {}, "attention": "x", "memory": [], "pid": "x"})",
                           R"({"stores": [1, {}], "shares": [null, {"name": 5}], "listeners": [{"port": -1}]})"}) {
    INFO(json);
    CHECK_THAT(status_text(Json::parse(json)), StartsWith("server"));
  }
  const std::string text = status_text(Json::parse(R"({"attention": ["one\ntwo"]})"));
  CHECK_THAT(text, StartsWith("ATTENTION: one?two\n"));
}

TEST_CASE("bytes that are no UTF-8 do not spoil a status") {
  Status status;
  status.add([](StatusReport& report) { report.sections["name"] = "\xff"; });
  CHECK(Json::parse(*status.json())["name"] == "\xEF\xBF\xBD");
}

TEST_CASE("a program that embeds a server has no socket unless it wants one") {
  const test::TemporaryFolder folder;
  const std::string data = folder / "data", name = data + "/control.sock";
  struct stat found{};
  Options options = in_directory(data);
  {
    auto server = Server::create(options);
    REQUIRE((server && server->start()));
    CHECK(::stat(name.c_str(), &found) != 0);
    CHECK(server_status(data).error().code == FailureCode::NotFound);
  }
  options.control = true;
  {
    auto server = Server::create(options);
    REQUIRE((server && server->start()));
    REQUIRE(::stat(name.c_str(), &found) == 0);
    CHECK((found.st_mode & 07777) == 0600);
    const auto status = server_status(data);
    REQUIRE(status.has_value());
    CHECK_FALSE(status->needs_attention);
    CHECK(Json::parse(status->json)["listeners"][0]["port"] == server->nfs_port());
    CHECK_THAT(status->text, Contains("/export"));
    CHECK(server->stop(5s));
    CHECK(::stat(name.c_str(), &found) != 0);
  }
}

TEST_CASE("names of what is held are read as they are written, and nothing else is") {
  using Kind = HeldName::Kind;
  const state::ClientId id = 0x1d3f00c200000001;
  for (const HeldName& name :
       {HeldName{.kind = Kind::Client, .client = id}, HeldName{.kind = Kind::Client, .client = 7},
        HeldName{.kind = Kind::Open, .client = id, .number = 17},
        HeldName{.kind = Kind::Lock, .client = id, .number = 3, .inode = 12}}) {
    INFO(text_of(name));
    CHECK(parse_held_name(text_of(name)) == name);
  }
  CHECK(text_of({.kind = Kind::Open, .client = id, .number = 17}) == "open:1d3f00c200000001.17");
  for (const char* text :
       {"", "client", "client:", "client:xyz", "client:1 ", "client:1.2", "open:1", "open:1.", "open:1.0", "open:1.2.3",
        "lock:1.2", "lock:1.2.", "lock:.2.3", "lock:1.2.3.4", "Open:1.2", "grant:1.2", "client:11112222333344445"}) {
    INFO(text);
    CHECK_FALSE(parse_held_name(text));
  }
}

TEST_CASE("what a client calls itself is shown printably, and not at any length") {
  CHECK(printable("Linux NFSv4.1 host") == "Linux NFSv4.1 host");
  CHECK(printable(std::string_view("a\0b\n\xff\\", 6)) == "a\\x00b\\x0a\\xff\\x5c");
  CHECK(printable("abcdef", 3) == "abc...");
  CHECK(printable("abc", 3) == "abc");
}

TEST_CASE("a part of a status can be asked for alone, with more rows") {
  Status status;
  status.add([](StatusReport& report) { report.sections["a"] = report.rows; });
  status.add([](StatusReport& report) { report.sections["b"] = report.rows; }, "b");
  const Json all = Json::parse(*status.json());
  CHECK(all["a"] == Status::overview_rows);
  CHECK(all["b"] == Status::overview_rows);
  const Json part = Json::parse(*status.json("b"));
  CHECK(part["b"] == Status::part_rows);
  CHECK_FALSE(part.contains("a"));
  CHECK_FALSE(status.json("c"));
  CHECK(status.parts() == "b");
}

TEST_CASE("what is held is put into words, as far as it is listed") {
  const Json status = Json::parse(R"({
    "clients": {"count": 3, "more": 2, "listed": [{"id": "client:1d00000001", "owner": "o\nwner", "version": "4.1",
      "address": "192.0.2.1:700", "standing": "courtesy", "lease_seconds_left": -5, "opens": 1, "locks": 2,
      "sessions": 1, "revoked": 1}]},
    "peers": {"count": 1, "more": 0, "listed": [{"id": "client:7", "name": "host", "address": "192.0.2.2", "owners": 1,
      "files": 1, "reservations": 0, "monitored": true}]},
    "holders": {"count": 3, "more": 0, "listed": [
      {"share": "s", "inode": 5, "path": "/d\u0001/f", "kind": "open", "id": "open:1d00000001.4", "access": "read+write", "deny": "none",
       "client": "client:1d00000001", "name": "one"},
      {"share": "s", "inode": 5, "kind": "lock", "id": "lock:7.8.5", "lock": "exclusive", "first": 3,
       "client": "client:7", "name": "host"},
      {"share": "s", "inode": 5, "kind": "grant", "caching": "RH", "breaking_to": "nothing", "deadline_seconds": 9,
       "client": "client:1d00000001", "name": "one"}]},
    "waiters": {"count": 1, "more": 0, "listed": [{"share": "s", "inode": 5, "client": "client:0", "name": "NFSv3",
      "for": "WRITE", "waiting_seconds": 2, "seconds_left": 1}]},
    "grace": {"running": true, "seconds_left": 30, "awaited": {"count": 2, "more": 1, "listed": [
      {"name": "one", "version": "4.1", "reclaims": false}]}}})");
  const std::string text = held_text(status);
  for (const char* words :
       {"courtesy, lease over since 5 s", "1 open, 2 locks, 1 session, 1 revoked", "o?wner", "and 2 more of 3 clients",
        "/s/d?/f inode 5", "/s inode 5", "open to read+write, denies none", "open:1d00000001.4",
        "exclusive lock of bytes 3 to the end", "grant RH, breaking to nothing within 9 s", "one (client:1d00000001)",
        "for 2 s, 1 s at most", "NFSv3", "monitored",
        "for 30 s at most, waits for 2 clients: one (NFS 4.1), and 1 more"}) {
    INFO(text);
    CHECK_THAT(text, Contains(words));
  }
  CHECK(held_text(Json::object()).empty());
}
