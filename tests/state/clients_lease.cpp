#include <catch2/catch.hpp>
#include <set>

#include "state/clients_support.hpp"

using namespace ditto::state;
using namespace ditto::state::test;

TEST_CASE("a lease: what becomes of each standing") {
  enum class Step { Renew, Lapse, Seize, GiveBack, End };
  struct Row {
    std::vector<Step> before;
    Step step;
    Moment now;  // made at 0, the lease is 10
    bool answer;
    Standing then;
  };
  using enum Step;
  using enum Standing;
  const Row rows[] = {
      {{}, Renew, 5, true, Live},
      {{}, Renew, 50, true, Live},
      {{}, Lapse, 9, false, Live},
      {{}, Lapse, 10, true, Courtesy},
      {{}, Seize, 9, false, Live},
      {{}, Seize, 10, true, Revoking},
      {{Lapse}, Renew, 20, true, Live},
      {{Lapse}, Lapse, 20, false, Courtesy},
      {{Lapse}, Seize, 20, true, Revoking},
      {{Seize}, Renew, 20, false, Revoking},
      {{Seize}, Seize, 20, false, Revoking},
      {{Seize}, Lapse, 20, false, Revoking},
      {{Seize}, GiveBack, 20, true, Courtesy},
      {{Seize, GiveBack}, Renew, 20, true, Live},
      {{End}, Renew, 20, false, Gone},
      {{End}, GiveBack, 20, true, Gone},
      {{End}, Seize, 20, false, Gone},
  };
  for (const Row& row : rows) {
    CAPTURE(&row - rows);
    Lease lease(0);
    const auto take = [&](Step step, Moment now) {
      switch (step) {
        case Renew: return lease.renew(now);
        case Lapse: return lease.lapse(now, 10);
        case Seize: return lease.seize(now, 10);
        case GiveBack: lease.give_back(); return true;
        case End: lease.end(); return true;
      }
      return false;
    };
    for (const Step step : row.before) take(step, 15);
    CHECK(take(row.step, row.now) == row.answer);
    CHECK(lease.standing() == row.then);
  }
}

TEST_CASE("an older renewal does not shorten a lease") {
  Lease lease(100);
  REQUIRE(lease.renew(50));
  CHECK(lease.renewed_at() == 100);
  CHECK(lease.ran_out(after(100, 10), 10));
  CHECK_FALSE(lease.ran_out(109, 10));
}

TEST_CASE("a silent client with state is kept out of courtesy, then goes once that is durable") {
  World world;
  const auto client = world.client40(who("a"));
  world.open(*client);
  CHECK(world.clients->next_deadline() == world.now + 90 * second);

  world.pass(90);
  CHECK(client->lease.standing() == Standing::Courtesy);
  CHECK(world.gone.empty());
  CHECK(world.clients->next_deadline() == world.now + 1000 * second);

  SECTION("it may come back") {
    REQUIRE(world.clients->renew(client->id, world.now));
    CHECK(client->lease.standing() == Standing::Live);
    world.pass(89);
    CHECK(client->lease.standing() == Standing::Live);
  }
  SECTION("or not") {
    world.pass(1000);
    CHECK(client->lease.standing() == Standing::Revoking);
    CHECK(world.gone.empty());
    REQUIRE(world.store.pending.size() == 1);
    CHECK(world.store.pending[0].record.revoked);
    CHECK(refusal(world.clients->renew(client->id, world.now)) == Refusal::Expired);
    world.settle();
    CHECK(world.gone == std::vector{client->id});
    CHECK(refusal(world.clients->renew(client->id, world.now)) == Refusal::Expired);
    CHECK(world.clients->client(client->id) == nullptr);
    CHECK(world.clients->count() == 0);
    CHECK(world.clients->next_deadline() == never);
  }
  SECTION("a store that fails gets another try") {
    world.pass(1000);
    world.fail_all();
    CHECK(client->lease.standing() == Standing::Courtesy);
    CHECK(world.clients->next_deadline() == world.now + second);
    world.pass(1);
    REQUIRE(world.store.pending.size() == 1);
    world.settle();
    CHECK(world.gone == std::vector{client->id});
  }
}

