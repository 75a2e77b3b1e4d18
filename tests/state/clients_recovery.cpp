#include <catch2/catch.hpp>

#include "state/clients_support.hpp"

using namespace ditto::state;
using namespace ditto::state::test;

namespace {

using Phase = Grace::Phase;

/// Clients that have state, and a crash.
struct Restarted : World {
  Restarted(const std::vector<std::string>& v40, const std::vector<std::string>& v41) {
    for (const auto& name : v40) open(*client40(who(name)));
    for (const auto& name : v41) {
      const auto client = client41(who(name));
      REQUIRE(complete(*client));
      open(*client);
    }
    restart();
  }
};

}  // namespace

TEST_CASE("without records there is no grace") {
  World world;
  CHECK(world.clients->grace() == Phase::Over);
  const auto old = world.client40(who("a"));
  CHECK(world.clients->may_grant(*old));
  CHECK(refusal(world.clients->may_reclaim(*old)) == Refusal::NoGrace);
  const auto client = world.client41(who("a"));
  CHECK(refusal(world.clients->may_grant(*client)) == Refusal::Grace);  // before its RECLAIM_COMPLETE
  REQUIRE(world.complete(*client));
  CHECK(world.clients->may_grant(*client));
}

TEST_CASE("a client's record is durable before its first state") {
  World world;
  const auto client = world.client41(who("a"));
  REQUIRE(world.complete(*client));
  const auto first = world.begin_state(*client);
  REQUIRE(first);
  CHECK_FALSE(first->ready);
  const auto other = world.begin_state(*client);
  CHECK_FALSE(other->ready);
  CHECK(other->token == first->token);
  REQUIRE(world.store.pending.size() == 1);
  CHECK(world.store.pending[0].record == client->record());

  SECTION("durable") {
    world.settle();
    CHECK(world.begin_state(*client)->ready);
    CHECK(world.store.pending.empty());
    CHECK(world.store.records.at(client->id).key == OwnerKey{Protocol::Nfs41, "a"});
    CHECK(world.store.records.at(client->id).reclaim_complete);
  }
  SECTION("failed: asked anew") {
    world.fail_all();
    const auto again = world.begin_state(*client);
    CHECK_FALSE(again->ready);
    CHECK(again->token != first->token);
    world.settle();
    CHECK(world.begin_state(*client)->ready);
  }
  SECTION("the client goes meanwhile") {
    world.now += 90 * second;
    CHECK(world.conflict(client->id).kind == Conflict::Kind::Revoking);
    CHECK(refusal(world.begin_state(*client)) == Refusal::Expired);
    world.settle();
    CHECK(world.gone == std::vector{client->id});
    CHECK(refusal(world.begin_state(*client)) == Refusal::Expired);
    CHECK(world.store.records.at(client->id).revoked);
  }
}

