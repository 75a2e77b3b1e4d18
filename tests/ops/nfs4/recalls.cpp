// CB_RECALL: grants of state/, which the test gives directly, are asked back from clients of both minor versions, until
// they have answered or lost them.
#include "gate/coordinator.hpp"
#include "gate/operation.hpp"
#include "ops/nfs4/callback_world.hpp"
#include "vfs/filehandle.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;
using enum nfs_cb_opnum4;

namespace {

constexpr stateid4 given{.seqid = 1, .other = {std::byte{9}, std::byte{8}}};

/// A client that has a file open, and a grant on it.
struct Granted {
  Granted(CallbackServer& over, Holder& client, std::optional<Delegated::Request> request = {}) : server(over) {
    server.world.make_file(server.world.root(), "file", 0666, "contents");
    const Opened opened = client.open("file", {.access = OPEN4_SHARE_ACCESS_READ | OPEN4_SHARE_ACCESS_WANT_NO_DELEG});
    REQUIRE(opened.status == NFS4_OK);
    handle = opened.handle;
    const auto node = vfs::Filehandle::parse(handle.bytes());
    REQUIRE(node);
    file = gate::file_key(server.world.share().file_system(), node->node);
    grant = coordinator().new_id();
    holder = server.keeper->clients().client(client.id);
    REQUIRE(holder);
    REQUIRE(holder->grants.add());
    server.callbacks.delegations().note(grant,
                                        {.client = client.id, .stateid = given, .handle = handle, .request = request});
    coordinator().files().with(file, [&](state::FileState& state) {
      REQUIRE(state.grant({grant, {client.id, {}}, state::GrantKind::Delegation, state::caching::rwh}));
    });
  }
  gate::Coordinator& coordinator() const { return server.world.shares.coordinator(); }

  /// Somebody wants to write. True: he may.
  bool write() {
    bool may = false;
    state::Effects effects;
    const state::Moment by = server.keeper->now() + gate::recall_time;
    coordinator().files().with(file, [&](state::FileState& state) {
      const auto verdict = state.enter(state::Operation::Write, {}, {}, by, effects);
      may = verdict.kind == state::Verdict::Kind::Proceed;
    });
    coordinator().deliver(effects);
    server.turn();
    return may;
  }
  bool is_held() const {
    bool held = false;
    coordinator().files().with(file, [&](state::FileState& state) { held = state.grants().find(grant) != nullptr; });
    return held;
  }

  CallbackServer& server;
  nfs_fh4 handle;
  state::FileKey file;
  state::GrantId grant = 0;
  std::shared_ptr<state::Client> holder;
};

}  // namespace

TEST_CASE("CB_RECALL names the stateid and the filehandle, once, and the grant stays until it is returned") {
  CallbackServer server;
  Called client(server, "client");
  Granted granted(server, client);
  CHECK_FALSE(granted.write());
  CHECK_FALSE(granted.write());
  REQUIRE(client.back.calls.size() == 1);
  const CalledBack& recalled = client.back.calls.front();
  CHECK(recalled.number == OP_CB_RECALL);
  CHECK(recalled.recall.stateid == given);
  CHECK(recalled.recall.fh == granted.handle);
  CHECK_FALSE(recalled.recall.truncate);
  CHECK(server.counts().recalls == 1);
  CHECK(server.counts().answered == 1);
  CHECK(granted.is_held());
  server.callbacks.returned(granted.file, granted.grant);
  CHECK_FALSE(granted.is_held());
  CHECK(granted.holder->grants.count() == 0);
  CHECK(granted.write());
}

TEST_CASE("CB_RECALL says which reply told of the delegation, until the client has seen it") {
  CallbackServer server;
  Called client(server, "client");
  state::SessionId session;
  std::ranges::copy(client.sequence.sa_sessionid, session.bytes.begin());
  // That of the OPEN.
  for (const bool seen : {false, true}) {
    INFO("seen: " << seen);
    client.back.calls.clear();
    const std::uint32_t number = client.sequence.sa_sequenceid + 1;
    Granted granted(server, client, Delegated::Request{session, 0, number});
    REQUIRE(client.sequence.sa_sequenceid == number);
    if (seen) (void)client.flags();
    CHECK_FALSE(granted.write());
    REQUIRE(client.back.calls.size() == 1);
    const auto& lists = client.back.calls[0].sequence.csa_referring_call_lists;
    REQUIRE(lists.size() == (seen ? 0 : 1));
    if (!seen) {
      CHECK(lists[0].rcl_sessionid == client.sequence.sa_sessionid);
      REQUIRE(lists[0].rcl_referring_calls.size() == 1);
      CHECK(lists[0].rcl_referring_calls[0].rc_sequenceid == number);
      CHECK(lists[0].rcl_referring_calls[0].rc_slotid == 0);
    }
    server.callbacks.returned(granted.file, granted.grant);
    server.world.remove(server.world.root(), "file");
  }
}

