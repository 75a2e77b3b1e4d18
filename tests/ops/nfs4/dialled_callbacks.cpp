// Callbacks to clients of version 0, whom the server dials: which addresses it dials at all, when it tries them, and
// what a client hears that cannot be reached.
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

namespace {

constexpr std::uint32_t callback_program = 0x40000000;

/// A client that says where it wants to be called.
class Dialled : public Holder {
 public:
  explicit Dialled(CallbackServer& over) : Holder(over, 0), server(over) {}

  void callback(std::string_view netid, std::string_view address, std::uint32_t number = callback_program,
                std::uint32_t ident = 77) {
    SETCLIENTID4args args{.client = {v4::verifier_of(verifier), Owner::copy_of(bytes_of(name))}, .callback = {}};
    args.callback.cb_program = number;
    args.callback.cb_location.na_r_netid = decltype(args.callback.cb_location.na_r_netid)::copy_of(netid);
    args.callback.cb_location.na_r_addr = decltype(args.callback.cb_location.na_r_addr)::copy_of(address);
    args.callback_ident = ident;
    const auto known = plain<SETCLIENTID4res>(OP_SETCLIENTID, args);
    REQUIRE(known.status == NFS4_OK);
    REQUIRE(known.resok4.clientid == id);
    const SETCLIENTID_CONFIRM4args confirming{id, known.resok4.setclientid_confirm};
    REQUIRE(plain<status4res>(OP_SETCLIENTID_CONFIRM, confirming).status == NFS4_OK);
    server.turn();
  }
  nfsstat4 renew() { return plain<status4res>(OP_RENEW, RENEW4args{id}).status; }
  const state::Client& known() { return *server.keeper->clients().client(id); }
  bool is_reached() { return server.callbacks.reaches(known()); }
  /// As if a delegation had been given.
  void hold_a_grant() { REQUIRE(server.keeper->clients().client(id)->grants.add()); }

  /// A recall of something that the client holds.
  void recall() {
    const state::GrantId grant = server.world.shares.coordinator().new_id();
    server.callbacks.delegations().note(
        grant, {.client = id, .stateid = {.seqid = 3}, .handle = same_handle(server.world.root()), .request = {}});
    server.callbacks.recall({.grant = grant, .holder = {id, {}}});
    server.turn();
  }

  CallbackServer& server;

 private:
  using Owner = xdr::opaque<NFS4_OPAQUE_LIMIT>;
};

constexpr std::string_view own_host = "127.0.0.1.8.1";

BufferChain recalled(nfsstat4 status) {
  xdr::Writer writer;
  CB_COMPOUND4res_header header;
  header.status = status;
  header.count = 1;
  writer(header, nfs_cb_opnum4::OP_CB_RECALL, status4res{status});
  return writer.finish();
}

}  // namespace

TEST_CASE("a callback address is tried with CB_NULL once it is confirmed") {
  CallbackServer server;
  Dialled client(server);
  CHECK(server.dialer.dialed.empty());
  server.dialer.results.push_back(BufferChain());
  client.callback("tcp", own_host);
  REQUIRE(server.dialer.dialed.size() == 1);
  const rpc::Destination& dialed = server.dialer.dialed.front();
  CHECK(dialed.endpoint.port == 2049);
  CHECK(dialed.endpoint.address == server.world.peer.address);
  CHECK(dialed.protocol == rpc::portmap::Protocol::Tcp);
  CHECK_FALSE(dialed.from_privileged_port);
  REQUIRE(server.dialer.calls.size() == 1);
  const rpc::OutgoingCall& null = server.dialer.calls.front();
  CHECK(null.program == callback_program);
  CHECK(null.version == 1);
  CHECK(null.procedure == 0);
  REQUIRE(null.identity);
  CHECK(null.identity->machine_name == "server");
  CHECK(null.identity->caller.uid == server.world.caller.uid);
  CHECK(client.is_reached());
  CHECK(client.renew() == NFS4_OK);
  // Nothing new: it is not tried again.
  client.callback("tcp", own_host);
  server.wait_seconds(100);
  CHECK(server.counts().probes == 1);
}

TEST_CASE("only the host that the client comes from is dialled, by TCP, and only a callback program") {
  struct Row {
    std::string_view netid, address;
    std::uint32_t number = callback_program;
  };
  const Row rows[] = {
      {"tcp", "127.0.0.2.8.1"},          // another host
      {"tcp", "192.0.2.1.0.22"},         //
      {"tcp", "0.0.0.0.0.0"},            // nobody wants to be called
      {"tcp", "127.0.0.1.0.0"},          // no port
      {"udp", "127.0.0.1.8.1"},          // no way for NFSv4
      {"tcp6", "::1.8.1"},               // another address
      {"tcp6", "127.0.0.1.8.1"},         // of another family
      {"tcp", "127.0.0.1.8"},            // none
      {"tcp", "127.0.0.1.8.256"},        //
      {"tcp", ""},                       //
      {"", "127.0.0.1.8.1"},             //
      {"tcp", "127.0.0.1.8.1", 100003},  // somebody else's program
      {"tcp", "127.0.0.1.8.1", 0x3fffffff},
      {"tcp", "127.0.0.1.8.1", 0x60000000},
  };
  for (const Row& row : rows) {
    INFO(row.netid << " " << row.address << " " << row.number);
    CallbackServer server;
    Dialled client(server);
    client.callback(row.netid, row.address, row.number);
    client.hold_a_grant();
    client.recall();
    server.wait_seconds(100);
    CHECK(server.dialer.dialed.empty());
    CHECK_FALSE(client.is_reached());
    CHECK(client.renew() == NFS4ERR_CB_PATH_DOWN);
  }
}

