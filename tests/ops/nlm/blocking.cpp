// LOCK that waits, NLM_GRANTED, CANCEL, and what comes in between.
#include "lock_world.hpp"

using namespace ditto;
using namespace ditto::test;
using enum nlm::nlm4_stats;

namespace {

const Who a{"a", 1}, b{"b", 1}, c{"c", 1};

/// `a` holds the file, and `b` waits for it.
struct Waiting : LockWorld {
  Waiting() {
    CHECK(lock(a) == NLM4_GRANTED);
    CHECK(block(b) == NLM4_BLOCKED);
    CHECK(dialer.calls.empty());
  }
};

}  // namespace

TEST_CASE("LOCK that waits is granted by a call when its turn comes") {
  Waiting world;
  world.answer(NLM4_GRANTED);
  CHECK(world.unlock(a) == NLM4_GRANTED);
  const auto called = world.called();
  REQUIRE(called.size() == 1);
  CHECK(called[0].program == 100021);
  CHECK(called[0].version == 4);
  CHECK(called[0].procedure == 5);
  CHECK(world.dialer.dialed.back().endpoint.port == 4045);
  CHECK(world.dialer.dialed.back().endpoint.address == world.peer.address);
  const auto args = xdr::decode<nlm::nlm4_testargs>(called[0].arguments);
  REQUIRE(args);
  CHECK(args->exclusive);
  CHECK(args->alock.svid == 1);
  CHECK(args->alock.caller_name.view() == "b");
  CHECK(args->alock.oh == world.lock_of(b).oh);
  CHECK(args->alock.fh == world.lock_of(b).fh);
  CHECK(world.lock(a) == NLM4_DENIED);
  CHECK(world.nlm.blocks.size() == 0);
  CHECK(world.unlock(b) == NLM4_GRANTED);
  CHECK(world.is_free());
  CHECK(world.nlm.hosts.owners() == 0);
}

TEST_CASE("LOCK that waits in version 3 is granted in version 3") {
  LockWorld world;
  CHECK(world.lock(a) == NLM4_GRANTED);
  world.version = 3;
  CHECK(world.block(b, {7, 5}) == NLM4_BLOCKED);
  world.answer(NLM4_GRANTED);
  CHECK(world.unlock(a) == NLM4_GRANTED);
  const auto called = world.called();
  REQUIRE(called.size() == 1);
  CHECK(called[0].version == 3);
  const auto args = xdr::decode<nlm::nlm_testargs>(called[0].arguments);
  REQUIRE(args);
  CHECK(args->alock.l_offset == 7);
  CHECK(args->alock.l_len == 5);
}

TEST_CASE("LOCK that waits and is sent again waits once") {
  Waiting world;
  CHECK(world.block(b) == NLM4_BLOCKED);
  CHECK(world.nlm.blocks.size() == 1);
  CHECK(world.shares.coordinator().waiting_for_locks() == 1);
  world.answer(NLM4_GRANTED);
  CHECK(world.unlock(a) == NLM4_GRANTED);
  CHECK(world.called().size() == 1);
  CHECK(world.unlock(b) == NLM4_GRANTED);
  CHECK(world.is_free());
}

TEST_CASE("LOCK: a client that denies its grant loses the lock to the next") {
  Waiting world;
  CHECK(world.block(c) == NLM4_BLOCKED);
  world.answer(NLM4_DENIED);
  world.answer(NLM4_GRANTED);
  CHECK(world.unlock(a) == NLM4_GRANTED);
  const auto called = world.called();
  REQUIRE(called.size() == 2);
  CHECK(xdr::decode<nlm::nlm4_testargs>(called[1].arguments)->alock.caller_name.view() == "c");
  CHECK(world.lock(c) == NLM4_GRANTED);
  CHECK(world.lock(b) == NLM4_DENIED);
}

TEST_CASE("LOCK: a client that does not answer is asked again, and then loses the lock") {
  Waiting world;
  CHECK(world.unlock(a) == NLM4_GRANTED);
  CHECK(world.dialer.calls.size() == 1);
  CHECK_FALSE(world.is_free());
  world.wait_seconds(3);
  CHECK(world.dialer.calls.size() == 3);
  CHECK_FALSE(world.is_free());
  world.wait_seconds(20);
  CHECK(world.dialer.calls.size() == 4);
  CHECK(world.is_free());
  CHECK(world.nlm.blocks.size() == 0);
  CHECK(world.nlm.hosts.owners() == 0);
}

TEST_CASE("LOCK: a client in its own grace period is asked again") {
  Waiting world;
  world.answer(NLM4_DENIED_GRACE_PERIOD);
  world.answer(NLM4_GRANTED);
  CHECK(world.unlock(a) == NLM4_GRANTED);
  world.wait_seconds(2);
  CHECK(world.called().size() == 2);
  CHECK_FALSE(world.is_free());
}

