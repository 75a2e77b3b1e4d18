#include <catch2/catch.hpp>

#include "state/clients_support.hpp"

using namespace ditto::state;
using namespace ditto::state::test;

namespace {

constexpr Verifier v = 1, w = 2;

enum class State { None, Held, Expired };
enum class Id { Confirmed, New };
struct Row {
  int number;
  const char* name;
  Verifier confirmed;  // 0: no confirmed record
  State state;
  Verifier unconfirmed;  // 0: no unconfirmed record before
  bool update;
  Verifier asks;
  Principal principal;
  std::optional<Refusal> refusal;
  Id id;
  bool confirmed_stays, unconfirmed_stays;
};
const Row cases[] = {
    {1, "new owner", 0, State::None, 0, false, v, "p", {}, Id::New, false, false},
    {2, "not an update", v, State::Held, 0, false, v, "p", {}, Id::Confirmed, true, false},
    {2, "not an update, beside an unconfirmed record", v, State::Held, w, false, v, "p", {}, Id::Confirmed, true, true},
    {3, "collision, state held", v, State::Held, 0, false, v, "q", Refusal::ClientIdInUse, Id::New, true, false},
    {3, "collision, another verifier", v, State::Held, 0, false, w, "q", Refusal::ClientIdInUse, Id::New, true, false},
    {3, "collision, beside an unconfirmed record", v, State::Held, w, false, w, "q", Refusal::ClientIdInUse, Id::New,
     true, true},
    {3, "collision, no state", v, State::None, 0, false, v, "q", {}, Id::New, false, false},
    {3, "collision, lease ran out: first durably revoked", v, State::Expired, 0, false, v, "q", Refusal::Delay, Id::New,
     true, false},
    {4, "unconfirmed, the same", 0, State::None, v, false, v, "p", {}, Id::New, false, false},
    {4, "unconfirmed, another verifier", 0, State::None, w, false, v, "p", {}, Id::New, false, false},
    {4, "unconfirmed, another principal", 0, State::None, v, false, v, "q", {}, Id::New, false, false},
    {5, "restart", w, State::Held, 0, false, v, "p", {}, Id::New, true, false},
    {5, "restart, in place of an unconfirmed record", w, State::Held, v, false, v, "p", {}, Id::New, true, false},
    {6, "update", v, State::Held, 0, true, v, "p", {}, Id::Confirmed, true, false},
    {6, "update, beside an unconfirmed record", v, State::Held, w, true, v, "p", {}, Id::Confirmed, true, true},
    {7, "update of nothing", 0, State::None, 0, true, v, "p", Refusal::NoSuchOwner, Id::New, false, false},
    {7, "update of an unconfirmed record", 0, State::None, v, true, v, "p", Refusal::NoSuchOwner, Id::New, false, true},
    {8, "update, wrong verifier", w, State::Held, 0, true, v, "p", Refusal::DifferentVerifier, Id::New, true, false},
    {8, "update, wrong verifier and principal", w, State::Held, 0, true, v, "q", Refusal::DifferentVerifier, Id::New,
     true, false},
    {9, "update, wrong principal", v, State::Held, 0, true, v, "q", Refusal::NotPermitted, Id::New, true, false},
};

Answer<void> destroy(World& world, ClientId id, ClientId sequenced_by = 0) {
  return world.run([&](ClientEffects& e) { return world.clients->destroy_clientid(id, sequenced_by, world.now, e); });
}

}  // namespace

