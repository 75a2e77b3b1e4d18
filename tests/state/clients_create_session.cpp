#include <catch2/catch.hpp>

#include "state/clients_support.hpp"

using namespace ditto::state;
using namespace ditto::state::test;

TEST_CASE("CREATE_SESSION: the one slot of RFC 8881, 18.36.4") {
  World world;
  const auto made = world.exchange(who("x"));
  REQUIRE(made);
  const auto ask = [&](std::uint32_t sequence) { return world.create_session(session_of(made->id, sequence)); };

  CHECK(refusal(world.create_session(session_of(made->id + 1, made->sequence))) == Refusal::StaleClientId);
  CHECK(refusal(ask(made->sequence - 1)) == Refusal::SequenceMisordered);  // the contrived answer
  CHECK(refusal(ask(made->sequence + 1)) == Refusal::SequenceMisordered);
  const auto first = ask(made->sequence);
  REQUIRE(first);
  CHECK(first->sequence == made->sequence);
  CHECK(ask(made->sequence) == *first);
  CHECK(world.clients->client(made->id)->book.sessions.size() == 1);

  const auto next = ask(made->sequence + 1);
  REQUIRE(next);
  CHECK(next->id != first->id);
  CHECK(refusal(ask(made->sequence)) == Refusal::SequenceMisordered);
  CHECK(refusal(ask(made->sequence + 3)) == Refusal::SequenceMisordered);
  CHECK(ask(made->sequence + 1) == *next);
  CHECK(world.exchange(who("x"))->sequence == made->sequence + 2);
}

TEST_CASE("CREATE_SESSION: the number wraps") {
  World world;
  const auto client = world.client41(who("x"));
  client->book.create.sequence = 0xfffffffe;
  REQUIRE(world.create_session(session_of(client->id, 0xffffffff)));
  const auto wrapped = world.create_session(session_of(client->id, 0));
  REQUIRE(wrapped);
  CHECK(world.create_session(session_of(client->id, 0)) == *wrapped);
  CHECK(refusal(world.create_session(session_of(client->id, 0xffffffff))) == Refusal::SequenceMisordered);
}

TEST_CASE("CREATE_SESSION: what can never be good, or is somebody else's, uses up no number") {
  World world;
  const auto made = world.exchange(who("x"));
  CHECK(refusal(world.create_session(session_of(made->id, made->sequence), "q")) == Refusal::ClientIdInUse);
  auto tiny = session_of(made->id, made->sequence);
  tiny.fore.max_response = 10;
  CHECK(refusal(world.create_session(tiny)) == Refusal::TooSmall);
  CHECK(world.clients->client(made->id) == nullptr);
  CHECK(world.create_session(session_of(made->id, made->sequence)));
  CHECK(world.clients->client(made->id) != nullptr);
  // A confirmed client's further sessions may be anybody's, without state protection.
  CHECK(world.create_session(session_of(made->id, made->sequence + 1), "q"));
}