TEST_CASE("CB_RECALL is kept until the client has a way, and sent again until it is answered") {
  CallbackServer server;
  Called client(server, "client");
  Granted granted(server, client);
  Backchannel second, third;
  client.back.next(NFS4ERR_DELAY);
  CHECK_FALSE(granted.write());
  client.back.next(rpc::CallFailure::Gone);
  server.wait_seconds(1);
  CHECK(client.back.calls.size() == 2);
  CHECK(client.back.calls[1].sequence.csa_sequenceid == 2);
  server.wait_seconds(30);
  CHECK(server.callbacks.waiting() == 1);
  client.reconnect(&second);
  second.next(rpc::CallFailure::TimedOut);
  REQUIRE(client.bind(channel_dir_from_client4::CDFC4_FORE_OR_BOTH).status == NFS4_OK);
  CHECK(second.calls.size() == 1);
  client.reconnect(&third);
  REQUIRE(client.bind(channel_dir_from_client4::CDFC4_FORE_OR_BOTH).status == NFS4_OK);
  REQUIRE(third.calls.size() == 1);
  CHECK(third.calls[0].call.arguments == second.calls[0].call.arguments);
  CHECK(third.calls[0].call.arguments == client.back.calls[1].call.arguments);
  CHECK(server.callbacks.waiting() == 0);
}

TEST_CASE("a client that does not know what is recalled is believed when it says so for the third time") {
  for (const nfsstat4 status : {NFS4ERR_BAD_STATEID, NFS4ERR_BADHANDLE}) {
    CallbackServer server;
    Called client(server, "client");
    Granted granted(server, client);
    for (int i = 0; i < 3; ++i) client.back.next(status);
    CHECK_FALSE(granted.write());
    server.wait_seconds(1);
    CHECK(granted.is_held());
    server.wait_seconds(1);
    CHECK(client.back.calls.size() == 3);
    CHECK_FALSE(granted.is_held());
    CHECK(granted.holder->grants.count() == 0);
    CHECK(granted.write());
    CHECK((client.flags() & SEQ4_STATUS_RECALLABLE_STATE_REVOKED) == 0);
  }
}

TEST_CASE("a recall that did not go out before the delegation came back never does") {
  CallbackServer server;
  Called client(server, "client");
  Granted granted(server, client);
  client.reconnect(nullptr);
  CHECK_FALSE(granted.write());
  CHECK(server.callbacks.waiting() == 1);
  server.callbacks.returned(granted.file, granted.grant);
  CHECK(server.callbacks.waiting() == 0);
  client.reconnect(&client.back);
  REQUIRE(client.bind(channel_dir_from_client4::CDFC4_FORE_OR_BOTH).status == NFS4_OK);
  CHECK(client.back.calls.empty());
}

TEST_CASE("recalls to one client are bounded, and so are all") {
  CallbackQueues queues;
  const auto message = [](state::GrantId grant) {
    return Message{.operation = CB_RECALL4args{}, .grant = grant, .file = {}, .request = {}, .until = 100, .sent = {}};
  };
  for (std::size_t i = 0; i < CallbackQueues::most_of_a_client; ++i) REQUIRE(queues.add(1, 4, message(i + 1)));
  CHECK_FALSE(queues.add(1, 4, message(1)));
  for (state::ClientId client = 2; queues.size() < CallbackQueues::most; ++client) {
    for (std::size_t i = 0; i < CallbackQueues::most_of_a_client; ++i) REQUIRE(queues.add(client, 4, message(i + 1)));
  }
  CHECK_FALSE(queues.add(1000, 4, message(1)));
  CHECK(queues.clients().size() == CallbackQueues::most / CallbackQueues::most_of_a_client);
  CHECK(queues.start(1, 0) == 4);
  CHECK(queues.start(1, 0) == 0);
  CHECK(queues.next(1, 0)->grant == 1);
  queues.cancel_recall(1, 2);
  CHECK(queues.next(1, 0)->grant == 3);
  CHECK(queues.expire(99).empty());
  CHECK(queues.expire(100).size() == CallbackQueues::most - 3);
  CHECK(queues.size() == 0);
  for (int worker = 0; worker < 4; ++worker) CHECK_FALSE(queues.next(1, 0));
  CHECK(queues.clients().empty());
}