TEST_CASE("who may reclaim after a restart") {
  struct Row {
    const char* name;
    std::vector<ClientRecord> records;
    bool v41;
    Principal principal;
    bool may;
  };
  const auto record = [](std::uint32_t number, Protocol protocol, bool revoked = false, bool cut_off = false) {
    return ClientRecord{.id = ClientId{1} << 32 | number,
                        .key = {protocol, "a"},
                        .principal = "p",
                        .revoked = revoked,
                        .cut_off = cut_off};
  };
  using enum Protocol;
  const Row rows[] = {
      {"nobody known", {}, true, "p", false},
      {"a 4.1 client", {record(1, Nfs41)}, true, "p", true},
      {"a 4.0 client", {record(1, Nfs40)}, false, "p", true},
      {"the same string, of the other version", {record(1, Nfs40)}, true, "p", false},
      {"another principal", {record(1, Nfs41)}, true, "q", false},
      {"revoked", {record(1, Nfs41, true)}, true, "p", false},
      {"revoked, 4.0", {record(1, Nfs40, true)}, false, "p", false},
      {"cut off", {record(1, Nfs41, false, true)}, true, "p", false},
      {"revoked, then back with new state", {record(1, Nfs41, true), record(2, Nfs41)}, true, "p", true},
      {"the same, in another order", {record(2, Nfs41), record(1, Nfs41, true)}, true, "p", true},
      {"state, then revoked", {record(1, Nfs41), record(2, Nfs41, true)}, true, "p", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    World world;
    for (const auto& known : row.records) world.store.records[known.id] = known;
    // Another client, so that there is grace whoever asks.
    const ClientRecord other{.id = ClientId{1} << 32 | 99, .key = {Nfs40, "other"}};
    world.store.records[other.id] = other;
    world.restart();
    const auto client =
        row.v41 ? world.client41(who("a", 1, row.principal)) : world.client40(who("a", 1, row.principal));
    CHECK(world.clients->may_reclaim(*client).has_value() == row.may);
    CHECK(refusal(world.clients->may_grant(*client)) == Refusal::Grace);
  }
}

TEST_CASE("how long grace lasts") {
  SECTION("until the last known 4.1 client is done") {
    Restarted world({}, {"a", "b"});
    CHECK(world.clients->grace() == Phase::Running);
    const auto a = world.client41(who("a")), b = world.client41(who("b")), stranger = world.client41(who("c"));
    REQUIRE(world.complete(*stranger));
    REQUIRE(world.complete(*a));
    CHECK(world.clients->grace() == Phase::Running);
    CHECK(refusal(world.clients->may_grant(*a)) == Refusal::Grace);
    CHECK(refusal(world.clients->may_reclaim(*a)) == Refusal::NoGrace);
    CHECK(world.clients->may_reclaim(*b));
    REQUIRE(world.complete(*b));
    CHECK(world.clients->grace() == Phase::Ending);
    world.settle();
    CHECK(world.clients->grace() == Phase::Over);
    CHECK(world.clients->may_grant(*a));
    CHECK(world.store.records.empty());  // nobody reclaimed anything
  }
  SECTION("a 4.0 client holds it for a lease") {
    Restarted world({"old"}, {"a"});
    const auto old = world.client40(who("old")), a = world.client41(who("a"));
    REQUIRE(world.complete(*a));
    world.pass(45);
    REQUIRE(world.clients->renew(old->id, world.now));
    world.pass(44);
    CHECK(world.clients->may_reclaim(*old));
    world.pass(1);
    CHECK(world.clients->grace() == Phase::Ending);
    CHECK(refusal(world.clients->may_reclaim(*old)) == Refusal::NoGrace);
    CHECK(refusal(world.clients->may_grant(*old)) == Refusal::Grace);
    world.settle();
    CHECK(world.clients->may_grant(*old));
  }
  SECTION("so does an NLM peer") {
    World world;
    const ClientRecord peer{.id = ClientId{1} << 32 | 1, .key = {Protocol::Nlm, "peer"}};
    world.store.records[peer.id] = peer;
    world.restart();
    world.pass(89);
    CHECK(world.clients->grace() == Phase::Running);
    world.pass(1);
    CHECK(world.clients->grace() == Phase::Ending);
  }
  SECTION("a known 4.1 client that does not come back holds it for a lease") {
    Restarted world({}, {"a"});
    CHECK(world.clients->next_deadline() == world.now + 90 * second);
    world.pass(90);
    CHECK(world.clients->grace() == Phase::Ending);
  }
}

TEST_CASE("what else ends grace, or does not") {
  SECTION("a client that is destroyed is done") {
    Restarted world({}, {"a"});
    const auto session = world.session41(who("a"));
    REQUIRE(world.clients->destroy_session(session->id(), wire));
    REQUIRE(world.run(
        [&](ClientEffects& e) { return world.clients->destroy_clientid(session->client()->id, 0, world.now, e); }));
    CHECK(world.clients->grace() == Phase::Ending);
  }
  SECTION("not at all if only the revoked are known, and their records go") {
    World world;
    const ClientRecord record{.id = ClientId{1} << 32 | 1, .key = {Protocol::Nfs41, "a"}, .revoked = true};
    world.store.records[record.id] = record;
    world.restart();
    CHECK(world.clients->next_deadline() <= world.now);
    world.advance();
    world.settle();
    CHECK(world.clients->grace() == Phase::Over);
    CHECK(world.store.records.empty());
  }
  SECTION("somebody else with the owner's name does not end it") {
    Restarted world({}, {"a"});
    const auto other = world.client41(who("a", 1, "q"));
    REQUIRE(world.complete(*other));
    CHECK(world.clients->grace() == Phase::Running);
  }
}

TEST_CASE("the end of grace that cannot be made durable is tried again, and nothing is granted meanwhile") {
  Restarted world({"old"}, {});
  const auto client = world.client40(who("b"));
  world.pass(90);
  REQUIRE(world.store.pending.size() == 1);
  CHECK(world.store.pending[0].what == Persist::What::EndGrace);
  world.fail_all();
  CHECK(world.clients->grace() == Phase::Ending);
  CHECK(refusal(world.clients->may_grant(*client)) == Refusal::Grace);
  CHECK(world.clients->next_deadline() == world.now + second);
  world.pass(1);
  REQUIRE(world.store.pending.size() == 1);
  world.settle();
  CHECK(world.clients->may_grant(*client));
}

TEST_CASE("RECLAIM_COMPLETE") {
  World world;
  const auto client = world.client41(who("a"));
  CHECK(world.run([&](ClientEffects& e) { return world.clients->reclaim_complete(*client, true, world.now, e); }));
  CHECK(refusal(world.clients->may_grant(*client)) == Refusal::Grace);
  CHECK(world.complete(*client));
  CHECK(refusal(world.complete(*client)) == Refusal::CompleteAlready);
  CHECK(world.run([&](ClientEffects& e) { return world.clients->reclaim_complete(*client, true, world.now, e); }));
}

TEST_CASE("SEQUENCE tells a client that it has to reclaim, until it is done") {
  Restarted world({}, {"a", "b"});
  const auto known = world.session41(who("a")), stranger = world.session41(who("c"));
  CHECK(known->sequence({.slot = 0, .sequence = 1}, wire, world.now)->status.restart_reclaim_needed);
  CHECK_FALSE(stranger->sequence({.slot = 0, .sequence = 1}, wire, world.now)->status.restart_reclaim_needed);
  REQUIRE(world.complete(*known->client()));
  CHECK_FALSE(
      known->sequence({.slot = 1, .sequence = 1, .highest_slot = 1}, wire, world.now)->status.restart_reclaim_needed);
}

// RFC 7530, 9.6.3.4, and RFC 8881, 8.4.3: the edge conditions. A is the client that must not reclaim.

TEST_CASE("first edge condition: a lease ran out, the state went to somebody else, the server restarts") {
  const bool v41 = GENERATE(false, true);
  World world;
  const auto a = v41 ? world.client41(who("a")) : world.client40(who("a"));
  world.open(*a);
  const auto b = world.client40(who("b"));
  world.open(*b);
  world.now += 90 * second;
  REQUIRE(world.clients->renew(b->id, world.now));
  const bool by_conflict = GENERATE(true, false);
  CAPTURE(v41, by_conflict);
  if (by_conflict) {
    REQUIRE(world.conflict(a->id).kind == Conflict::Kind::Revoking);
  } else {
    world.pass(0);
    world.now += 1000 * second;
    REQUIRE(world.clients->renew(b->id, world.now));
    world.advance();
  }
  REQUIRE(world.gone.empty());

  SECTION("the mark was durable, as it is before anybody is answered") {
    world.settle();
    REQUIRE(world.gone == std::vector{a->id});
    world.restart();
    const auto again = v41 ? world.client41(who("a")) : world.client40(who("a"));
    CHECK(refusal(world.clients->may_reclaim(*again)) == Refusal::NoGrace);
    const auto other = world.client40(who("b"));
    CHECK(world.clients->may_reclaim(*other));
  }
  SECTION("it was not: then nobody else got anything") {
    world.restart();
    const auto again = v41 ? world.client41(who("a")) : world.client40(who("a"));
    CHECK(world.clients->may_reclaim(*again));
  }
}

TEST_CASE("second edge condition: a client misses grace, and the server restarts again") {
  const bool v41 = GENERATE(false, true);
  CAPTURE(v41);
  World world;
  const auto a = v41 ? world.client41(who("a")) : world.client40(who("a"));
  world.open(*a);
  const auto b = world.client40(who("b"));
  world.open(*b);
  world.restart();

  const auto again = world.client40(who("b"));
  REQUIRE(world.clients->may_reclaim(*again));
  world.open(*again);
  world.now += 45 * second;
  REQUIRE(world.clients->renew(again->id, world.now));
  world.pass(45);
  CHECK(refusal(world.clients->may_grant(*again)) == Refusal::Grace);
  const bool durable = GENERATE(true, false);
  CAPTURE(durable);
  if (durable) {
    world.settle();
    REQUIRE(world.clients->may_grant(*again));
  }
  world.restart();
  const auto back = v41 ? world.client41(who("a")) : world.client40(who("a"));
  // Until the end was durable nobody else got anything either.
  CHECK(world.clients->may_reclaim(*back).has_value() == !durable);
  CHECK(world.clients->may_reclaim(*world.client40(who("b"))));
}

TEST_CASE("second edge condition: a client reclaims only a part before grace ends, and the server restarts again") {
  World world;
  const auto first = world.client41(who("a"));
  world.open(*first);
  world.restart();
  const auto a = world.client41(who("a"));
  REQUIRE(world.clients->may_reclaim(*a));
  world.open(*a);  // and more that it does not get to
  world.now += 45 * second;
  REQUIRE(a->lease.renew(world.now));
  world.pass(45);
  REQUIRE(world.store.pending.size() == 1);
  CHECK(world.store.pending[0].cut_off.size() == 1);
  world.settle();
  REQUIRE(world.clients->grace() == Phase::Over);
  CHECK(refusal(world.clients->may_grant(*a)) == Refusal::Grace);
  CHECK(world.store.records.at(a->id).cut_off);

  SECTION("it may not reclaim") {
    world.restart();
    CHECK(refusal(world.clients->may_reclaim(*world.client41(who("a")))) == Refusal::NoGrace);
  }
  SECTION("after RECLAIM_COMPLETE both sides agree again") {
    REQUIRE(world.complete(*a));
    CHECK(refusal(world.clients->may_grant(*a)) == Refusal::Grace);
    world.settle();
    CHECK(world.clients->may_grant(*a));
    CHECK_FALSE(world.store.records.at(a->id).cut_off);
    world.restart();
    CHECK(world.clients->may_reclaim(*world.client41(who("a"))));
  }
}

TEST_CASE("restarts within grace change nothing: whoever had state may reclaim, what it reclaimed too") {
  Restarted world({"old"}, {"a", "b"});
  const auto a = world.client41(who("a"));
  world.open(*a);
  REQUIRE(world.complete(*a));
  world.pass(10);
  world.restart();
  for (const char* name : {"a", "b"}) CHECK(world.clients->may_reclaim(*world.client41(who(name))));
  CHECK(world.clients->may_reclaim(*world.client40(who("old"))));
  CHECK(world.store.records.size() == 4);  // a has two; the newer counts
}

TEST_CASE("a client that came back after it was revoked may reclaim what it got since") {
  World world;
  const auto a = world.client40(who("a"));
  world.open(*a);
  world.now += 90 * second;
  REQUIRE(world.conflict(a->id).kind == Conflict::Kind::Revoking);
  world.settle();
  world.open(*world.client40(who("a")));
  world.restart();
  CHECK(world.clients->may_reclaim(*world.client40(who("a"))));
}

TEST_CASE("RECLAIM_COMPLETE of who is on record counts once that says so, and grace does not end meanwhile") {
  Restarted world({}, {"a"});
  world.pass(60);
  const auto client = world.client41(who("a"));
  REQUIRE(world.begin_state(*client));
  world.settle();
  REQUIRE(world.complete(*client));
  CHECK_FALSE(client->reclaim_complete);
  CHECK(refusal(world.complete(*client)) == Refusal::Delay);
  world.fail_all();
  CHECK_FALSE(client->reclaim_complete);
  CHECK(refusal(world.clients->may_grant(*client)) == Refusal::Grace);
  CHECK_FALSE(world.store.records.at(client->id).reclaim_complete);

  REQUIRE(world.complete(*client));
  world.pass(40);
  CHECK(world.clients->grace() == Phase::Running);
  REQUIRE(world.store.pending.size() == 1);
  world.settle();
  CHECK(client->reclaim_complete);
  CHECK(world.store.records.at(client->id).reclaim_complete);
  CHECK_FALSE(world.store.records.at(client->id).cut_off);
  world.advance();
  world.settle();
  CHECK(world.clients->may_grant(*client));
}