TEST_CASE("without courtesy a client goes with its lease; without state too") {
  ClientLimits limits{.lease_ns = 90 * second, .courtesy_ns = 0};
  World strict(limits);
  const auto holder = strict.client40(who("a"));
  strict.open(*holder);
  strict.pass(90);
  CHECK(holder->lease.standing() == Standing::Revoking);
  strict.settle();
  CHECK(strict.gone == std::vector{holder->id});

  World world;
  const auto session = world.session41(who("a"));
  world.pass(89);
  CHECK(session->alive());
  world.pass(1);
  CHECK(world.gone == std::vector{session->client()->id});
  CHECK(world.store.pending.empty());
  CHECK_FALSE(session->alive());
  CHECK(world.clients->session(session->id()) == nullptr);
}

TEST_CASE("a deadline is a lower bound: renewals only move it") {
  World world;
  const auto client = world.client40(who("a"));
  const Moment first = world.clients->next_deadline();
  world.now += 60 * second;
  REQUIRE(world.clients->renew(client->id, world.now));
  world.now = first;
  world.advance();
  CHECK(client->lease.standing() == Standing::Live);
  CHECK(world.clients->next_deadline() == first + 60 * second);
}

TEST_CASE("a conflict with a courtesy client: marked durably, then gone, then answered") {
  World world;
  const auto client = world.client40(who("a"));
  world.open(*client);
  CHECK(world.conflict(client->id).kind == Conflict::Kind::Holds);
  world.now += 90 * second;  // nobody called advance(): the clock is what counts

  const Conflict conflict = world.conflict(client->id);
  CHECK(conflict.kind == Conflict::Kind::Revoking);
  REQUIRE(world.store.pending.size() == 1);
  CHECK(world.store.pending[0].token == conflict.token);
  CHECK(world.store.pending[0].record.revoked);
  CHECK(world.gone.empty());

  const Conflict second_one = world.conflict(client->id);
  CHECK(second_one.kind == Conflict::Kind::Revoking);
  CHECK(second_one.token == conflict.token);
  CHECK(world.store.pending.size() == 1);
  CHECK(refusal(world.begin_state(*client)) == Refusal::Expired);
  CHECK_FALSE(client->lease.renew(world.now));

  SECTION("durable") {
    world.settle();
    CHECK(world.gone == std::vector{client->id});
    CHECK(world.conflict(client->id).kind == Conflict::Kind::Gone);
    CHECK(world.store.records.at(client->id).revoked);
  }
  SECTION("not durable: the client keeps what it has") {
    world.fail_all();
    CHECK(client->lease.standing() == Standing::Courtesy);
    REQUIRE(world.clients->renew(client->id, world.now));
    CHECK(world.conflict(client->id).kind == Conflict::Kind::Holds);
    CHECK(world.gone.empty());
  }
}

TEST_CASE("a client that could not be revoked is not tried again before the store may have recovered, whoever asks") {
  World world;
  const auto client = world.client40(who("a"));
  world.open(*client);
  world.now += 90 * second;
  REQUIRE(world.conflict(client->id).kind == Conflict::Kind::Revoking);
  world.fail_all();
  for (int asked = 0; asked < 3; ++asked) CHECK(world.conflict(client->id).kind == Conflict::Kind::Later);
  CHECK(refusal(world.setclientid(who("a", 1, "other"))) == Refusal::Delay);
  CHECK(world.store.pending.empty());
  CHECK(client->lease.standing() == Standing::Courtesy);

  SECTION("then it is") {
    world.now += second;
    CHECK(world.conflict(client->id).kind == Conflict::Kind::Revoking);
    REQUIRE(world.store.pending.size() == 1);
    world.settle();
    CHECK(world.gone == std::vector{client->id});
  }
  SECTION("it comes back meanwhile") {
    REQUIRE(world.clients->renew(client->id, world.now));
    CHECK(world.conflict(client->id).kind == Conflict::Kind::Holds);
  }
}

TEST_CASE("requests of a client that is being revoked wait; afterwards its session is bad") {
  World world;
  const auto session = world.session41(who("a"));
  REQUIRE(world.complete(*session->client()));
  world.open(*session->client());
  world.now += 90 * second;
  REQUIRE(world.conflict(session->client()->id).kind == Conflict::Kind::Revoking);
  const SequenceRequest request{.slot = 0, .sequence = 1};
  CHECK(refusal(session->sequence(request, wire, world.now)) == Refusal::Delay);
  CHECK(refusal(world.exchange(who("a"))) == Refusal::Delay);
  CHECK(refusal(world.create_session(session_of(session->client()->id, 2))) == Refusal::Delay);
  CHECK(refusal(world.run([&](ClientEffects& e) {
          return world.clients->destroy_clientid(session->client()->id, 0, world.now, e);
        })) == Refusal::Delay);
  world.settle();
  CHECK(refusal(session->sequence(request, wire, world.now)) == Refusal::BadSession);
  CHECK(world.exchange(who("a"))->confirmed == false);
}

