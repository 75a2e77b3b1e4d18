// How clients introduce themselves and go: SETCLIENTID, SETCLIENTID_CONFIRM and RENEW of version 0, EXCHANGE_ID and
// DESTROY_CLIENTID of version 1, and a client that has restarted.
#include "ops/nfs4/holder.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {

nfsstat4 confirm(Holder& client, const SETCLIENTID4resok& known) {
  return client
      .plain<status4res>(OP_SETCLIENTID_CONFIRM, SETCLIENTID_CONFIRM4args{known.clientid, known.setclientid_confirm})
      .status;
}
nfsstat4 renew(Holder& client, clientid4 id) { return client.plain<status4res>(OP_RENEW, RENEW4args{id}).status; }
nfsstat4 destroy(Holder& client, clientid4 id) {
  return client.plain<status4res>(OP_DESTROY_CLIENTID, DESTROY_CLIENTID4args{id}).status;
}
const Asked all_for_myself{.access = OPEN4_SHARE_ACCESS_BOTH, .deny = OPEN4_SHARE_DENY_BOTH};

}  // namespace

TEST_CASE("SETCLIENTID of a client that is known changes its callback and keeps its id") {
  Server server;
  Holder client(server, 0);
  const SETCLIENTID4res again = client.setclientid();
  REQUIRE(again.status == NFS4_OK);
  CHECK(again.resok4.clientid == client.id);
  CHECK(confirm(client, again.resok4) == NFS4_OK);
  Holder other(server, 0, "other");
  CHECK(other.id != client.id);
}

TEST_CASE("SETCLIENTID by another principal is CLID_INUSE while the client holds something") {
  Server server;
  server.world.make_file(server.world.root(), "file");
  Holder client(server, 0);
  const Opened opened = client.open("file");
  REQUIRE(opened.status == NFS4_OK);
  server.world.become(1000, 1000);
  CHECK(client.setclientid().status == NFS4ERR_CLID_INUSE);
  server.world.become(0, 0);
  CHECK(client.read(opened.handle, opened.stateid) == NFS4_OK);
}

TEST_CASE("SETCLIENTID_CONFIRM wants the verifier that SETCLIENTID gave, and may come again") {
  Server server;
  Holder client(server, 0);
  SETCLIENTID4resok known = client.setclientid().resok4;
  SETCLIENTID4resok wrong = known;
  wrong.setclientid_confirm[0] ^= std::byte{1};
  CHECK(confirm(client, wrong) == NFS4ERR_STALE_CLIENTID);
  CHECK(confirm(client, known) == NFS4_OK);
  CHECK(confirm(client, known) == NFS4_OK);
  server.world.become(1000, 1000);
  CHECK(confirm(client, known) == NFS4ERR_CLID_INUSE);
  server.world.become(0, 0);
  known.clientid += 1'000;
  CHECK(confirm(client, known) == NFS4ERR_STALE_CLIENTID);
}

TEST_CASE("SETCLIENTID_CONFIRM of a restarted client drops what it held") {
  Server server;
  server.world.make_file(server.world.root(), "file");
  Holder client(server, 0), other(server, 1, "other");
  const Opened opened = client.open("file", all_for_myself);
  REQUIRE(opened.status == NFS4_OK);
  const clientid4 before = client.id;
  client.verifier = 2;
  const SETCLIENTID4res known = client.setclientid();
  REQUIRE(known.status == NFS4_OK);
  CHECK(known.resok4.clientid != before);
  CHECK(other.open("file").status == NFS4ERR_SHARE_DENIED);
  CHECK(client.read(opened.handle, opened.stateid) == NFS4_OK);
  REQUIRE(confirm(client, known.resok4) == NFS4_OK);
  CHECK(other.open("file").status == NFS4_OK);
  CHECK(client.read(opened.handle, opened.stateid) == NFS4ERR_EXPIRED);
  CHECK(renew(client, before) == NFS4ERR_EXPIRED);
}