TEST_CASE("LOCK sent again while its grant is under way takes the lock, whatever the client says to the grant") {
  Waiting world;
  CHECK(world.unlock(a) == NLM4_GRANTED);  // the first attempt is lost
  CHECK(world.block(b) == NLM4_GRANTED);
  world.answer(NLM4_DENIED);
  world.wait_seconds(30);
  CHECK(world.called().empty());
  CHECK_FALSE(world.is_free());
  CHECK(world.nlm.blocks.size() == 0);
}

TEST_CASE("UNLOCK while its grant is under way is the client's last word") {
  Waiting world;
  CHECK(world.unlock(a) == NLM4_GRANTED);
  CHECK(world.unlock(b) == NLM4_GRANTED);
  CHECK(world.is_free());
  CHECK(world.lock(b) == NLM4_GRANTED);
  world.answer(NLM4_DENIED);
  world.wait_seconds(30);
  CHECK_FALSE(world.is_free());
}

TEST_CASE("CANCEL takes a waiting LOCK out") {
  Waiting world;
  CHECK(world.cancel(b, {}, false) == NLM4_DENIED);  // not that one
  CHECK(world.cancel(c) == NLM4_DENIED);
  CHECK(world.cancel(b) == NLM4_GRANTED);
  CHECK(world.cancel(b) == NLM4_DENIED);
  CHECK(world.unlock(a) == NLM4_GRANTED);
  CHECK(world.dialer.calls.empty());
  CHECK(world.is_free());
  CHECK(world.nlm.hosts.owners() == 0);
}

TEST_CASE("CANCEL gives up what was granted just now") {
  Waiting world;
  CHECK(world.unlock(a) == NLM4_GRANTED);
  CHECK(world.cancel(b) == NLM4_GRANTED);
  CHECK(world.is_free());
  world.wait_seconds(30);
  CHECK(world.dialer.calls.size() == 1);
}

TEST_CASE("LOCK that would close a circle of those that wait is a deadlock") {
  LockWorld world;
  CHECK(world.lock(a, {0, 1}) == NLM4_GRANTED);
  CHECK(world.lock(b, {1, 1}) == NLM4_GRANTED);
  CHECK(world.block(a, {1, 1}) == NLM4_BLOCKED);
  CHECK(world.block(b, {0, 1}) == NLM4_DEADLCK);
  CHECK(nlm::narrow(NLM4_DEADLCK) == NLM4_DENIED);
  CHECK(world.nlm.blocks.size() == 1);
}

TEST_CASE("LOCK: only so many wait") {
  LockWorld world({}, {.all = 3, .of_a_host = 2});
  CHECK(world.lock(a) == NLM4_GRANTED);
  CHECK(world.block({"b", 1}) == NLM4_BLOCKED);
  CHECK(world.block({"b", 2}) == NLM4_BLOCKED);
  CHECK(world.block({"b", 3}) == NLM4_DENIED_NOLOCKS);
  CHECK(world.block({"c", 1}) == NLM4_BLOCKED);
  CHECK(world.block({"d", 1}) == NLM4_DENIED_NOLOCKS);
  CHECK(world.nlm.hosts.owners() == 4);
}

TEST_CASE("LOCK: a host that is gone neither holds nor waits") {
  Waiting world;
  CHECK(world.block({"a", 2}) == NLM4_BLOCKED);
  CHECK(world.block(c) == NLM4_BLOCKED);
  world.answer(NLM4_GRANTED);
  world.answer(NLM4_GRANTED);
  world.call_on(world.nlm, &nlm::free_all, {nlm::name::copy_of("a"), 0});
  REQUIRE(world.called().size() == 1);  // b has it
  world.call_on(world.nlm, &nlm::free_all, {nlm::name::copy_of("b"), 0});
  REQUIRE(world.called().size() == 2);
  CHECK(xdr::decode<nlm::nlm4_testargs>(world.called()[1].arguments)->alock.caller_name.view() == "c");
  CHECK(world.unlock(c) == NLM4_GRANTED);
  CHECK(world.is_free());
}

TEST_CASE("LOCK: a host that is gone while it is told of its grant has nothing") {
  Waiting world;
  CHECK(world.unlock(a) == NLM4_GRANTED);
  world.call_on(world.nlm, &nlm::free_all, {nlm::name::copy_of("b"), 0});
  CHECK(world.is_free());
  CHECK(world.lock(a) == NLM4_GRANTED);
  world.wait_seconds(30);
  CHECK_FALSE(world.is_free());
}

TEST_CASE("GRANTED is not for this server") {
  LockWorld world;
  CHECK(world.call_on(world.nlm, &nlm::granted, {LockWorld::cookie(), true, world.lock_of(a)}).stat == NLM4_DENIED);
}

TEST_CASE("LOCK: grants end when the server does") {
  Waiting world;
  CHECK(world.unlock(a) == NLM4_GRANTED);
  world.outside.close();
  world.turn();
  CHECK(world.outside.wait_gone(std::chrono::milliseconds(0)));
  CHECK_FALSE(world.alarms.any());
}
