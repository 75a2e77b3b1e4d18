// The one grace of a server: how long it lasts, for whom, and what NLM hosts have of it.
#include "state/recovery/grace.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace ditto::state;

namespace {

using Phase = Grace::Phase;
constexpr Moment begin_at = 1000 * one_second, lease = 90 * one_second;

ClientRecord record(Protocol protocol, std::string owner, bool revoked = false, bool cut_off = false) {
  static std::uint32_t number = 0;
  return {.id = ClientId{1} << 32 | ++number,
          .key = {protocol, std::move(owner)},
          .principal = "p",
          .revoked = revoked,
          .cut_off = cut_off};
}

std::vector<std::string> names(const Grace& grace) {
  std::vector<std::string> list;
  for (const Awaited& each : grace.awaited()) list.push_back(each.who.owner);
  return list;
}

const std::vector<std::string> host{"host"};

}  // namespace

TEST_CASE("how long grace lasts, by who is known and who is done") {
  using enum Protocol;
  constexpr std::uint64_t none = 0, whole = 90, hosts = 45;
  struct Row {
    const char* name;
    std::vector<ClientRecord> records;
    std::uint64_t host_seconds;     // 0: no NLM host is known
    std::vector<std::string> done;  // of the 4.1 clients
    std::uint64_t lasts;            // seconds
  };
  const Row rows[] = {
      {"nobody", {}, 0, {}, none},
      {"a 4.1 client that is done", {record(Nfs41, "a")}, 0, {"a"}, none},
      {"a 4.1 client that stays away", {record(Nfs41, "a")}, 0, {}, whole},
      {"one of two 4.1 clients is done", {record(Nfs41, "a"), record(Nfs41, "b")}, 0, {"a"}, whole},
      {"a 4.0 client", {record(Nfs40, "a")}, 0, {}, whole},
      {"a 4.0 client, and 4.1 ones that are done", {record(Nfs40, "a"), record(Nfs41, "b")}, 0, {"b"}, whole},
      {"an NLM host", {}, hosts, {}, hosts},
      {"an NLM host, and a 4.1 client that is done", {record(Nfs41, "a")}, hosts, {"a"}, hosts},
      {"an NLM host, and a 4.1 client that stays away", {record(Nfs41, "a")}, hosts, {}, whole},
      {"an NLM host, and a 4.0 client", {record(Nfs40, "a")}, hosts, {}, whole},
      {"an NLM host that has longer than a lease", {}, 3600, {}, whole},
      {"a 4.1 client that was revoked", {record(Nfs41, "a", true)}, 0, {}, none},
      {"a 4.0 client that was revoked", {record(Nfs40, "a", true)}, 0, {}, none},
      {"a 4.1 client that was cut off", {record(Nfs41, "a", false, true)}, 0, {}, none},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Grace grace;
    grace.begin(row.records, {}, begin_at, lease);
    if (row.host_seconds != 0) grace.await_hosts(host, begin_at, row.host_seconds * one_second);
    for (const std::string& name : row.done) grace.done({Nfs41, name});
    if (row.lasts == 0) {
      CHECK((grace.phase() == Phase::Over || grace.is_due(begin_at)));
      continue;
    }
    CHECK(grace.phase() == Phase::Running);
    CHECK(grace.deadline() == begin_at + row.lasts * one_second);
    CHECK_FALSE(grace.is_due(begin_at + row.lasts * one_second - 1));
    CHECK(grace.is_due(begin_at + row.lasts * one_second));
  }
}

TEST_CASE("a host that only reserved something is awaited as long as those that locked") {
  const std::vector<ObjectRecord> reserved{{.who = {{Protocol::Nlm, "host"}, "open"}}};
  const auto lasts = [&](std::vector<ClientRecord> records, std::uint64_t seconds) {
    Grace grace;
    grace.begin(records, reserved, begin_at, lease, seconds * one_second);
    return std::pair((grace.deadline() - std::min(grace.deadline(), begin_at)) / one_second, grace.knows_host("host"));
  };
  CHECK(lasts({}, 45) == std::pair(Moment{45}, true));
  CHECK(lasts({}, 3600) == std::pair(Moment{90}, true));
  CHECK(lasts({}, 0) == std::pair(Moment{0}, false));  // no time for hosts: the record goes at once
  CHECK(lasts({record(Protocol::Nfs40, "a")}, 45) == std::pair(Moment{90}, true));
  CHECK(lasts({record(Protocol::Nfs41, "a")}, 45) == std::pair(Moment{90}, true));
}