TEST_CASE("RENEW keeps a lease, and knows whose") {
  Server server;
  server.world.make_file(server.world.root(), "file");
  Holder client(server, 0), other(server, 0, "other");
  REQUIRE(client.open("file", all_for_myself).status == NFS4_OK);
  for (int i = 0; i < 3; ++i) {
    server.wait_seconds(Server::lease_seconds - 1);
    CHECK(renew(client, client.id) == NFS4_OK);
    CHECK(renew(other, other.id) == NFS4_OK);
  }
  CHECK(other.open("file").status == NFS4ERR_SHARE_DENIED);
  CHECK(renew(client, client.id + 1'000) == NFS4ERR_STALE_CLIENTID);
}

TEST_CASE("EXCHANGE_ID finds a client again, and says who the server is") {
  Server server;
  Holder client(server, 1);
  const EXCHANGE_ID4res known = client.exchange_id();
  REQUIRE(known.status == NFS4_OK);
  CHECK(known.resok4.eir_clientid == client.id);
  CHECK((known.resok4.eir_flags & EXCHGID4_FLAG_CONFIRMED_R) != 0);
  CHECK((known.resok4.eir_flags & EXCHGID4_FLAG_MASK_PNFS) == EXCHGID4_FLAG_USE_NON_PNFS);
  Results results = client.run_plain(
      Ops().add(OP_EXCHANGE_ID,
                EXCHANGE_ID4args{.eia_clientowner = {{}, xdr::opaque<NFS4_OPAQUE_LIMIT>::copy_of(bytes_of("new"))},
                                 .eia_state_protect = {},
                                 .eia_client_impl_id = {}}));
  const auto fresh = results.next<EXCHANGE_ID4res>(OP_EXCHANGE_ID);
  CHECK((fresh.resok4.eir_flags & EXCHGID4_FLAG_CONFIRMED_R) == 0);
  CHECK(fresh.resok4.eir_clientid != client.id);
  CHECK(ditto::text_of(fresh.resok4.eir_server_owner.so_major_id.bytes()) == "ditto");
  CHECK(ditto::text_of(fresh.resok4.eir_server_scope.bytes()) == "ditto");
}

TEST_CASE("EXCHANGE_ID updates only a client that is there, as it is") {
  Server server;
  Holder client(server, 1);
  const auto update = [&] { return client.exchange_id(EXCHGID4_FLAG_UPD_CONFIRMED_REC_A).status; };
  CHECK(update() == NFS4_OK);
  client.verifier = 2;
  CHECK(update() == NFS4ERR_NOT_SAME);
  client.verifier = 1;
  server.world.become(1000, 1000);
  CHECK(update() == NFS4ERR_PERM);
  client.name = "nobody";
  CHECK(update() == NFS4ERR_NOENT);
}

TEST_CASE("EXCHANGE_ID refuses flags of replies, no name, and protection that there is none of") {
  Server server;
  Holder client(server, 1);
  CHECK(client.exchange_id(EXCHGID4_FLAG_CONFIRMED_R).status == NFS4ERR_INVAL);
  CHECK(client.exchange_id(0x8).status == NFS4ERR_INVAL);
  client.name = "";
  CHECK(client.exchange_id().status == NFS4ERR_INVAL);
  EXCHANGE_ID4args args{.eia_clientowner = {{}, xdr::opaque<NFS4_OPAQUE_LIMIT>::copy_of(bytes_of("x"))},
                        .eia_state_protect = {},
                        .eia_client_impl_id = {}};
  args.eia_state_protect.spa_how = state_protect_how4::SP4_SSV;
  CHECK(client.run_plain(Ops().add(OP_EXCHANGE_ID, args)).status == NFS4ERR_ENCR_ALG_UNSUPP);
  args.eia_state_protect.spa_how = state_protect_how4::SP4_MACH_CRED;
  CHECK(client.run_plain(Ops().add(OP_EXCHANGE_ID, args)).status == NFS4ERR_INVAL);
}

TEST_CASE("EXCHANGE_ID by another principal is CLID_INUSE while the client holds something") {
  Server server;
  server.world.make_file(server.world.root(), "file");
  Holder client(server, 1);
  REQUIRE(client.open("file").status == NFS4_OK);
  server.world.become(1000, 1000);
  CHECK(client.exchange_id().status == NFS4ERR_CLID_INUSE);
}

TEST_CASE("EXCHANGE_ID of a restarted client drops what it held once it has a session") {
  Server server;
  server.world.make_file(server.world.root(), "file");
  Holder client(server, 1), other(server, 0, "other");
  REQUIRE(client.open("file", all_for_myself).status == NFS4_OK);
  const clientid4 before = client.id;
  const SEQUENCE4args old_session = client.sequence;
  client.verifier = 2;
  const EXCHANGE_ID4res known = client.exchange_id();
  CHECK((known.resok4.eir_flags & EXCHGID4_FLAG_CONFIRMED_R) == 0);
  CHECK(known.resok4.eir_clientid != before);
  CHECK(other.open("file").status == NFS4ERR_SHARE_DENIED);
  client.id = known.resok4.eir_clientid;
  REQUIRE(client.create_session(known.resok4.eir_sequenceid).status == NFS4_OK);
  CHECK(other.open("file").status == NFS4_OK);
  CHECK(client.run_plain(Ops().add(OP_SEQUENCE, old_session)).status == NFS4ERR_BADSESSION);
  CHECK(destroy(client, before) == NFS4ERR_STALE_CLIENTID);
}

TEST_CASE("DESTROY_CLIENTID is for clients that have nothing") {
  Server server;
  server.world.make_file(server.world.root(), "file");
  Holder client(server, 1), other(server, 1, "other");
  const Opened opened = client.open("file");
  CHECK(destroy(other, client.id) == NFS4ERR_CLIENTID_BUSY);
  CHECK(client.status(Ops().add(OP_DESTROY_CLIENTID, DESTROY_CLIENTID4args{client.id})) == NFS4ERR_CLIENTID_BUSY);
  const auto end_session = [&] {
    return client.plain<status4res>(OP_DESTROY_SESSION, DESTROY_SESSION4args{client.sequence.sa_sessionid}).status;
  };
  SECTION("a session is something") {
    REQUIRE(client.close(opened).status == NFS4_OK);
    CHECK(destroy(client, client.id) == NFS4ERR_CLIENTID_BUSY);
    REQUIRE(end_session() == NFS4_OK);
    CHECK(destroy(client, client.id) == NFS4_OK);
    CHECK(destroy(client, client.id) == NFS4ERR_STALE_CLIENTID);
    CHECK(client.create_session(2).status == NFS4ERR_STALE_CLIENTID);
  }
  SECTION("an open is something") {
    REQUIRE(end_session() == NFS4_OK);
    CHECK(destroy(client, client.id) == NFS4ERR_CLIENTID_BUSY);
  }
  SECTION("of whom nobody has confirmed, too") {
    other.name = "third";
    const EXCHANGE_ID4res known = other.exchange_id();
    CHECK(destroy(other, known.resok4.eir_clientid) == NFS4_OK);
    CHECK(destroy(other, known.resok4.eir_clientid) == NFS4ERR_STALE_CLIENTID);
  }
}
