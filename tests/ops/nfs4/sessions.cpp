// Sessions of version 1 as the keeper has them: CREATE_SESSION, DESTROY_SESSION, BIND_CONN_TO_SESSION, BACKCHANNEL_CTL,
// and SEQUENCE, whose slots make each request happen once. Where SEQUENCE stands in a COMPOUND is in sequence.cpp.
#include "ops/nfs4/holder.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {

struct Version1 {
  Server server;
  Holder client{server, 1};

  nfsstat4 sequence(const SEQUENCE4args& args) { return client.run_plain(Ops().add(OP_SEQUENCE, args)).status; }
  SEQUENCE4args next() {
    SEQUENCE4args args = client.sequence;
    ++args.sa_sequenceid;
    return args;
  }
  /// The bytes of the reply to a COMPOUND that begins with `args`.
  std::string bytes(const SEQUENCE4args& args, const Ops& ops) {
    client.sequence = args;
    return test::text_of(Client::body(client.message(client.arguments(ops))));
  }
  nfsstat4 status(const SEQUENCE4args& args, const Ops& ops) {
    client.sequence = args;
    return Results(Client::body(client.message(client.arguments(ops)))).status;
  }
};

CREATE_SESSION4args wanted(const Holder& client, sequenceid4 number, count4 bytes = 1 << 30, count4 many = 1'000) {
  const channel_attrs4 channel{.ca_headerpadsize = 4,
                               .ca_maxrequestsize = bytes,
                               .ca_maxresponsesize = bytes,
                               .ca_maxresponsesize_cached = bytes,
                               .ca_maxoperations = many,
                               .ca_maxrequests = many,
                               .ca_rdma_ird = {}};
  return {.csa_clientid = client.id,
          .csa_sequence = number,
          .csa_fore_chan_attrs = channel,
          .csa_back_chan_attrs = channel,
          .csa_sec_parms = {}};
}

}  // namespace

TEST_CASE("CREATE_SESSION lowers what the client wants to what there is") {
  Version1 v;
  const auto created = v.client.plain<CREATE_SESSION4res>(OP_CREATE_SESSION, wanted(v.client, 2));
  REQUIRE(created.status == NFS4_OK);
  const channel_attrs4& fore = created.resok4.csr_fore_chan_attrs;
  const state::ClientLimits limits;
  CHECK(created.resok4.csr_sequence == 2);
  CHECK(created.resok4.csr_flags == 0);
  CHECK(fore.ca_headerpadsize == 0);
  CHECK(fore.ca_maxrequestsize == limits.request_bytes);
  CHECK(fore.ca_maxresponsesize == limits.response_bytes);
  CHECK(fore.ca_maxresponsesize_cached == limits.cached_bytes);
  CHECK(fore.ca_maxoperations == limits.operations);
  CHECK(fore.ca_maxrequests == limits.slots);
  CHECK(created.resok4.csr_sessionid != v.client.sequence.sa_sessionid);
}

TEST_CASE("CREATE_SESSION that comes again gives the same session") {
  Version1 v;
  const CREATE_SESSION4args args = wanted(v.client, 2);
  const auto bytes = [&] { return test::text_of(v.client.run_plain(Ops().add(OP_CREATE_SESSION, args)).bytes()); };
  const std::string once = bytes();
  CHECK(bytes() == once);
  CHECK(v.client.plain<CREATE_SESSION4res>(OP_CREATE_SESSION, wanted(v.client, 3)).status == NFS4_OK);
  CHECK(v.client.plain<CREATE_SESSION4res>(OP_CREATE_SESSION, args).status == NFS4ERR_SEQ_MISORDERED);
  CHECK(v.client.plain<CREATE_SESSION4res>(OP_CREATE_SESSION, wanted(v.client, 5)).status == NFS4ERR_SEQ_MISORDERED);
}

TEST_CASE("CREATE_SESSION gives no callback channel on a connection that cannot call back, persistence or RDMA") {
  Version1 v;
  CREATE_SESSION4args args = wanted(v.client, 2);
  args.csa_flags = CREATE_SESSION4_FLAG_PERSIST | CREATE_SESSION4_FLAG_CONN_BACK_CHAN | CREATE_SESSION4_FLAG_CONN_RDMA;
  const auto created = v.client.plain<CREATE_SESSION4res>(OP_CREATE_SESSION, args);
  REQUIRE(created.status == NFS4_OK);
  CHECK(created.resok4.csr_flags == 0);
}