TEST_CASE("EXCHANGE_ID: the nine cases of RFC 8881, 18.35.4") {
  for (const Row& row : cases) {
    CAPTURE(row.number, row.name);
    World world;
    std::shared_ptr<Client> confirmed;
    if (row.confirmed) confirmed = world.client41(who("x", row.confirmed));
    if (row.state != State::None) world.open(*confirmed);
    std::optional<ExchangedId> earlier;
    if (row.unconfirmed) earlier = *world.exchange(who("x", row.unconfirmed));
    if (row.state == State::Expired) world.now += 90 * second;

    const auto answer = world.exchange(who("x", row.asks, row.principal), row.update);
    CHECK(refusal(answer) == row.refusal);
    if (answer) {
      CHECK(answer->confirmed == (row.id == Id::Confirmed));
      if (row.id == Id::Confirmed) {
        CHECK(answer->id == confirmed->id);
        CHECK(world.exchange(who("x", row.asks, row.principal), row.update) == *answer);
      } else {
        CHECK((!confirmed || answer->id != confirmed->id));
        CHECK((!earlier || answer->id != earlier->id));
        CHECK(world.create_session(session_of(answer->id, answer->sequence), row.principal));
      }
    }
    if (confirmed && row.id == Id::Confirmed) CHECK(world.clients->client(confirmed->id) == confirmed);
    if (confirmed && row.refusal) {
      CHECK((world.clients->client(confirmed->id) == confirmed) == row.confirmed_stays);
      CHECK(world.gone.empty() == row.confirmed_stays);
    }
    if (earlier) {
      const auto created = world.create_session(session_of(earlier->id, earlier->sequence));
      CHECK(refusal(created) == (row.unconfirmed_stays ? std::nullopt : std::optional(Refusal::StaleClientId)));
    }
  }
}

TEST_CASE("a restart takes effect with CREATE_SESSION, not with EXCHANGE_ID") {
  World world;
  const auto session = world.session41(who("x", v));
  const auto old = session->client();
  world.open(*old);
  const auto made = world.exchange(who("x", w));
  REQUIRE(made);
  CHECK(world.gone.empty());
  CHECK(session->alive());
  REQUIRE(session->sequence({.slot = 0, .sequence = 1}, wire, world.now));

  CHECK(refusal(world.create_session(session_of(made->id, made->sequence), "q")) == Refusal::ClientIdInUse);
  CHECK(world.gone.empty());
  REQUIRE(world.create_session(session_of(made->id, made->sequence)));
  CHECK(world.gone == std::vector{old->id});
  CHECK_FALSE(session->alive());
  session->finish(0, std::nullopt);  // what still ran ends without harm
  world.settle();
  CHECK(world.store.records.empty());
  CHECK(refusal(world.create_session(session_of(old->id, 2))) == Refusal::StaleClientId);
}

TEST_CASE("an EXCHANGE_ID that is not confirmed within a lease is forgotten") {
  World world;
  const auto made = world.exchange(who("x"));
  world.pass(90);
  CHECK(refusal(world.create_session(session_of(made->id, made->sequence))) == Refusal::StaleClientId);
  CHECK(world.clients->count() == 0);
}

TEST_CASE("DESTROY_CLIENTID: who is busy") {
  World world;
  const auto unconfirmed = world.exchange(who("u"));
  CHECK(destroy(world, unconfirmed->id));
  CHECK(refusal(destroy(world, unconfirmed->id)) == Refusal::StaleClientId);

  const auto session = world.session41(who("x"));
  const auto client = session->client();
  CHECK(refusal(destroy(world, client->id)) == Refusal::ClientIdBusy);
  REQUIRE(world.clients->destroy_session(session->id(), wire));
  world.open(*client);
  CHECK(refusal(destroy(world, client->id)) == Refusal::ClientIdBusy);
  client->opens.remove();
  CHECK(refusal(destroy(world, client->id, client->id)) == Refusal::ClientIdBusy);
  CHECK(destroy(world, client->id));
  CHECK(world.gone == std::vector{client->id});
  world.settle();
  CHECK(world.store.records.empty());
  CHECK(refusal(destroy(world, client->id)) == Refusal::StaleClientId);

  const auto older = world.client40(who("x"));
  CHECK(refusal(destroy(world, older->id)) == Refusal::StaleClientId);
}

TEST_CASE("DESTROY_CLIENTID: sessions and state whose lease ran out do not protect a client") {
  World world;
  const auto idle = world.client41(who("x"));
  const auto holder = world.client41(who("y"));
  world.open(*holder);
  world.now += 90 * second;
  CHECK(destroy(world, idle->id));
  CHECK(world.gone == std::vector{idle->id});
  CHECK(refusal(destroy(world, holder->id)) == Refusal::Delay);
  world.settle();
  CHECK(refusal(destroy(world, holder->id)) == Refusal::StaleClientId);
}
