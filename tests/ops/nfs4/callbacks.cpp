// CB_NOTIFY_LOCK over the backchannels of sessions: who is told what, and what becomes of a callback whose connection
// breaks, whose answer does not come, or says that client and server do not agree. Recalls are in recalls.cpp, version
// 0 in dialled_callbacks.cpp.
#include "ops/nfs4/callback_world.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;
using enum nfs_cb_opnum4;
using enum nfs_lock_type4;
using enum channel_dir_from_client4;

namespace {

constexpr std::uint32_t path_down = SEQ4_STATUS_CB_PATH_DOWN | SEQ4_STATUS_CB_PATH_DOWN_SESSION,
                        fault = SEQ4_STATUS_BACKCHANNEL_FAULT;

/// Who holds a lock, and who waits for it.
struct Contended {
  explicit Contended(CallbackServer& over) : server(over) {
    server.world.make_file(server.world.root(), "file", 0666, "contents");
    mine = holder.open("file", {.access = OPEN4_SHARE_ACCESS_BOTH});
    theirs = waiter.open("file", {.access = OPEN4_SHARE_ACCESS_BOTH});
    locked = holder.lock(mine, {0, 10});
    REQUIRE(locked.status == NFS4_OK);
  }
  nfsstat4 ask(nfs_lock_type4 type = WRITEW_LT) { return waiter.lock(theirs, {0, 10, type}, "waiting").status; }
  void unlock() { REQUIRE(holder.unlock(mine, locked.stateid, {0, 10}).status == NFS4_OK); }
  /// The waiter is told, whatever comes of it.
  void tell() {
    REQUIRE(ask() == NFS4ERR_DENIED);
    unlock();
  }

  CallbackServer& server;
  Holder holder{server, 1, "holder"};
  Called waiter{server, "waiter"};
  Opened mine, theirs;
  Locked locked;
};

}  // namespace

TEST_CASE("who waits for a lock is told when it is free, by the session's backchannel") {
  CallbackServer server;
  Contended world(server);
  CHECK((world.theirs.rflags & OPEN4_RESULT_MAY_NOTIFY_LOCK) != 0);
  REQUIRE(world.ask() == NFS4ERR_DENIED);
  CHECK(world.waiter.back.calls.empty());
  world.unlock();
  REQUIRE(world.waiter.back.calls.size() == 1);
  const CalledBack& told = world.waiter.back.calls.front();
  CHECK(told.call.program == world.waiter.program);
  CHECK(told.call.version == 1);
  CHECK(told.call.procedure == 1);
  REQUIRE(told.call.identity);
  CHECK(told.call.identity->machine_name == "machine");
  CHECK(told.call.identity->caller.uid == 77);
  CHECK(told.call.identity->caller.gid == 78);
  REQUIRE(told.call.identity->caller.groups().size() == 1);
  CHECK(told.call.identity->caller.groups()[0] == 5);
  CHECK(told.minor == 1);
  CHECK(told.count == 2);
  CHECK(told.sequence.csa_sessionid == world.waiter.sequence.sa_sessionid);
  CHECK(told.sequence.csa_slotid == 0);
  CHECK(told.sequence.csa_sequenceid == 1);
  CHECK(told.sequence.csa_highest_slotid == 0);
  CHECK(told.sequence.csa_referring_call_lists.empty());
  CHECK(told.number == OP_CB_NOTIFY_LOCK);
  CHECK(told.notice.cnla_fh == world.theirs.handle);
  CHECK(told.notice.cnla_lock_owner.clientid == world.waiter.id);
  CHECK(ditto::text_of(told.notice.cnla_lock_owner.owner.bytes()) == "waiting");

  // It is kept for who was told.
  CHECK(world.holder.test(world.mine.handle, {0, 10}).status == NFS4ERR_DENIED);
  CHECK(world.ask() == NFS4_OK);
  const CallbackCounts counts = server.counts();
  CHECK(counts.sent == 1);
  CHECK(counts.lock_notices == 1);
  CHECK(counts.answered == 1);
  CHECK(server.callbacks.waiting() == 0);
  CHECK(server.callbacks.lock_waits().size() == 0);
}

TEST_CASE("a client is called in the minor version that it speaks") {
  CallbackServer server;
  Contended world(server);
  world.waiter.minor = 2;
  const BACKCHANNEL_CTL4args again{world.waiter.program, world.waiter.security};
  REQUIRE(world.waiter.status(Ops().add(OP_BACKCHANNEL_CTL, again)) == NFS4_OK);
  world.tell();
  REQUIRE(world.waiter.back.calls.size() == 1);
  CHECK(world.waiter.back.calls.front().minor == 2);
}

