// What an administrator sees of clients, and the mark that keeps a client from reclaiming what was taken from it.
#include "state/clients_support.hpp"

using namespace ditto::state;
using namespace ditto::state::test;

namespace {

Answer<StateBegun> begin_taking(World& world, Client& client) {
  return world.run([&](ClientEffects& e) { return world.clients->begin_taking(client, e); });
}

/// One state of the client is taken, and marked before.
void take(World& world, Client& client) {
  ++client.taking;
  REQUIRE(begin_taking(world, client));
  world.settle();
  REQUIRE(begin_taking(world, client)->ready);
  ++client.revoked_by_admin;
  ClientEffects effects;
  world.clients->end_taking(client, effects);
  world.take(effects);
}

void free_one(World& world, Client& client) {
  ClientEffects effects;
  world.clients->freed(client, 1, effects);
  world.take(effects);
  world.settle();
}

}  // namespace

TEST_CASE("clients are listed with what they hold, and no more than asked for") {
  World world;
  Introduction one = who("one");
  one.address = "192.0.2.1:700";
  const auto client = world.client41(one);
  world.open(*client);
  world.client40(who("two"));
  world.exchange(who("never confirmed"));
  world.now += 10 * second;
  const ClientList all = world.clients->list(10);
  REQUIRE(all.count == 2);
  REQUIRE(all.listed.size() == 2);
  const ClientSummary& listed = all.listed[1];
  CHECK(listed.id == client->id);
  CHECK(listed.key.owner == "one");
  CHECK(listed.address == "192.0.2.1:700");
  CHECK(listed.opens == 1);
  CHECK(listed.sessions == 1);
  CHECK(listed.lease_ends == world.now + 80 * second);
  CHECK(listed.standing == Standing::Live);
  CHECK(world.clients->list(1).count == 2);
  CHECK(world.clients->list(1).listed.size() == 1);
}

TEST_CASE("what was taken is marked durably before, and is not reclaimed after a restart") {
  World world;
  const auto client = world.client41(who("one"));
  world.open(*client);
  ++client->taking;
  const auto begun = begin_taking(world, *client);
  REQUIRE(begun);
  CHECK_FALSE(begun->ready);
  CHECK_FALSE(world.store.records.at(client->id).revoked);
  CHECK(begin_taking(world, *client)->token == begun->token);  // another one waits for the same
  world.settle();
  CHECK(world.store.records.at(client->id).revoked);
  CHECK(begin_taking(world, *client)->ready);
  world.restart();
  CHECK_FALSE(world.client41(who("one"))->reclaims);
}

TEST_CASE("a client that has freed all that was taken from it may reclaim the rest") {
  World world;
  const auto client = world.client41(who("one"));
  world.open(*client);
  take(world, *client);
  take(world, *client);
  free_one(world, *client);
  CHECK(world.store.records.at(client->id).revoked);
  free_one(world, *client);
  CHECK_FALSE(world.store.records.at(client->id).revoked);
  CHECK_FALSE(client->taken_from);
  world.restart();
  CHECK(world.client41(who("one"))->reclaims);
}

TEST_CASE("a mark stays as long as an administrator is at work") {
  World world;
  const auto client = world.client41(who("one"));
  world.open(*client);
  take(world, *client);
  ++client->taking;
  free_one(world, *client);
  CHECK(world.store.records.at(client->id).revoked);
}

TEST_CASE("a mark that cannot be made durable is none, and may be tried again") {
  World world;
  const auto client = world.client41(who("one"));
  world.open(*client);
  REQUIRE(begin_taking(world, *client));
  world.fail_all();
  CHECK_FALSE(client->taken_from);
  const auto again = begin_taking(world, *client);
  REQUIRE(again);
  CHECK_FALSE(again->ready);
  world.settle();
  CHECK(world.store.records.at(client->id).revoked);
}

TEST_CASE("a client without a record needs no mark, and one that is gone none any more") {
  World world;
  const auto client = world.client41(who("one"));
  CHECK(begin_taking(world, *client)->ready);
  CHECK(world.store.pending.empty());
  world.open(*client);
  REQUIRE(begin_taking(world, *client));
  world.client41(who("one", 2));  // it has restarted
  CHECK(begin_taking(world, *client).error() == Refusal::Expired);
  world.settle();  // also the mark of the one that is gone
  CHECK_FALSE(world.store.records.contains(client->id));
}