TEST_CASE("a host is known by its name until grace ends, and no other") {
  Grace grace;
  CHECK_FALSE(grace.knows_host("host"));
  grace.begin(std::vector{record(Protocol::Nfs41, "host")}, {}, begin_at, lease);
  CHECK_FALSE(grace.knows_host("host"));
  grace.await_hosts(host, begin_at, lease);
  CHECK(grace.knows_host("host"));
  CHECK_FALSE(grace.knows_host("other"));
  CHECK_FALSE(grace.knows({Protocol::Nfs40, "host"}, "p"));
  grace.ending();
  CHECK_FALSE(grace.knows_host("host"));
  grace.ended();
  CHECK(grace.phase() == Phase::Over);
  CHECK_FALSE(grace.knows_host("host"));
}

TEST_CASE("no hosts, or no time for them, are no grace") {
  Grace grace;
  grace.begin({}, {}, begin_at, lease);
  grace.await_hosts({}, begin_at, lease);
  CHECK(grace.phase() == Phase::Over);
  grace.await_hosts(host, begin_at, 0);
  CHECK(grace.phase() == Phase::Over);
  CHECK(grace.deadline() == never);
}

TEST_CASE("hosts whose locks went while the server runs have a grace of their own, and then it is over again") {
  Grace grace;
  grace.begin({}, {}, begin_at, lease);
  REQUIRE(grace.phase() == Phase::Over);
  const Moment later = begin_at + 500 * one_second;
  grace.await_hosts(host, later, 45 * one_second);
  CHECK(grace.phase() == Phase::Running);
  CHECK(grace.deadline() == later + 45 * one_second);
  grace.ending();
  CHECK(grace.deadline() == never);

  SECTION("it ends") {
    grace.ended();
    CHECK(grace.phase() == Phase::Over);
    CHECK(grace.awaited().empty());
  }
  SECTION("others go while it ends: they have theirs") {
    grace.await_hosts(std::vector<std::string>{"second"}, later + 45 * one_second, 45 * one_second);
    CHECK_FALSE(grace.knows_host("second"));
    grace.ended();
    CHECK(grace.phase() == Phase::Running);
    CHECK(grace.knows_host("second"));
    CHECK(grace.deadline() == later + 90 * one_second);
    grace.ending();
    grace.ended();
    CHECK(grace.phase() == Phase::Over);
  }
  SECTION("the end cannot be made durable") {
    grace.failed(later + 60 * one_second);
    CHECK(grace.phase() == Phase::Ending);
    CHECK(grace.deadline() == later + 60 * one_second);
  }
}

TEST_CASE("whom grace waits for, and who has begun to reclaim") {
  using enum Protocol;
  Grace grace;
  CHECK(grace.awaited().empty());
  grace.begin(std::vector{record(Nfs40, "old"), record(Nfs41, "new"), record(Nfs41, "revoked", true)}, {}, begin_at,
              lease);
  grace.await_hosts(host, begin_at + 1, lease);
  CHECK(grace.awaited() == std::vector<Awaited>{{{Nfs40, "old"}, begin_at, false},
                                                {{Nfs41, "new"}, begin_at, false},
                                                {{Nlm, "host"}, begin_at + 1, false}});
  grace.reclaimed({Nfs41, "new"});
  grace.reclaimed({Nlm, "stranger"});
  CHECK(std::ranges::count_if(grace.awaited(), &Awaited::reclaims) == 1);
  grace.done({Nfs41, "new"});
  grace.done({Nfs40, "old"});  // cannot say so
  CHECK(names(grace) == std::vector<std::string>{"old", "host"});
  grace.ending();
  CHECK(grace.awaited().empty());
}
