#include <catch2/catch.hpp>

#include "base/bytes.hpp"
#include "state/clients_support.hpp"

using namespace ditto::state;
using namespace ditto::state::test;

namespace {

using Kind = OwnerSequenced::Kind;
using Use = OwnerUse;

struct Fixture {
  ClientLimits limits{.lease_ns = 90 * second, .owner_bytes = 64, .owners_per_client = 4, .owner_reply_bytes = 16};
  ReplyBudget replies{1000};
  Owners owners{limits, replies};
  Moment now = 0;

  Answer<Owners::Begun> begin(std::string_view owner, Use use, std::uint32_t sequence, Fingerprint fingerprint = 1) {
    const OwnerKind kind = use == Use::Lock ? OwnerKind::Lock : OwnerKind::Open;
    return owners.begin(kind, owner, {.use = use, .sequence = sequence, .fingerprint = fingerprint}, now);
  }
  /// From beginning to end.
  std::shared_ptr<OwnerSequence> run(std::string_view owner, Use use, std::uint32_t sequence,
                                     std::string_view reply = "r", bool confirms = false) {
    const auto begun = begin(owner, use, sequence);
    REQUIRE(begun);
    REQUIRE(begun->sequenced.kind == Kind::Execute);
    begun->owner->finish({.confirms = confirms, .reply = ditto::bytes_of(reply)});
    return begun->owner;
  }
  std::shared_ptr<OwnerSequence> confirmed(std::string_view owner, std::uint32_t sequence = 10) {
    return run(owner, Use::Reclaim, sequence, "r", true);
  }
};

}  // namespace

TEST_CASE("owners: what each request gets, by where the owner stands") {
  enum class Stands { New, Unconfirmed, Confirmed, LockOwner };
  struct Row {
    Stands stands;  // its last number is 10
    Use use;
    std::uint32_t sequence;
    std::optional<Refusal> refusal;
    Kind kind;
    bool needs_confirm, replaces;
  };
  using enum Stands;
  using enum Kind;
  const auto bad = Refusal::BadSequenceId;
  const auto early = Refusal::OwnerUnconfirmed;
  const Row rows[] = {
      {New, Use::Open, 77, {}, Execute, true, false},
      {New, Use::Reclaim, 77, {}, Execute, false, false},
      {New, Use::Lock, 77, {}, Execute, false, false},
      {New, Use::Confirm, 77, bad, Execute, false, false},
      {New, Use::Other, 77, bad, Execute, false, false},
      {Unconfirmed, Use::Open, 10, {}, Replay, false, false},
      {Unconfirmed, Use::Open, 11, {}, Execute, true, true},
      {Unconfirmed, Use::Open, 50, {}, Execute, true, true},
      {Unconfirmed, Use::Reclaim, 50, {}, Execute, false, true},
      {Unconfirmed, Use::Confirm, 11, {}, Execute, false, false},
      {Unconfirmed, Use::Confirm, 12, bad, Execute, false, false},
      {Unconfirmed, Use::Other, 11, early, Execute, false, false},
      {Confirmed, Use::Open, 11, {}, Execute, false, false},
      {Confirmed, Use::Open, 10, {}, Replay, false, false},
      {Confirmed, Use::Open, 9, bad, Execute, false, false},
      {Confirmed, Use::Open, 12, bad, Execute, false, false},
      {Confirmed, Use::Other, 11, {}, Execute, false, false},
      {Confirmed, Use::Other, 0, bad, Execute, false, false},
      {LockOwner, Use::Lock, 11, {}, Execute, false, false},
      {LockOwner, Use::Lock, 10, {}, Replay, false, false},
      {LockOwner, Use::Lock, 13, bad, Execute, false, false},
  };
  for (const Row& row : rows) {
    CAPTURE(&row - rows);
    Fixture f;
    if (row.stands == Unconfirmed) f.run("o", Use::Open, 10);
    if (row.stands == Confirmed) f.confirmed("o", 10);
    if (row.stands == LockOwner) f.run("o", Use::Lock, 10);
    const auto answer = f.begin("o", row.use, row.sequence);
    CHECK(refusal(answer) == row.refusal);
    if (!answer) continue;
    CHECK(answer->sequenced.kind == row.kind);
    CHECK(answer->sequenced.needs_confirm == row.needs_confirm);
    CHECK(answer->sequenced.replaces_unconfirmed == row.replaces);
    if (row.kind == Replay) CHECK(ditto::text_of(*answer->sequenced.reply) == "r");
  }
}

TEST_CASE("owners: OPEN, OPEN_CONFIRM, and then by one") {
  Fixture f;
  const auto owner = f.run("o", Use::Open, 5);
  CHECK_FALSE(owner->confirmed());
  f.run("o", Use::Confirm, 6, "c", true);
  CHECK(owner->confirmed());
  CHECK(f.begin("o", Use::Confirm, 6)->sequenced.kind == Kind::Replay);
  f.run("o", Use::Open, 7);
}

TEST_CASE("owners: numbers wrap without leaving one out") {
  Fixture f;
  f.confirmed("o", 0xfffffffe);
  f.run("o", Use::Other, 0xffffffff);
  CHECK(refusal(f.begin("o", Use::Other, 1)) == Refusal::BadSequenceId);
  f.run("o", Use::Other, 0);
  CHECK(f.begin("o", Use::Other, 0)->sequenced.kind == Kind::Replay);
  CHECK(refusal(f.begin("o", Use::Other, 0xffffffff)) == Refusal::BadSequenceId);
  f.run("o", Use::Other, 1);
}