TEST_CASE("CREATE_SESSION refuses who is unknown, another's new client, unknown flags, and channels for nothing") {
  Version1 v;
  CREATE_SESSION4args args = wanted(v.client, 2);
  args.csa_flags = 0x8;
  CHECK(v.client.plain<CREATE_SESSION4res>(OP_CREATE_SESSION, args).status == NFS4ERR_INVAL);
  CHECK(v.client.plain<CREATE_SESSION4res>(OP_CREATE_SESSION, wanted(v.client, 2, 100)).status == NFS4ERR_TOOSMALL);
  args = wanted(v.client, 3);
  args.csa_clientid += 1'000;
  CHECK(v.client.plain<CREATE_SESSION4res>(OP_CREATE_SESSION, args).status == NFS4ERR_STALE_CLIENTID);
  v.client.name = "another";
  const EXCHANGE_ID4res known = v.client.exchange_id();
  v.client.id = known.resok4.eir_clientid;
  v.server.world.become(1000, 1000);
  CHECK(v.client.create_session(known.resok4.eir_sequenceid).status == NFS4ERR_CLID_INUSE);
}

TEST_CASE("DESTROY_SESSION ends a session, by a connection that it knows") {
  Version1 v;
  const DESTROY_SESSION4args args{v.client.sequence.sa_sessionid};
  Holder stranger(v.server, 1, "stranger");
  CHECK(stranger.plain<status4res>(OP_DESTROY_SESSION, args).status == NFS4ERR_CONN_NOT_BOUND_TO_SESSION);
  CHECK(v.client.status(Ops().root()) == NFS4_OK);
  CHECK(v.client.plain<status4res>(OP_DESTROY_SESSION, args).status == NFS4_OK);
  CHECK(v.client.plain<status4res>(OP_DESTROY_SESSION, args).status == NFS4ERR_BADSESSION);
  CHECK(v.sequence(v.next()) == NFS4ERR_BADSESSION);
  // The client is still there, with what it holds.
  CHECK(v.client.create_session(2).status == NFS4_OK);
}

TEST_CASE("DESTROY_SESSION may end the session that it comes in") {
  Version1 v;
  const DESTROY_SESSION4args args{v.client.sequence.sa_sessionid};
  CHECK(v.client.status(Ops().root().add(OP_DESTROY_SESSION, args)) == NFS4_OK);
  CHECK(v.sequence(v.next()) == NFS4ERR_BADSESSION);
}

TEST_CASE("BIND_CONN_TO_SESSION binds a connection in the directions that are asked for") {
  Version1 v;
  using enum channel_dir_from_client4;
  BIND_CONN_TO_SESSION4args args{.bctsa_sessid = v.client.sequence.sa_sessionid, .bctsa_dir = CDFC4_FORE_OR_BOTH};
  const auto bind = [&] { return v.client.plain<BIND_CONN_TO_SESSION4res>(OP_BIND_CONN_TO_SESSION, args); };
  // CREATE_SESSION has bound this one, for the fore channel only.
  BIND_CONN_TO_SESSION4res bound = bind();
  CHECK(bound.status == NFS4_OK);
  CHECK(bound.resok4.bctsr_dir == channel_dir_from_server4::CDFS4_FORE);
  CHECK(bound.resok4.bctsr_sessid == args.bctsa_sessid);
  args.bctsa_dir = CDFC4_BACK;
  CHECK(bind().status == NFS4ERR_INVAL);

  v.client.connection.reset();
  CHECK(bind().status == NFS4ERR_INVAL);  // nobody can be called back here (cb_compound.cpp)
  args.bctsa_dir = CDFC4_FORE;
  CHECK(bind().resok4.bctsr_dir == channel_dir_from_server4::CDFS4_FORE);
  const DESTROY_SESSION4args destroy{args.bctsa_sessid};
  CHECK(v.client.plain<status4res>(OP_DESTROY_SESSION, destroy).status == NFS4_OK);
  CHECK(bind().status == NFS4ERR_BADSESSION);
}

TEST_CASE("BACKCHANNEL_CTL changes the program that callbacks go to") {
  Version1 v;
  BACKCHANNEL_CTL4args args{.bca_cb_program = 0x40000099, .bca_sec_parms = {}};
  args.bca_sec_parms.push_back({});
  CHECK(v.client.status(Ops().add(OP_BACKCHANNEL_CTL, args)) == NFS4_OK);
  state::SessionId id;
  std::ranges::copy(v.client.sequence.sa_sessionid, id.bytes.begin());
  CHECK(v.server.keeper->clients().session(id)->callback_control().program == 0x40000099);
}