TEST_CASE("records of revoked clients are kept up to a limit") {
  ClientLimits limits{.lease_ns = 90 * second, .courtesy_ns = 0, .revoked_records = 2};
  World world(limits);
  std::vector<ClientId> ids;
  for (const char* name : {"a", "b", "c"}) {
    const auto client = world.client40(who(name));
    world.open(*client);
    ids.push_back(client->id);
    world.pass(90);
    world.settle();
  }
  CHECK(world.gone == ids);
  CHECK_FALSE(world.store.records.contains(ids[0]));
  CHECK(world.store.records.at(ids[1]).revoked);
  CHECK(world.store.records.at(ids[2]).revoked);
}

TEST_CASE("too many clients: the unconfirmed go first, then the longest silent") {
  ClientLimits limits{.lease_ns = 90 * second, .courtesy_ns = 1000 * second, .clients = 3};
  World world(limits);
  const auto a = world.client40(who("a"));
  world.open(*a);
  world.now += second;
  const auto b = world.client41(who("b"));
  REQUIRE(world.complete(*b));
  world.open(*b);
  const auto c = world.setclientid(who("c"));
  REQUIRE(c);
  const auto d = world.exchange(who("d"));
  REQUIRE(d);
  CHECK(refusal(world.confirm(*c)) == Refusal::StaleClientId);
  REQUIRE(world.create_session(session_of(d->id)));

  CHECK(refusal(world.exchange(who("e"))) == Refusal::TooManyClients);
  CHECK(refusal(world.exchange(who("e", 1, "other"))) == Refusal::TooManyClients);
  REQUIRE(world.clients->client(d->id)->lease.renew(world.now + 60 * second));
  world.now += 90 * second;
  CHECK(refusal(world.exchange(who("e"))) == Refusal::TooManyClients);  // a is being revoked
  CHECK(refusal(world.exchange(who("e"))) == Refusal::TooManyClients);
  CHECK(a->lease.standing() == Standing::Revoking);
  CHECK(b->lease.standing() != Standing::Revoking);
  world.settle();
  CHECK(world.gone == std::vector{a->id});
  CHECK(world.exchange(who("e")));
  CHECK(world.clients->count() == 3);
}

TEST_CASE("at the limit a restarted client may take the room of its own old one") {
  ClientLimits limits{.lease_ns = 90 * second, .clients = 1};
  World world(limits);
  const auto old = world.client41(who("a", 1));
  CHECK(refusal(world.exchange(who("a", 2))) == Refusal::TooManyClients);
  world.now += 90 * second;
  const auto made = world.exchange(who("a", 2));
  REQUIRE(made);
  CHECK(world.gone == std::vector{old->id});
  CHECK(world.create_session(session_of(made->id, made->sequence)));
}

TEST_CASE("ids are of this incarnation, never 0, and never used twice") {
  World world;
  std::set<ClientId> seen;
  for (int n = 0; n < 100; ++n) {
    const auto made = world.exchange(who("a", 100 + n));
    REQUIRE(made);
    CHECK(incarnation_of(made->id) == 1);
    CHECK(seen.insert(made->id).second);
  }
  CHECK(world.clients->count() == 1);
  CHECK(refusal(world.clients->renew(ClientId{7} << 32 | 1, world.now)) == Refusal::StaleClientId);
  CHECK(refusal(world.clients->renew(ClientId{1} << 32 | 5000, world.now)) == Refusal::StaleClientId);
}

TEST_CASE("counters of state stop at their limits") {
  ClientLimits limits{.opens_per_client = 2};
  World world(limits);
  const auto client = world.client40(who("a"));
  CHECK(client->opens.add());
  CHECK(client->opens.add());
  CHECK_FALSE(client->opens.add());
  client->opens.remove();
  CHECK(client->opens.add());
  CHECK(client->opens.count() == 2);
  CHECK(client->has_state());
}
