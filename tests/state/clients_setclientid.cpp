#include <catch2/catch.hpp>

#include "state/clients_support.hpp"

using namespace ditto::state;
using namespace ditto::state::test;

namespace {

const CallbackAddress home{.program = 1, .ident = 1, .netid = "tcp", .address = "10.0.0.1.3.4"};
const CallbackAddress moved{.program = 1, .ident = 2, .netid = "tcp", .address = "10.0.0.2.3.4"};

constexpr Verifier v = 1, w = 2;

}  // namespace

TEST_CASE("SETCLIENTID: the cases of RFC 7530, 16.33.5") {
  enum class State { None, Held, Expired };
  struct Row {
    const char* name;
    Verifier confirmed;  // 0: no confirmed record
    State state;
    Verifier unconfirmed;  // 0: no unconfirmed record before
    Verifier asks;
    Principal principal;
    std::optional<Refusal> refusal;
    bool same_id;
    bool confirmed_stays;
  };
  const Row rows[] = {
      {"nothing known", 0, State::None, 0, v, "p", {}, false, false},
      {"only an unconfirmed record, same verifier", 0, State::None, v, v, "p", {}, false, false},
      {"only an unconfirmed record, another verifier", 0, State::None, w, v, "p", {}, false, false},
      {"only an unconfirmed record, another principal", 0, State::None, v, v, "q", {}, false, false},
      {"confirmed with the same verifier: a new callback", v, State::Held, 0, v, "p", {}, true, true},
      {"the same, in place of an earlier update", v, State::Held, v, v, "p", {}, true, true},
      {"the same, in place of a reboot's record", v, State::Held, w, v, "p", {}, true, true},
      {"reboot", w, State::Held, 0, v, "p", {}, false, true},
      {"reboot, in place of an unconfirmed record", w, State::Held, v, v, "p", {}, false, true},
      {"another principal, state held", v, State::Held, 0, v, "q", Refusal::ClientIdInUse, false, true},
      {"another principal and verifier, state held", w, State::Held, 0, v, "q", Refusal::ClientIdInUse, false, true},
      {"another principal, no state", v, State::None, 0, v, "q", {}, false, false},
      {"another principal, lease ran out", v, State::Expired, 0, v, "q", Refusal::Delay, false, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    World world;
    std::shared_ptr<Client> confirmed;
    if (row.confirmed) confirmed = world.client40(who("x", row.confirmed));
    if (row.state != State::None) world.open(*confirmed);
    std::optional<Unconfirmed40> earlier;
    if (row.unconfirmed) earlier = *world.setclientid(who("x", row.unconfirmed), home);
    if (row.state == State::Expired) world.now += 90 * second;

    const auto answer = world.setclientid(who("x", row.asks, row.principal), moved);
    CHECK(refusal(answer) == row.refusal);
    if (answer) {
      if (confirmed) CHECK((answer->id == confirmed->id) == row.same_id);
      if (earlier) {
        CHECK(answer->confirm != earlier->confirm);
        CHECK((answer->id != earlier->id || row.same_id));
        CHECK(refusal(world.confirm(*earlier, "p")) == Refusal::StaleClientId);
      }
    }
    if (confirmed) {
      CHECK((world.clients->client(confirmed->id) != nullptr) == row.confirmed_stays);
      CHECK(world.gone.empty() == row.confirmed_stays);
      if (row.confirmed_stays) CHECK(world.clients->callback_address(confirmed->id) == CallbackAddress{});
    }
  }
}

TEST_CASE("SETCLIENTID by another principal succeeds once the silent client is durably gone") {
  World world;
  const auto old = world.client40(who("x"));
  world.open(*old);
  world.now += 90 * second;
  CHECK(refusal(world.setclientid(who("x", v, "q"))) == Refusal::Delay);
  CHECK(refusal(world.setclientid(who("x", v, "q"))) == Refusal::Delay);
  world.settle();
  CHECK(world.gone == std::vector{old->id});
  CHECK(world.setclientid(who("x", v, "q")));
}

TEST_CASE("SETCLIENTID_CONFIRM: the cases of RFC 7530, 16.34.5") {
  enum class Pending { None, Update, Reboot };
  enum class By { Pending, Confirmed, Nobody };
  struct Row {
    const char* name;
    bool confirmed;
    Pending pending;
    By by;  // whose confirm verifier is sent, with that one's id
    Principal principal;
    std::optional<Refusal> refusal;
    bool old_goes;
    bool callback_changes;
  };
  const Row rows[] = {
      {"an update is confirmed", true, Pending::Update, By::Pending, "p", {}, false, true},
      {"an update by another principal", true, Pending::Update, By::Pending, "q", Refusal::ClientIdInUse, false, false},
      {"a retry", true, Pending::None, By::Confirmed, "p", {}, false, false},
      {"a retry by another principal", true, Pending::None, By::Confirmed, "q", Refusal::ClientIdInUse, false, false},
      {"a retry while an update is open", true, Pending::Update, By::Confirmed, "p", {}, false, false},
      {"the first confirmation", false, Pending::Reboot, By::Pending, "p", {}, false, true},
      {"the first, by another principal", false, Pending::Reboot, By::Pending, "q", Refusal::ClientIdInUse, false,
       false},
      {"a reboot is confirmed", true, Pending::Reboot, By::Pending, "p", {}, true, true},
      {"a reboot by another principal", true, Pending::Reboot, By::Pending, "q", Refusal::ClientIdInUse, false, false},
      {"a wrong verifier, unconfirmed", false, Pending::Reboot, By::Nobody, "p", Refusal::StaleClientId, false, false},
      {"a wrong verifier, confirmed", true, Pending::None, By::Nobody, "p", Refusal::StaleClientId, false, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    World world;
    std::shared_ptr<Client> confirmed;
    Unconfirmed40 first, sent;
    if (row.confirmed) {
      first = *world.setclientid(who("x", v), home);
      REQUIRE(world.confirm(first));
      confirmed = world.clients->client(first.id);
      world.open(*confirmed);
    }
    sent = first;
    if (row.pending != Pending::None) {
      const auto made = *world.setclientid(who("x", row.pending == Pending::Update ? v : w), moved);
      if (row.by != By::Confirmed) sent = made;
    }
    if (row.by == By::Nobody) sent.confirm ^= 1;

    CHECK(refusal(world.confirm(sent, row.principal)) == row.refusal);
    CHECK((row.old_goes ? std::vector{first.id} : std::vector<ClientId>{}) == world.gone);
    if (confirmed) CHECK((world.clients->client(first.id) == confirmed) == !row.old_goes);
    if (row.callback_changes) {
      CHECK(world.clients->callback_address(sent.id) == moved);
      CHECK(world.confirm(sent));  // and again: it is a retry now
    } else if (confirmed) {
      CHECK(world.clients->callback_address(first.id) == home);
    }
    if (row.old_goes) {
      CHECK(refusal(world.clients->renew(first.id, world.now)) == Refusal::Expired);
      world.settle();
      CHECK(world.store.records.empty());
    }
  }
}

TEST_CASE("an id that was never handed out cannot be confirmed") {
  World world;
  CHECK(refusal(world.confirm({.id = 12345, .confirm = 1})) == Refusal::StaleClientId);
  const auto other = world.exchange(who("x"));  // of 4.1
  CHECK(refusal(world.confirm({.id = other->id, .confirm = 0})) == Refusal::StaleClientId);
}

TEST_CASE("an unconfirmed record is kept for a lease") {
  World world;
  const auto late = *world.setclientid(who("x"));
  const auto in_time = *world.setclientid(who("y"));
  CHECK(world.clients->next_deadline() == world.now + 90 * second);
  CHECK(refusal(world.clients->renew(late.id, world.now)) == Refusal::StaleClientId);
  world.pass(89);
  REQUIRE(world.confirm(in_time));
  world.pass(1);
  CHECK(refusal(world.confirm(late)) == Refusal::StaleClientId);
  CHECK(world.clients->count() == 1);
  CHECK(world.gone.empty());
}

TEST_CASE("clients of 4.0 and 4.1 with the same string are two") {
  World world;
  const auto old = world.client40(who("x"));
  const auto other = world.client41(who("x"));
  CHECK(old->id != other->id);
  CHECK(world.clients->count() == 2);
  CHECK(refusal(world.clients->renew(other->id, world.now)) == Refusal::StaleClientId);
  CHECK(world.gone.empty());
}

TEST_CASE("confirm verifiers do not repeat and differ by key") {
  World world;
  const auto a = *world.setclientid(who("x")), b = *world.setclientid(who("x"));
  CHECK(a.confirm != b.confirm);
  World other;
  other.clients =
      std::make_unique<Clients>(other.limits, 1, ditto::crypto::SipHashKey{3, 4}, *other.grace, other.tokens);
  CHECK(other.setclientid(who("x"))->confirm != a.confirm);
}

TEST_CASE("owners and principals beyond their limit are refused") {
  World world;
  CHECK(refusal(world.setclientid(who(std::string(1025, 'x')))) == Refusal::Invalid);
  CHECK(refusal(world.exchange(who(std::string(1025, 'x')))) == Refusal::Invalid);
  CHECK(refusal(world.exchange(who("x", 1, std::string(1025, 'p')))) == Refusal::Invalid);
  CHECK(refusal(world.exchange(who(""))) == Refusal::Invalid);
  CHECK(world.clients->count() == 0);
}

TEST_CASE("a new callback address that was never confirmed goes with its client") {
  World world;
  const auto client = world.client40(who("x"));
  world.pass(80);
  const auto update = *world.setclientid(who("x"));
  REQUIRE(update.id == client->id);
  // It holds nothing, so it goes with its lease, ten seconds on; what it did not confirm is older than a lease later.
  world.pass(10);
  CHECK(world.gone == std::vector{client->id});
  CHECK(world.clients->count() == 0);
  world.pass(90);
  CHECK(refusal(world.confirm(update)) == Refusal::StaleClientId);
  CHECK(world.clients->next_deadline() == never);
}
