// The tables of the lock manager as rpc serves them, the message forms, and what versions 1 and 3 make of it.
#include "lock_world.hpp"

using namespace ditto;
using namespace ditto::test;
using enum nlm::nlm4_stats;

namespace {

const Who a{"a", 1}, b{"b", 1};

const rpc::Program& program_of(const LockWorld& world, std::uint32_t version) {
  const auto found = world.programs.find(100021, version);
  REQUIRE(found.program);
  return *found.program;
}

nlm::nlm_lockargs narrow_lock(const LockWorld& world, const Who& who, std::uint32_t offset, std::uint32_t length) {
  return {LockWorld::cookie(), false, true, nlm::narrow(world.lock_of(who, {offset, length})), false, 1};
}

nlm::nlm4_stats stat_of(const BufferChain& result) {
  const auto decoded = xdr::decode<nlm::nlm4_res>(result);
  REQUIRE(decoded);
  CHECK(decoded->cookie == LockWorld::cookie());
  return decoded->stat;
}

}  // namespace

TEST_CASE("NLM has versions 1, 3 and 4, with NULL in each") {
  LockWorld world;
  CHECK(program_of(world, 1).procedures().size() == 16);
  CHECK(program_of(world, 3).procedures().size() == 24);
  CHECK(program_of(world, 4).procedures().size() == 24);
  CHECK(world.programs.find(100021, 2).why == rpc::accept_stat::PROG_MISMATCH);
  for (const std::uint32_t version : {1U, 3U, 4U}) {
    BufferChain results;
    CHECK(world.invoke(program_of(world, version), 0, {}, results) == rpc::accept_stat::SUCCESS);
    CHECK(results.empty());
    CHECK_FALSE(program_of(world, version).find(17));
  }
  CHECK(program_of(world, 4).procedures()[23].name == "FREE_ALL");
}

TEST_CASE("LOCK and TEST in versions 1 and 3 have 32 bits") {
  for (const std::uint32_t version : {1U, 3U}) {
    LockWorld world;
    BufferChain results;
    const rpc::Program& program = program_of(world, version);
    CHECK(world.invoke(program, 2, xdr::encode(narrow_lock(world, a, 100, 20)), results) == rpc::accept_stat::SUCCESS);
    CHECK(stat_of(results) == NLM4_GRANTED);
    CHECK(world.lock(b, {0x1'0000'0000, 5}) == NLM4_GRANTED);

    const nlm::nlm_testargs question{LockWorld::cookie(), true, nlm::narrow(world.lock_of(b, {110, 1}))};
    CHECK(world.invoke(program, 1, xdr::encode(question), results) == rpc::accept_stat::SUCCESS);
    const auto met = xdr::decode<nlm::nlm_testres>(results);
    REQUIRE(met);
    CHECK(met->stat.stat == NLM4_DENIED);
    CHECK(met->stat.holder.l_offset == 100);
    CHECK(met->stat.holder.l_len == 20);

    const nlm::nlm_testargs rest{LockWorld::cookie(), true, nlm::narrow(world.lock_of(a, {200, 0}))};
    CHECK(world.invoke(program, 1, xdr::encode(rest), results) == rpc::accept_stat::SUCCESS);
    const auto beyond = xdr::decode<nlm::nlm_testres>(results);
    REQUIRE(beyond);
    CHECK(beyond->stat.stat == NLM4_DENIED);
    CHECK(beyond->stat.holder.l_offset == 0xffffffff);
    CHECK(beyond->stat.holder.l_len == 0);

    world.file = {};
    CHECK(world.invoke(program, 2, xdr::encode(narrow_lock(world, a, 0, 0)), results) == rpc::accept_stat::SUCCESS);
    CHECK(stat_of(results) == NLM4_DENIED_NOLOCKS);
    CHECK(world.invoke(program, 2, {}, results) == rpc::accept_stat::GARBAGE_ARGS);
  }
}

TEST_CASE("TEST_MSG, LOCK_MSG, CANCEL_MSG, UNLOCK_MSG and GRANTED_MSG are answered by calls of TEST_RES and its kin") {
  for (const std::uint32_t version : {3U, 4U}) {
    LockWorld world;
    world.version = version;
    CHECK(world.lock(b, {50, 1}) == NLM4_GRANTED);
    const auto sent = [&](std::uint32_t procedure) {
      const auto called = world.called();
      REQUIRE(called.size() == 1);
      CHECK(called[0].program == 100021);
      CHECK(called[0].version == version);
      CHECK(called[0].procedure == procedure);
      world.dialer.calls.clear();
      return called[0].arguments;
    };
    world.answer(BufferChain());
    world.call_on(world.nlm, &nlm::lock_msg, world.lock_args(a, {0, 10}));
    CHECK(stat_of(sent(12)) == NLM4_GRANTED);

    world.answer(BufferChain());
    world.call_on(world.nlm, &nlm::test_msg, {LockWorld::cookie(), true, world.lock_of(b, {0, 1})});
    const BufferChain tested = sent(11);
    const auto met = version == 4 ? xdr::decode<nlm::nlm4_testres>(tested)
                                  : std::optional(nlm::widen(*xdr::decode<nlm::nlm_testres>(tested)));
    REQUIRE(met);
    CHECK(met->stat.stat == NLM4_DENIED);
    CHECK(met->stat.holder.l_len == 10);

    world.answer(BufferChain());
    world.call_on(world.nlm, &nlm::cancel_msg, {LockWorld::cookie(), true, true, world.lock_of(a)});
    CHECK(stat_of(sent(13)) == NLM4_DENIED);
    world.answer(BufferChain());
    world.call_on(world.nlm, &nlm::unlock_msg, {LockWorld::cookie(), world.lock_of(a)});
    CHECK(stat_of(sent(14)) == NLM4_GRANTED);
    CHECK(world.is_free({0, 50}));
    world.answer(BufferChain());
    world.call_on(world.nlm, &nlm::granted_msg, {LockWorld::cookie(), true, world.lock_of(a)});
    CHECK(stat_of(sent(15)) == NLM4_DENIED);
  }
}

TEST_CASE("TEST_RES, LOCK_RES, CANCEL_RES, UNLOCK_RES and GRANTED_RES answer nothing that was asked") {
  LockWorld world;
  CHECK(world.lock(a) == NLM4_GRANTED);
  for (const auto handler : {&nlm::lock_res, &nlm::cancel_res, &nlm::unlock_res, &nlm::granted_res}) {
    world.call_on(world.nlm, handler, {LockWorld::cookie(), NLM4_DENIED});
  }
  world.call_on(world.nlm, &nlm::test_res, {});
  CHECK_FALSE(world.is_free());
  CHECK(world.dialer.calls.empty());
}