TEST_CASE("SEQUENCE that comes again gets the same bytes, and nothing happens twice") {
  Version1 v;
  const CREATE4args making{.objtype = {.type = nfs_ftype4::NF4DIR}, .objname = Ops::component("d")};
  const Ops ops = Ops().go({"export"}).add(OP_CREATE, making);
  const SEQUENCE4args args = v.next();
  const std::string once = v.bytes(args, ops);
  CHECK(v.status(args, ops) == NFS4_OK);
  v.server.world.call(&nfs3::rmdir, nfs3::RMDIR3args{at(v.server.world.root(), "d")});
  CHECK(v.bytes(args, ops) == once);
  CHECK(v.server.world.look(v.server.world.root(), "d") == nfsstat3::NFS3ERR_NOENT);
  CHECK(v.status(args, Ops().root()) == NFS4ERR_SEQ_FALSE_RETRY);
  v.server.world.become(1000, 1000);
  CHECK(v.status(args, ops) == NFS4ERR_SEQ_FALSE_RETRY);
}

TEST_CASE("SEQUENCE that comes again after a reply that was not to be kept is RETRY_UNCACHED_REP") {
  Version1 v;
  SEQUENCE4args args = v.next();
  args.sa_cachethis = false;
  const CREATE4args making{.objtype = {.type = nfs_ftype4::NF4DIR}, .objname = Ops::component("d")};
  const Ops ops = Ops().go({"export"}).add(OP_CREATE, making);
  CHECK(v.status(args, ops) == NFS4_OK);
  Results again(Client::body(v.client.message(v.client.arguments(ops))));
  CHECK(again.status == NFS4ERR_RETRY_UNCACHED_REP);
  CHECK(again.next<SEQUENCE4res>(OP_SEQUENCE).status == NFS4_OK);
  CHECK(again.next<status4res>(OP_PUTROOTFH).status == NFS4ERR_RETRY_UNCACHED_REP);
}

TEST_CASE("SEQUENCE knows its slots, their numbers, and its session") {
  Version1 v;
  REQUIRE(v.client.status(Ops().root()) == NFS4_OK);
  SEQUENCE4args args = v.next();
  ++args.sa_sequenceid;
  CHECK(v.sequence(args) == NFS4ERR_SEQ_MISORDERED);
  args.sa_sequenceid -= 3;
  CHECK(v.sequence(args) == NFS4ERR_SEQ_MISORDERED);
  args = v.next();
  args.sa_slotid = 4;
  CHECK(v.sequence(args) == NFS4ERR_BADSLOT);
  args = v.next();
  args.sa_highest_slotid = 4;
  CHECK(v.sequence(args) == NFS4ERR_BAD_HIGH_SLOT);
  args = v.next();
  args.sa_sessionid[3] ^= std::byte{1};
  CHECK(v.sequence(args) == NFS4ERR_BADSESSION);
  // Each slot counts for itself.
  args = v.next();
  args.sa_slotid = args.sa_highest_slotid = 3;
  args.sa_sequenceid = 1;
  CHECK(v.sequence(args) == NFS4_OK);
  Results results = v.client.run_plain(Ops().add(OP_SEQUENCE, v.next()));
  const auto taken = results.next<SEQUENCE4res>(OP_SEQUENCE);
  REQUIRE(taken.status == NFS4_OK);
  CHECK(taken.resok4.sr_highest_slotid == 3);
  CHECK((taken.resok4.sr_status_flags & SEQ4_STATUS_CB_PATH_DOWN) != 0);
  CHECK((taken.resok4.sr_status_flags & SEQ4_STATUS_RESTART_RECLAIM_NEEDED) == 0);
}

TEST_CASE("SEQUENCE holds a COMPOUND to its session's limits") {
  Version1 v;
  Ops many;
  for (int i = 0; i < 16; ++i) many.root();
  CHECK(v.status(v.next(), many) == NFS4ERR_TOO_MANY_OPS);
  // A refused SEQUENCE has not used its number.
  v.client.sequence.sa_sequenceid -= 1;
  const nfs_fh3 file = v.server.world.make_file(v.server.world.root(), "file", 0644, std::string(4'000, 'x'));
  const Ops reading = Ops().fh(same_handle(file)).add(OP_READ, READ4args{anonymous, 0, 4'000});
  CHECK(v.status(v.next(), reading) == NFS4ERR_REP_TOO_BIG_TO_CACHE);
  SEQUENCE4args args = v.next();
  args.sa_cachethis = false;
  CHECK(v.status(args, reading) == NFS4_OK);
  const std::string megabyte((1 << 20) - 100, 'y');
  const WRITE4args writing{anonymous, 0, stable_how4::UNSTABLE4, chain_of(megabyte)};
  CHECK(v.status(v.next(), Ops().fh(same_handle(file)).add(OP_WRITE, writing)) == NFS4ERR_REQ_TOO_BIG);
  CHECK(v.server.world.attributes(file).size == 4'000);
}