TEST_CASE("CREATE_SESSION: channel attributes") {
  struct Row {
    const char* name;
    ChannelAttributes asked;
    std::optional<Refusal> refusal;
    ChannelAttributes given;
  };
  const ClientLimits limits{
      .slots = 16, .request_bytes = 100'000, .response_bytes = 50'000, .cached_bytes = 2048, .operations = 8};
  const Row rows[] = {
      {"everything too much", {64, 1 << 30, 1 << 30, 1 << 30, 1000, 1000}, {}, {0, 100'000, 50'000, 2048, 8, 16}},
      {"everything modest", {0, 4096, 4096, 512, 4, 3}, {}, {0, 4096, 4096, 512, 4, 3}},
      {"nothing kept", {0, 4096, 4096, 0, 4, 3}, {}, {0, 4096, 4096, 0, 4, 3}},
      {"more kept than sent", {0, 4096, 1000, 4096, 4, 3}, {}, {0, 4096, 1000, 1000, 4, 3}},
      {"tiny requests", {0, 100, 4096, 512, 4, 3}, Refusal::TooSmall, {}},
      {"tiny replies", {0, 4096, 100, 512, 4, 3}, Refusal::TooSmall, {}},
      {"no slot", {0, 4096, 4096, 512, 4, 0}, Refusal::Invalid, {}},
      {"no operation", {0, 4096, 4096, 512, 0, 1}, Refusal::Invalid, {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    World world(limits);
    const auto made = world.exchange(who("x"));
    auto wanted = session_of(made->id, made->sequence);
    wanted.fore = row.asked;
    const ChannelAttributes back = wanted.back;
    const auto answer = world.create_session(wanted);
    CHECK(refusal(answer) == row.refusal);
    if (!answer) continue;
    CHECK(answer->fore == row.given);
    CHECK(answer->back == back);
  }
}

TEST_CASE("CREATE_SESSION: a callback channel only for whoever asks, and only of a usable size") {
  World world;
  const auto made = world.exchange(who("x"));
  auto wanted = session_of(made->id, made->sequence);
  wanted.back.max_request = 10;
  CHECK(refusal(world.create_session(wanted)) == Refusal::TooSmall);
  // Also without a connection for it now: one may be bound later.
  wanted.callbacks = false;
  CHECK(refusal(world.create_session(wanted)) == Refusal::TooSmall);
  wanted.back.max_request = 0;  // the number is still to be used
  const auto answer = world.create_session(wanted);
  REQUIRE(answer);
  CHECK_FALSE(answer->callbacks);
  const auto session = world.clients->session(answer->id);
  CHECK(session->is_bound(wire));
  CHECK(session->callback_connections().empty());
  CHECK(session->client()->callback_paths == 0);
}

TEST_CASE("sessions of one client are limited") {
  World world(ClientLimits{.sessions_per_client = 2});
  const auto client = world.client41(who("x"));
  const auto second_one = world.create_session(session_of(client->id, 2));
  REQUIRE(second_one);
  CHECK(refusal(world.create_session(session_of(client->id, 3))) == Refusal::TooManySessions);
  REQUIRE(world.clients->destroy_session(second_one->id, wire));
  CHECK(refusal(world.create_session(session_of(client->id, 3))) == Refusal::TooManySessions);  // a retry
  CHECK(world.create_session(session_of(client->id, 4)));
}

TEST_CASE("memory of reply caches: taken by sessions, given back, refused when there is none") {
  World world(ClientLimits{.reply_bytes = 64 << 10});
  std::vector<std::shared_ptr<Session>> sessions;
  std::optional<Refusal> refused;
  for (int n = 0; n < 100 && !refused; ++n) {
    const auto made = world.exchange(who("x" + std::to_string(n)));
    const auto created = world.create_session(session_of(made->id, made->sequence, 4));
    if (created) sessions.push_back(world.clients->session(created->id));
    refused = refusal(created);
  }
  CHECK(refused == Refusal::NoReplySpace);
  CHECK(sessions.size() > 8);
  CHECK(world.clients->replies().used() <= std::size_t{64} << 10);
  for (const auto& session : sessions) REQUIRE(world.clients->destroy_session(session->id(), wire));
  CHECK(world.clients->replies().used() == 0);  // although the test still has them
}

TEST_CASE("DESTROY_SESSION") {
  World world;
  const auto session = world.session41(who("x"));
  CHECK(refusal(world.clients->destroy_session(session->id(), wire + 1)) == Refusal::ConnectionNotBound);
  const auto callback = session->take_callback_slot();
  REQUIRE(callback);
  CHECK(refusal(world.clients->destroy_session(session->id(), wire)) == Refusal::CallbacksPending);
  session->free_callback_slot(*callback, true);
  CHECK(world.clients->destroy_session(session->id(), wire));
  CHECK_FALSE(session->alive());
  CHECK(session->client()->callback_paths == 0);
  CHECK(refusal(session->sequence({.slot = 0, .sequence = 1}, wire, world.now)) == Refusal::BadSession);
  CHECK(refusal(session->bind(wire, Direction::Fore)) == Refusal::BadSession);
  CHECK(refusal(world.clients->destroy_session(session->id(), wire)) == Refusal::BadSession);
  CHECK(world.clients->client(session->client()->id) != nullptr);
  CHECK(world.gone.empty());
}

TEST_CASE("BIND_CONN_TO_SESSION") {
  enum class Before { Nothing, Sequence, Fore, Back, Both };
  struct Row {
    Before before;
    Direction asked;
    std::optional<Refusal> refusal;
    Bound bound;
  };
  using enum Direction;
  constexpr Bound fore{true, false}, back{false, true}, both{true, true};
  const Row rows[] = {
      {Before::Nothing, Fore, {}, fore},
      {Before::Nothing, Back, {}, back},
      {Before::Nothing, ForeOrBoth, {}, both},
      {Before::Nothing, BackOrBoth, {}, both},
      {Before::Sequence, Back, {}, back},
      {Before::Sequence, BackOrBoth, {}, both},
      {Before::Sequence, Fore, {}, fore},
      {Before::Fore, Fore, {}, fore},
      {Before::Fore, ForeOrBoth, {}, fore},
      {Before::Fore, Back, Refusal::ChannelsFixed, {}},
      {Before::Fore, BackOrBoth, Refusal::ChannelsFixed, {}},
      {Before::Back, Back, {}, back},
      {Before::Back, BackOrBoth, {}, back},
      {Before::Back, Fore, Refusal::ChannelsFixed, {}},
      {Before::Both, ForeOrBoth, {}, both},
      {Before::Both, BackOrBoth, {}, both},
      {Before::Both, Fore, Refusal::ChannelsFixed, {}},
  };
  constexpr ConnectionId other = wire + 1;
  for (const Row& row : rows) {
    CAPTURE(&row - rows);
    World world;
    const auto session = world.session41(who("x"));
    switch (row.before) {
      case Before::Nothing: break;
      case Before::Sequence: REQUIRE(session->sequence({.slot = 0, .sequence = 1}, other, world.now)); break;
      case Before::Fore: REQUIRE(session->bind(other, Fore)); break;
      case Before::Back: REQUIRE(session->bind(other, Back)); break;
      case Before::Both: REQUIRE(session->bind(other, ForeOrBoth)); break;
    }
    const auto answer = session->bind(other, row.asked);
    CHECK(refusal(answer) == row.refusal);
    if (answer) CHECK(*answer == row.bound);
  }
}

TEST_CASE("callback paths are counted and SEQUENCE tells when none is left") {
  World world;
  const auto session = world.session41(who("x"));
  const auto other = world.clients->session(world.create_session(session_of(session->client()->id, 2), "p", 50)->id);
  std::uint32_t number = 0;
  const auto status = [&] {
    const auto answer = session->sequence({.slot = 0, .sequence = ++number}, 99, world.now);
    REQUIRE(answer);
    session->finish(0, std::nullopt);
    return answer->status;
  };
  CHECK_FALSE(status().callback_path_down_session);
  session->unbind(wire);
  CHECK(status().callback_path_down_session);
  CHECK_FALSE(status().callback_path_down);
  REQUIRE(world.clients->destroy_session(other->id(), 50));
  CHECK(status().callback_path_down);
  REQUIRE(session->bind(99, Direction::BackOrBoth));
  CHECK_FALSE(status().callback_path_down);
  CHECK_FALSE(status().callback_path_down_session);
  CHECK(session->callback_connections() == std::vector<ConnectionId>{99});
  session->client()->recallable_revoked = 1;
  CHECK(status().recallable_state_revoked);
  CHECK_FALSE(status().admin_state_revoked);
}

TEST_CASE("connections of a session are limited; those for callbacks stay") {
  World world(ClientLimits{.connections_per_session = 3});
  const auto session = world.session41(who("x"));  // `wire` is for callbacks
  for (std::uint32_t n = 1; n <= 5; ++n) {
    REQUIRE(session->sequence({.slot = 0, .sequence = n}, 100 + n, world.now));
    session->finish(0, std::nullopt);
  }
  CHECK(session->is_bound(wire));
  CHECK_FALSE(session->is_bound(101));
  CHECK(session->is_bound(105));
}

TEST_CASE("the callback channel: control and slots") {
  World world;
  const auto session = world.session41(who("x"), 2);
  session->set_callback_control({.program = 5, .security = "sys"});
  CHECK(session->callback_control() == CallbackControl{.program = 5, .security = "sys"});

  const auto a = session->take_callback_slot(), b = session->take_callback_slot();
  CHECK(a == CallbackSlot{.slot = 0, .sequence = 1, .highest_slot = 0});
  CHECK(b == CallbackSlot{.slot = 1, .sequence = 1, .highest_slot = 1});
  CHECK_FALSE(session->take_callback_slot());
  session->free_callback_slot(*a, true);
  CHECK(session->take_callback_slot() == CallbackSlot{.slot = 0, .sequence = 2, .highest_slot = 1});
  session->free_callback_slot(*b, false);  // CB_SEQUENCE itself failed: the number is not used up
  CHECK(session->take_callback_slot() == CallbackSlot{.slot = 1, .sequence = 1, .highest_slot = 1});
}

TEST_CASE("the callback channel: slots that are lost, and those that the client does not like") {
  World world;
  const auto session = world.session41(who("x"), 3);
  const auto a = session->take_callback_slot(), b = session->take_callback_slot();
  CHECK(session->callbacks_in_flight());
  session->lose_callback_slot(*b);
  session->free_callback_slot(*a, true);
  CHECK_FALSE(session->callbacks_in_flight());
  CHECK(session->take_callback_slot() == CallbackSlot{.slot = 0, .sequence = 2, .highest_slot = 0});
  CHECK(session->take_callback_slot() == CallbackSlot{.slot = 2, .sequence = 1, .highest_slot = 2});
  CHECK_FALSE(session->take_callback_slot());
  session->free_callback_slot({.slot = 2, .sequence = 1}, true);
  session->set_callback_target(1);
  CHECK_FALSE(session->take_callback_slot());
  session->set_callback_target(2);
  CHECK(session->take_callback_slot()->slot == 2);
}

TEST_CASE("the callback channel: a connection that failed is none until it is bound again, after a fault none is") {
  World world;
  const auto session = world.session41(who("x"));  // `wire` is for callbacks
  CHECK(session->has_callback_path());
  session->callbacks_failed(99);
  CHECK(session->has_callback_path());
  session->callbacks_failed(wire);
  CHECK_FALSE(session->has_callback_path());
  CHECK(session->callback_connections().empty());
  CHECK(session->client()->callback_paths == 0);
  CHECK(session->is_bound(wire));
  REQUIRE(session->bind(wire, Direction::ForeOrBoth));
  CHECK(session->callback_connections() == std::vector<ConnectionId>{wire});
  session->callback_fault();
  REQUIRE(session->bind(wire, Direction::ForeOrBoth));
  CHECK(session->callback_connections().empty());
  const auto answer = session->sequence({.slot = 0, .sequence = 1}, wire, world.now);
  REQUIRE(answer);
  CHECK(answer->status.backchannel_fault);
  CHECK(answer->status.callback_path_down);
  // An answer that the client may not have seen yet, until its next request in the slot.
  CHECK(session->may_be_unseen(0, 1));
  session->finish(0, std::nullopt);
  CHECK(session->may_be_unseen(0, 1));
  REQUIRE(session->sequence({.slot = 0, .sequence = 2}, wire, world.now));
  CHECK_FALSE(session->may_be_unseen(0, 1));
  CHECK_FALSE(session->may_be_unseen(1000, 1));
  // Who will never be answered is not waited for.
  REQUIRE(session->take_callback_slot());
  CHECK(world.clients->destroy_session(session->id(), wire));
}