TEST_CASE("who does not wait, has gone without its lock, or has no backchannel is not told") {
  CallbackServer server;
  Contended world(server);
  Called mute(server, "mute", false);
  const Opened opened = mute.open("file", {.access = OPEN4_SHARE_ACCESS_BOTH});
  CHECK((opened.rflags & OPEN4_RESULT_MAY_NOTIFY_LOCK) == 0);
  Holder zero(server, 0, "zero");
  CHECK((zero.open("file").rflags & OPEN4_RESULT_MAY_NOTIFY_LOCK) == 0);

  REQUIRE(world.ask(WRITE_LT) == NFS4ERR_DENIED);
  REQUIRE(mute.lock(opened, {0, 10, WRITEW_LT}).status == NFS4ERR_DENIED);
  world.unlock();
  CHECK(world.waiter.back.calls.empty());
  CHECK(server.counts().sent == 0);
  server.wait_seconds(6);
  CHECK(server.callbacks.waiting() == 0);
  CHECK(server.counts().dropped == 1);
}

TEST_CASE("a callback waits for its turn in the slots of the session") {
  CallbackServer server;
  Contended world(server);
  world.waiter.back.holds = true;
  const std::size_t slots = 4;
  for (std::uint64_t i = 1; i <= slots + 2; ++i) {
    const std::string owner = "owner" + std::to_string(i);
    REQUIRE(world.waiter.lock(world.theirs, {0, 10, READW_LT}, owner).status == NFS4ERR_DENIED);
  }
  world.unlock();
  REQUIRE(world.waiter.back.calls.size() == slots);
  for (std::uint32_t slot = 0; slot < slots; ++slot) {
    CHECK(world.waiter.back.calls[slot].sequence.csa_slotid == slot);
    CHECK(world.waiter.back.calls[slot].sequence.csa_sequenceid == 1);
  }
  world.waiter.back.release(answer_to(world.waiter.back.calls[0]));
  server.turn();
  REQUIRE(world.waiter.back.calls.size() == slots + 1);
  CHECK(world.waiter.back.calls[slots].sequence.csa_slotid == 0);
  CHECK(world.waiter.back.calls[slots].sequence.csa_sequenceid == 2);
  CHECK(world.waiter.back.calls[slots].sequence.csa_highest_slotid == 3);
  // Answered in another order.
  world.waiter.back.holds = false;
  for (const std::size_t i : {1, 2, 3, 4}) world.waiter.back.release(answer_to(world.waiter.back.calls[i]));
  server.turn();
  CHECK(world.waiter.back.calls.size() == slots + 2);
  CHECK(server.counts().answered == slots + 2);
}

TEST_CASE("a callback whose connection is lost goes again by another, by the same number and bytes") {
  CallbackServer server;
  Contended world(server);
  CHECK((world.waiter.flags() & (path_down | fault)) == 0);
  world.waiter.back.holds = true;
  world.tell();
  REQUIRE(world.waiter.back.held() == 1);
  const BufferChain once = world.waiter.back.calls[0].call.arguments;

  world.waiter.back.is_gone = true;
  world.waiter.back.release(rpc::call_failed(rpc::CallFailure::Gone));
  Backchannel other;
  world.waiter.reconnect(&other);
  CHECK((world.waiter.flags() & path_down) == path_down);
  server.wait_seconds(8);  // longer than the lock is kept: the slot is not free before the client says so
  CHECK(other.calls.empty());
  const auto bound = world.waiter.bind(CDFC4_FORE_OR_BOTH);
  CHECK(bound.resok4.bctsr_dir == channel_dir_from_server4::CDFS4_BOTH);
  REQUIRE(other.calls.size() == 1);
  CHECK(other.calls[0].call.arguments == once);
  CHECK((world.waiter.flags() & (path_down | fault)) == 0);
  const CallbackCounts counts = server.counts();
  CHECK(counts.sent == 2);
  CHECK(counts.lost == 1);
  CHECK(counts.answered == 1);
}

TEST_CASE("a callback that is lost goes at once by another connection that the session has") {
  CallbackServer server;
  Contended world(server);
  Backchannel other;
  const auto first_connection = world.waiter.connection;
  world.waiter.reconnect(&other);
  REQUIRE(world.waiter.bind(CDFC4_BACK_OR_BOTH).status == NFS4_OK);
  world.waiter.back.next(rpc::CallFailure::Gone);
  world.tell();
  REQUIRE(world.waiter.back.calls.size() == 1);
  REQUIRE(other.calls.size() == 1);
  CHECK(other.calls[0].call.arguments == world.waiter.back.calls[0].call.arguments);
  CHECK((world.waiter.flags() & path_down) == 0);
}

TEST_CASE("a client that does not answer in time has no backchannel until it binds a connection again") {
  CallbackServer server;
  Contended world(server);
  world.waiter.back.next(rpc::CallFailure::TimedOut);
  world.tell();
  CHECK(server.counts().timed_out == 1);
  CHECK((world.waiter.flags() & path_down) == path_down);
  // It had come, and was not answered; its answer was not kept.
  world.waiter.back.next([](const CalledBack& call) { return answer_to(call, NFS4ERR_RETRY_UNCACHED_REP); });
  REQUIRE(world.waiter.bind(CDFC4_FORE_OR_BOTH).status == NFS4_OK);
  CHECK(world.waiter.back.calls.size() == 2);
  CHECK(server.counts().answered == 1);
  CHECK((world.waiter.flags() & (path_down | fault)) == 0);
}

