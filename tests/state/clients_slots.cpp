#include <catch2/catch.hpp>

#include "base/bytes.hpp"
#include "state/clients_support.hpp"

using namespace ditto::state;
using namespace ditto::state::test;

namespace {

using Kind = Sequenced::Kind;

Answer<Sequenced> ask(Session& session, std::uint32_t slot, std::uint32_t sequence, std::uint32_t highest = 0,
                      Fingerprint fingerprint = 1) {
  return session.sequence({.slot = slot, .sequence = sequence, .highest_slot = highest, .fingerprint = fingerprint},
                          wire, 1000 * second);
}

/// A request from its beginning to its end.
void execute(Session& session, std::uint32_t slot, std::uint32_t sequence, std::uint32_t highest = 0) {
  const auto answer = ask(session, slot, sequence, highest);
  REQUIRE(answer);
  REQUIRE(answer->kind == Kind::Execute);
  session.finish(slot, ditto::bytes_of("reply"));
}

std::string text(const Answer<Sequenced>& answer) {
  return answer->reply ? std::string(ditto::text_of(*answer->reply)) : "";
}

}  // namespace

TEST_CASE("a slot: what each request gets") {
  World world;
  const auto session = world.session41(who("x"), 4);
  CHECK(refusal(ask(*session, 0, 0)) == Refusal::SequenceMisordered);  // RFC 8881, 18.36.4: the first number is 1
  CHECK(refusal(ask(*session, 0, 2)) == Refusal::SequenceMisordered);
  CHECK(refusal(ask(*session, 4, 1)) == Refusal::BadSlot);
  CHECK(refusal(ask(*session, 0, 1, 4)) == Refusal::BadHighSlot);

  const auto first = ask(*session, 0, 1);
  REQUIRE(first);
  CHECK(first->kind == Kind::Execute);
  CHECK(first->highest_slot == 3);
  CHECK(ask(*session, 0, 1)->kind == Kind::InProgress);
  CHECK(refusal(ask(*session, 0, 1, 0, 2)) == Refusal::SequenceFalseRetry);
  CHECK(refusal(ask(*session, 0, 2)) == Refusal::SequenceMisordered);  // before its answer

  session->finish(0, ditto::bytes_of("one"));
  CHECK(ask(*session, 0, 1)->kind == Kind::Replay);
  CHECK(text(ask(*session, 0, 1)) == "one");
  CHECK(refusal(ask(*session, 0, 1, 0, 2)) == Refusal::SequenceFalseRetry);
  CHECK(refusal(ask(*session, 0, 3)) == Refusal::SequenceMisordered);
  CHECK(refusal(ask(*session, 0, 0)) == Refusal::SequenceMisordered);
  CHECK(text(ask(*session, 0, 1)) == "one");  // refusals changed nothing

  CHECK(ask(*session, 0, 2)->kind == Kind::Execute);
  session->finish(0, std::nullopt);
  CHECK(ask(*session, 0, 2)->kind == Kind::Unkept);
  CHECK(refusal(ask(*session, 0, 1)) == Refusal::SequenceMisordered);
  CHECK(ask(*session, 1, 1)->kind == Kind::Execute);  // another slot knows nothing of it
}

TEST_CASE("a slot's number wraps from 0xffffffff to 0") {
  World world;
  const auto session = world.session41(who("x"));
  CHECK(refusal(ask(*session, 0, 0xffffffff)) == Refusal::SequenceMisordered);
  CHECK(refusal(ask(*session, 0, 0x80000000)) == Refusal::SequenceMisordered);
  constexpr std::uint32_t last = 0xffffffff;
  SessionProbe::set_sequence(*session, 0, last - 1);
  execute(*session, 0, last);
  CHECK(ask(*session, 0, last)->kind == Kind::Replay);
  execute(*session, 0, 0);
  CHECK(ask(*session, 0, 0)->kind == Kind::Replay);
  CHECK(refusal(ask(*session, 0, last)) == Refusal::SequenceMisordered);
  execute(*session, 0, 1);
}

TEST_CASE("replies beyond the negotiated size are not kept") {
  World world;
  const auto session = world.session41(who("x"));
  const std::string fits(4096, 'f'), too_long(4097, 't');
  REQUIRE(ask(*session, 0, 1));
  session->finish(0, ditto::bytes_of(fits));
  CHECK(text(ask(*session, 0, 1)) == fits);
  REQUIRE(ask(*session, 0, 2));
  session->finish(0, ditto::bytes_of(too_long));
  CHECK(ask(*session, 0, 2)->kind == Kind::Unkept);
}