TEST_CASE("owners: errors that leave the number, and a request that still runs") {
  Fixture f;
  const auto owner = f.confirmed("o", 10);
  const auto begun = f.begin("o", Use::Other, 11);
  REQUIRE(begun);
  CHECK(f.begin("o", Use::Other, 11)->sequenced.kind == Kind::InProgress);
  CHECK(refusal(f.begin("o", Use::Other, 11, 2)) == Refusal::BadSequenceId);
  CHECK(refusal(f.begin("o", Use::Other, 12)) == Refusal::BadSequenceId);
  owner->finish({.advance = false});
  CHECK(f.begin("o", Use::Other, 10)->sequenced.kind == Kind::Replay);
  CHECK(f.begin("o", Use::Other, 11)->sequenced.kind == Kind::Execute);
}

TEST_CASE("owners: a first OPEN that left the number leaves a new owner") {
  Fixture f;
  const auto begun = f.begin("o", Use::Open, 3);
  begun->owner->finish({.advance = false});
  const auto again = f.begin("o", Use::Open, 900);
  REQUIRE(again);
  CHECK(again->sequenced.needs_confirm);
  CHECK_FALSE(again->sequenced.replaces_unconfirmed);
}

TEST_CASE("owners: the last number for something else is not a retry") {
  Fixture f;
  f.confirmed("o", 10);
  CHECK(refusal(f.begin("o", Use::Other, 10, 2)) == Refusal::BadSequenceId);
  CHECK(f.begin("o", Use::Other, 10, 1)->sequenced.kind == Kind::Replay);
}

TEST_CASE("owners: kept replies are bounded, each and together") {
  Fixture f;
  const auto owner = f.run("o", Use::Lock, 1, "1234567890123456");
  CHECK(f.replies.used() == 16);
  f.run("o", Use::Lock, 2, "12345678901234567");
  CHECK(f.replies.used() == 0);
  CHECK(refusal(f.begin("o", Use::Lock, 2)) == Refusal::RetryUncachedReply);
  REQUIRE(f.replies.take(990));
  f.run("o", Use::Lock, 3, "12345678901");
  CHECK(refusal(f.begin("o", Use::Lock, 3)) == Refusal::RetryUncachedReply);
  f.run("o", Use::Lock, 4, "1234567890");
  CHECK(f.begin("o", Use::Lock, 4)->sequenced.kind == Kind::Replay);
  CHECK(f.replies.used() == 1000);
}

TEST_CASE("owners: at the limit the longest idle goes, never one in use") {
  Fixture f;
  std::vector<std::shared_ptr<OwnerSequence>> owners;
  for (const char* name : {"a", "b", "c", "d"}) {
    f.now += second;
    owners.push_back(f.confirmed(name));
  }
  owners[0]->hold();
  f.now += second;
  CHECK(f.begin("e", Use::Reclaim, 1));  // in the room of b
  CHECK(f.owners.count() == 4);
  CHECK(f.begin("a", Use::Open, 10)->sequenced.kind == Kind::Replay);
  CHECK(refusal(owners[1]->begin({.use = Use::Other, .sequence = 11}, f.now)) == Refusal::BadSequenceId);

  owners[2]->hold();
  owners[3]->hold();
  CHECK(refusal(f.begin("f", Use::Open, 1)) == Refusal::TooManyOwners);  // e still runs
  owners[2]->drop(f.now);
  CHECK(f.begin("f", Use::Open, 1));
  CHECK(refusal(f.begin(std::string(65, 'x'), Use::Open, 1)) == Refusal::Invalid);
}

TEST_CASE("RELEASE_LOCKOWNER") {
  Fixture f;
  const auto owner = f.run("o", Use::Lock, 1);
  const auto opens = f.confirmed("o");  // an open owner of the same name is another
  owner->hold();
  CHECK(refusal(f.owners.release_lock_owner("o")) == Refusal::LocksHeld);
  owner->drop(f.now);
  CHECK(f.owners.release_lock_owner("o"));
  CHECK(f.owners.release_lock_owner("o"));
  CHECK(f.owners.count() == 1);
  CHECK(f.replies.used() == 1);
  CHECK(f.begin("o", Use::Open, 10)->sequenced.kind == Kind::Replay);
}

TEST_CASE("owners: idle ones are forgotten after a lease; opens that were not confirmed are handed back") {
  World world;
  const auto client = world.client40(who("x"));
  const auto open = [&](std::string_view name, bool confirms) {
    const auto begun = client->owners.begin(OwnerKind::Open, name, {.use = Use::Open, .sequence = 1}, world.now);
    REQUIRE(begun);
    begun->owner->finish({.confirms = confirms, .reply = ditto::bytes_of("r")});
    return begun->owner;
  };
  open("idle", true);
  const auto used = open("used", true);
  used->hold();
  const auto never_confirmed = open("late", false);
  never_confirmed->hold();
  CHECK(client->owners.count() == 3);
  world.now += 60 * second;
  REQUIRE(world.clients->renew(client->id, world.now));
  world.pass(30);
  CHECK(client->owners.count() == 1);
  REQUIRE(world.lapsed.size() == 1);
  CHECK(world.lapsed[0].client == client->id);
  CHECK(world.lapsed[0].owner == never_confirmed);
  CHECK_FALSE(used->begin({.use = Use::Other, .sequence = 5}, world.now));
  CHECK(used->begin({.use = Use::Other, .sequence = 2}, world.now));
}
