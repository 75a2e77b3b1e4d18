// What NFSv4.1 demands of a COMPOUND around SEQUENCE (RFC 8881, 2.10.6 and 18.46): where it stands, what does without
// it, the session's limits, and that the slot learns of the end. Sessions themselves are a test's own.
#include "ops/nfs4/client.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

TEST_CASE("SEQUENCE is the first, and nowhere else") {
  World world;
  Client client(world);
  client.minor = 1;
  CHECK(client.status(Ops().root()) == NFS4_OK);
  Results results = client.run(Ops().root().add(OP_SEQUENCE, SEQUENCE4args{}).root());
  CHECK(results.status == NFS4ERR_SEQUENCE_POS);
  CHECK(results.skip({OP_PUTROOTFH}).next<SEQUENCE4res>(OP_SEQUENCE).status == NFS4ERR_SEQUENCE_POS);
  CHECK(client.session.taken == 2);
}

TEST_CASE("what comes first without a session is OP_NOT_IN_SESSION") {
  World world;
  Client client(world);
  client.minor = 1;
  for (const nfs_opnum4 number : {OP_PUTROOTFH, OP_PUTFH, OP_GETATTR, OP_TEST_STATEID, OP_RECLAIM_COMPLETE, OP_RENEW}) {
    Results results = client.run_plain(Ops().add(number));
    CHECK(results.status == NFS4ERR_OP_NOT_IN_SESSION);
    CHECK(results.next<status4res>(number).status == NFS4ERR_OP_NOT_IN_SESSION);
  }
}

TEST_CASE("what makes sessions may do without one, alone") {
  World world;
  Client client(world);
  client.minor = 1;
  const auto destroy = [] { return Ops().add(OP_DESTROY_CLIENTID, std::uint64_t{0}); };
  CHECK(client.run_plain(destroy()).status != NFS4ERR_OP_NOT_IN_SESSION);
  CHECK(client.run_plain(destroy().root()).status == NFS4ERR_NOT_ONLY_OP);
  for (const nfs_opnum4 number : {OP_EXCHANGE_ID, OP_CREATE_SESSION, OP_DESTROY_SESSION, OP_BIND_CONN_TO_SESSION}) {
    CHECK(client.run_plain(Ops().add(number).root()).status == NFS4ERR_NOT_ONLY_OP);
  }
  // In a session all but one may stand among others.
  CHECK(client.status(destroy().root()) != NFS4ERR_NOT_ONLY_OP);
  CHECK(client.status(Ops().add(OP_BIND_CONN_TO_SESSION, BIND_CONN_TO_SESSION4args{})) == NFS4ERR_NOT_ONLY_OP);
}

TEST_CASE("without sessions SEQUENCE is NOTSUPP") {
  World world;
  Client client(world);
  client.minor = 1;
  client.service.sessions = nullptr;
  CHECK(client.run_plain(Ops().add(OP_SEQUENCE, SEQUENCE4args{})).status == NFS4ERR_NOTSUPP);
}

TEST_CASE("SEQUENCE sees how large the request is, and the slot gets the reply as it leaves") {
  World world;
  Client client(world);
  client.minor = 1;
  Ops ops = Ops().root().getfh();
  const BufferChain arguments = client.arguments(ops);
  const BufferChain reply = Client::body(client.message(arguments));
  CHECK(client.session.request_bytes == arguments.size());
  CHECK(client.session.operations == 3);
  CHECK(client.session.ended == 1);
  CHECK(client.session.lost == 0);
  CHECK(client.session.kept == reply);
}

TEST_CASE("a retry that the session knows gets the bytes of the first, and nothing is run") {
  World world;
  Client client(world);
  client.minor = 1;
  const auto make = [] {
    return Ops()
        .go({"export"})
        .add(OP_CREATE, CREATE4args{.objtype = {.type = nfs_ftype4::NF4DIR}, .objname = Ops::component("d")});
  };
  Ops first = make(), second = make();
  const BufferChain reply = Client::body(client.message(client.arguments(first)));
  client.session.retry = true;
  CHECK(Client::body(client.message(client.arguments(second))) == reply);
  CHECK(Results(reply).status == NFS4_OK);
}

TEST_CASE("a result beyond the session's limit is REP_TOO_BIG, and the reply keeps to the limit") {
  World world;
  Client client(world);
  client.minor = 1;
  world.make_file(world.root(), "file", 0644, std::string(4000, 'x'));
  for (const nfsstat4 beyond : {NFS4ERR_REP_TOO_BIG, NFS4ERR_REP_TOO_BIG_TO_CACHE}) {
    client.session.beyond = beyond;
    client.session.reply_bytes = 1000;
    Ops ops = Ops().go({"export", "file"}).add(OP_READ, READ4args{{}, 0, 4000}).getfh();
    const BufferChain message = client.message(client.arguments(ops));
    CHECK(message.size() <= 1000);
    Results results(Client::body(message));
    CHECK(results.status == beyond);
    CHECK(results.count == 5);
    results.next<SEQUENCE4res>(OP_SEQUENCE);
    CHECK(results.went(2).next<READ4res>(OP_READ).status == beyond);
    CHECK(client.session.kept == Client::body(message));

    CHECK(client.status(Ops().go({"export", "file"}).add(OP_READ, READ4args{{}, 0, 400})) == NFS4_OK);
  }
}

TEST_CASE("a change whose result might not fit is not begun") {
  World world;
  Client client(world);
  client.minor = 1;
  const CREATE4args args{.objtype = {.type = nfs_ftype4::NF4DIR}, .objname = Ops::component("d")};
  // How large a reply is that has just no room for a CREATE: each limit in turn.
  std::size_t refused = 0;
  for (std::size_t limit = 120; limit < 800; limit += 4) {
    client.session.reply_bytes = limit;
    Ops ops = Ops().go({"export"}).add(OP_CREATE, args).getfh();
    const BufferChain message = client.message(client.arguments(ops));
    CHECK(message.size() <= limit);
    Results results(Client::body(message));
    if (world.look(world.root(), "d") == nfsstat3::NFS3_OK) {
      results.next<SEQUENCE4res>(OP_SEQUENCE);
      CHECK(results.went(1).next<CREATE4res>(OP_CREATE).status == NFS4_OK);
      break;
    }
    CHECK(results.status == NFS4ERR_REP_TOO_BIG);
    ++refused;
  }
  CHECK(refused > 0);
  CHECK(world.look(world.root(), "d") == nfsstat3::NFS3_OK);
}

TEST_CASE("version 0 has a limit of its own: RESOURCE") {
  World world;
  Client client(world);
  world.make_file(world.root(), "file", 0644, std::string(1 << 20, 'x'));
  const READ4args all{{}, 0, 1 << 20};
  Results results = client.run(Ops().go({"export", "file"}).add(OP_READ, all).add(OP_READ, all).getfh());
  CHECK(results.status == NFS4ERR_RESOURCE);
  CHECK(results.went(2).next<READ4res>(OP_READ).resok4.data.size() == 1 << 20);
  CHECK(results.next<READ4res>(OP_READ).status == NFS4ERR_RESOURCE);
  CHECK(results.left() == 0);
}