TEST_CASE("CB_SEQUENCE that says DELAY is asked again, by the number that is not used up") {
  CallbackServer server;
  Contended world(server);
  world.waiter.back.next(NFS4_OK, NFS4ERR_DELAY);
  world.tell();
  REQUIRE(world.waiter.back.calls.size() == 1);
  server.wait_seconds(1);
  REQUIRE(world.waiter.back.calls.size() == 2);
  CHECK(world.waiter.back.calls[1].sequence.csa_sequenceid == 1);
  CHECK(server.counts().answered == 1);
}

TEST_CASE("a backchannel that client and server do not agree about is a fault, and a new session helps") {
  for (const nfsstat4 status : {NFS4ERR_SEQ_MISORDERED, NFS4ERR_BADSESSION, NFS4ERR_BADSLOT, NFS4ERR_BADXDR}) {
    INFO(status);
    CallbackServer server;
    Contended world(server);
    world.waiter.back.next(NFS4_OK, status);
    world.tell();
    CHECK((world.waiter.flags() & fault) == fault);
    CHECK(world.waiter.back.calls.size() == 1);
    const DESTROY_SESSION4args old{world.waiter.sequence.sa_sessionid};
    REQUIRE(world.waiter.plain<status4res>(OP_DESTROY_SESSION, old).status == NFS4_OK);
    REQUIRE(world.waiter.new_session(3).status == NFS4_OK);
    REQUIRE(world.waiter.back.calls.size() == 2);
    CHECK(world.waiter.back.calls[1].sequence.csa_sessionid == world.waiter.sequence.sa_sessionid);
    CHECK((world.waiter.flags() & (path_down | fault)) == 0);
  }
}

TEST_CASE("an answer that is for another callback, or no answer at all, is a fault") {
  const auto wrong = [](auto spoil) {
    return [spoil](const CalledBack& call) {
      CalledBack other = call;
      spoil(other);
      return rpc::CallResult(answer_to(other));
    };
  };
  const Backchannel::Answer answers[] = {
      wrong([](CalledBack& call) { ++call.sequence.csa_sequenceid; }),
      wrong([](CalledBack& call) { ++call.sequence.csa_slotid; }),
      wrong([](CalledBack& call) { call.sequence.csa_sessionid[0] ^= std::byte{1}; }),
      wrong([](CalledBack& call) { call.number = OP_CB_RECALL; }),
      wrong([](CalledBack& call) { call.minor = 0; }),
      [](const CalledBack&) { return rpc::CallResult(chain_of("nonsense")); },
      [](const CalledBack&) { return rpc::CallResult(BufferChain()); },
  };
  for (const auto& answer : answers) {
    CallbackServer server;
    Contended world(server);
    world.waiter.back.next(answer);
    world.tell();
    CHECK((world.waiter.flags() & fault) == fault);
    CHECK(server.counts().answered == 0);
    CHECK(server.counts().failed == 1);
  }
}

TEST_CASE("a client that refuses who calls has no backchannel") {
  using enum rpc::CallFailure;
  for (const rpc::CallFailure failure : {AuthError, ProgramUnavailable, ProcedureUnavailable, GarbageArguments}) {
    CallbackServer server;
    Contended world(server);
    world.waiter.back.next(failure);
    world.tell();
    CHECK((world.waiter.flags() & (path_down | fault)) == path_down);
    CHECK(server.counts().failed == 1);
  }
}

TEST_CASE("DESTROY_SESSION waits for answers that may come, and for no others") {
  CallbackServer server;
  Contended world(server);
  world.waiter.back.holds = true;
  world.tell();
  const DESTROY_SESSION4args args{world.waiter.sequence.sa_sessionid};
  CHECK(world.waiter.plain<status4res>(OP_DESTROY_SESSION, args).status == NFS4ERR_BACK_CHAN_BUSY);
  world.waiter.back.is_gone = true;
  world.waiter.back.release(rpc::call_failed(rpc::CallFailure::Gone));
  server.turn();
  CHECK(world.waiter.plain<status4res>(OP_DESTROY_SESSION, args).status == NFS4_OK);
}

TEST_CASE("a callback that nobody can deliver is given up, and its session with it if it was sent") {
  CallbackServer server;
  Contended world(server);
  world.waiter.back.next(rpc::CallFailure::Gone);
  world.tell();
  server.wait_seconds(80);
  CHECK((world.waiter.flags() & (path_down | fault)) == path_down);
  CHECK(server.callbacks.waiting() == 1);
  server.wait_seconds(15);
  CHECK((world.waiter.flags() & fault) == fault);
  CHECK(server.callbacks.waiting() == 0);
  CHECK(server.counts().dropped == 1);
}

TEST_CASE("a client that goes takes along what it was to be told") {
  CallbackServer server;
  Contended world(server);
  world.waiter.back.holds = true;
  world.tell();
  REQUIRE(world.waiter.back.held() == 1);
  server.keeper->drop(world.waiter.id);
  world.waiter.back.release(answer_to(world.waiter.back.calls[0]));
  server.turn();
  CHECK(server.callbacks.waiting() == 0);
  CHECK(server.callbacks.lock_waits().size() == 0);
}