TEST_CASE("SEQUENCE renews the lease when it succeeds, and only then") {
  World world;
  const auto session = world.session41(who("x"));
  const Lease& lease = session->client()->lease;
  const Moment made = lease.renewed_at();
  const auto at = [&](std::uint32_t sequence, Moment now) {
    return session->sequence({.slot = 0, .sequence = sequence, .fingerprint = 1}, wire, now);
  };
  CHECK_FALSE(at(5, made + 1));
  CHECK(lease.renewed_at() == made);
  REQUIRE(at(1, made + 2));
  CHECK(lease.renewed_at() == made + 2);
  REQUIRE(at(1, made + 3));  // in progress: the client will be told to come again
  CHECK(lease.renewed_at() == made + 2);
  session->finish(0, ditto::bytes_of("r"));
  REQUIRE(at(1, made + 4));
  CHECK(lease.renewed_at() == made + 4);

  world.pass(50);
  CHECK(session->alive());
}

TEST_CASE("memory is short: sessions give up slots that they do not use, and get them back") {
  // Room for 32 replies, and what slots cost themselves.
  World world(ClientLimits{.cached_bytes = 4096, .reply_bytes = 32 * 4096 + 4096});
  const auto session = world.session41(who("x"), 16);
  const auto used = [&] { return world.clients->replies().used(); };
  CHECK(session->fore().max_requests == 16);
  const std::size_t at_first = used();

  const auto told = ask(*session, 0, 1);
  REQUIRE(told);
  CHECK(told->target_highest_slot == 3);  // an eighth of what there is
  CHECK(told->highest_slot == 15);
  session->finish(0, ditto::bytes_of("r"));

  // A client that uses all it was told is given more.
  execute(*session, 3, 1, 3);
  CHECK(ask(*session, 0, 2, 3)->target_highest_slot == 7);
  session->finish(0, ditto::bytes_of("r"));
  execute(*session, 7, 1, 7);
  CHECK(used() == at_first + 12 * 4096);

  // One that uses more than it was told is served while there is memory.
  execute(*session, 15, 1, 15);
  CHECK(used() == at_first + 12 * 4096);

  session->trim();  // all were used since the last time
  session->trim();  // none was
  execute(*session, 0, 3, 0);
  CHECK(used() == at_first + 12 * 4096);  // it has not heard of it yet
  CHECK(ask(*session, 15, 1, 15)->kind == Kind::Replay);
  execute(*session, 0, 4, 0);            // now it has
  CHECK(used() == at_first - 2 * 4096);  // it uses all it was told, so it was told one more
  // What it had asked before is known to be answered, and is not executed again.
  CHECK(ask(*session, 15, 1, 15)->kind == Kind::Unkept);
  // The slot goes on with its number.
  CHECK(refusal(ask(*session, 15, 3, 15)) == Refusal::SequenceMisordered);
  execute(*session, 15, 2, 15);
  CHECK(used() == at_first + 12 * 4096);
}

TEST_CASE("a reply that may still be asked for is not given up with its slot") {
  // Memory for four, so that nobody is told to use more.
  World world(ClientLimits{.cached_bytes = 4096, .reply_bytes = 4 * 4096 + 1024});
  const auto session = world.session41(who("x"), 4);
  execute(*session, 3, 1, 3);
  session->trim();
  session->trim();
  execute(*session, 0, 1, 0);
  execute(*session, 3, 2, 3);  // since the client was told better
  execute(*session, 0, 2, 0);
  CHECK(ask(*session, 3, 2, 3)->kind == Kind::Replay);
  CHECK(world.clients->replies().is_short());
  session->trim();
  session->trim();
  execute(*session, 0, 3, 0);
  execute(*session, 0, 4, 0);
  CHECK(ask(*session, 3, 2, 3)->kind == Kind::Unkept);
  CHECK_FALSE(world.clients->replies().is_short());
}

TEST_CASE("a slot without memory is told to come again, and nothing was changed") {
  World world(ClientLimits{.cached_bytes = 4096, .reply_bytes = 8 * 4096 + 2048});
  const auto a = world.session41(who("a"), 8);  // one paid
  execute(*a, 6, 1, 6);
  const auto b = world.session41(who("b"), 8);
  CHECK(refusal(ask(*b, 1, 1, 1)) == Refusal::Delay);
  CHECK(refusal(ask(*b, 1, 1, 1)) == Refusal::Delay);
  execute(*b, 0, 1, 0);
  REQUIRE(world.clients->destroy_session(a->id(), wire));
  execute(*b, 1, 1, 1);
}

TEST_CASE("a new session when memory is short has the others asked for what they do not use") {
  World world(ClientLimits{.cached_bytes = 4096, .reply_bytes = 8 * 4096 + 2048});
  const auto a = world.session41(who("a"), 8);
  execute(*a, 6, 1, 6);
  a->trim();  // what was used until now
  execute(*a, 0, 1, 6);
  CHECK(world.clients->replies().is_short());
  const auto b = world.session41(who("b"), 8);
  CHECK(ask(*a, 0, 2, 0)->target_highest_slot == 0);
  a->finish(0, ditto::bytes_of("r"));
  CHECK(refusal(ask(*b, 4, 1, 4)) == Refusal::Delay);
  execute(*a, 0, 3, 0);
  execute(*b, 4, 1, 4);
}