TEST_CASE("4.0 callbacks that cannot reach the client: tried again with pauses, so often and no more") {
  CallbackServer server;
  Dialled client(server);
  server.dialer.refuses = true;
  client.callback("tcp", own_host);
  CHECK_FALSE(client.is_reached());
  CHECK(server.counts().probes == 1);
  std::vector<std::uint64_t> tries;
  for (std::uint64_t second = 1; second <= 200; ++second) {
    const auto before = server.counts().probes;
    server.wait_seconds(1);
    if (server.counts().probes > before) tries.push_back(second);
    if (second % 50 == 0) CHECK(client.renew() == NFS4_OK);  // nothing is held that could be recalled
  }
  CHECK(tries == std::vector<std::uint64_t>{1, 3, 7, 15, 31});
  CHECK(server.counts().probes_failed == 6);
  // As soon as it is needed, it is tried again; until then the client is told.
  client.hold_a_grant();
  CHECK(client.renew() == NFS4ERR_CB_PATH_DOWN);
  server.dialer.refuses = false;
  server.dialer.results.push_back(BufferChain());
  server.wait_seconds(1);
  CHECK(client.is_reached());
  CHECK(client.renew() == NFS4_OK);
}

TEST_CASE("4.0 callbacks that cannot reach the client: RENEW says so, and renews the lease") {
  CallbackServer server;
  Dialled client(server);
  server.dialer.refuses = true;
  client.callback("tcp", own_host);
  server.world.make_file(server.world.root(), "file", 0666);
  const Opened opened = client.open("file");
  client.hold_a_grant();
  for (int i = 0; i < 5; ++i) {
    server.wait_seconds(60);
    CHECK(client.renew() == NFS4ERR_CB_PATH_DOWN);
    CHECK(client.known().lease.standing() == state::Standing::Live);
  }
  CHECK(client.close(opened).status == NFS4_OK);
}

TEST_CASE("a client that answers CB_NULL with anything is not reached") {
  for (const bool nonsense : {false, true}) {
    CallbackServer server;
    Dialled client(server);
    if (nonsense) {
      server.dialer.results.push_back(chain_of("more"));
    } else {
      server.dialer.results.push_back(rpc::call_failed(rpc::CallFailure::AuthError));
    }
    client.callback("tcp", own_host);
    CHECK_FALSE(client.is_reached());
    CHECK(server.counts().probes_failed == 1);
  }
}

TEST_CASE("CB_RECALL of version 0 is dialled, and says which server calls") {
  CallbackServer server;
  Dialled client(server);
  server.dialer.results.push_back(BufferChain());
  client.callback("tcp", own_host, callback_program, 1234);
  server.dialer.results.push_back(recalled(NFS4_OK));
  client.recall();
  REQUIRE(server.dialer.calls.size() == 2);
  const CalledBack called = decode_call(std::move(server.dialer.calls[1]));
  CHECK(called.minor == 0);
  CHECK(called.ident == 1234);
  CHECK(called.count == 1);
  CHECK(called.number == nfs_cb_opnum4::OP_CB_RECALL);
  CHECK(called.recall.stateid.seqid == 3);
  CHECK(server.counts().answered == 1);
  CHECK(server.counts().recalls == 1);
}

TEST_CASE("CB_RECALL of version 0 that does not arrive is sent again, on a connection of its own") {
  CallbackServer server;
  Dialled client(server);
  server.dialer.results.push_back(BufferChain());
  client.callback("tcp", own_host);
  client.hold_a_grant();
  server.dialer.results.push_back(rpc::call_failed(rpc::CallFailure::TimedOut));
  client.recall();
  CHECK(server.counts().timed_out == 1);
  CHECK_FALSE(client.is_reached());
  CHECK(client.renew() == NFS4ERR_CB_PATH_DOWN);
  const auto dialed = server.dialer.dialed.size();
  // It is tried once more, and then what waits goes out.
  server.dialer.results.push_back(BufferChain());
  server.dialer.results.push_back(recalled(NFS4_OK));
  server.wait_seconds(2);
  CHECK(server.counts().answered == 1);
  CHECK(server.callbacks.waiting() == 0);
  CHECK(server.dialer.dialed.size() == dialed + 2);
  CHECK(client.is_reached());
  CHECK(client.renew() == NFS4_OK);
}
