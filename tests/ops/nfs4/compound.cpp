// The loop over a COMPOUND: its header, numbers that are no operations, what cannot be decoded, how many there may be,
// filehandles that are not there, and which replies are kept for retries.
#include "ops/nfs4/client.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

TEST_CASE("NULL of NFSv4 answers nothing") {
  World world;
  Client client(world);
  CHECK(Client::body(client.message(BufferChain(), 0)).empty());
}

TEST_CASE("an empty COMPOUND is good, and the tag comes back byte for byte") {
  World world;
  Client client(world);
  for (const std::uint32_t minor : {0U, 1U, 2U}) {
    client.minor = minor;
    for (const std::string tag : {"", "abc", "a tag of \xc3\xa9"}) {
      client.tag = tag;
      const Results results = client.run_plain(Ops());
      CHECK(results.status == NFS4_OK);
      CHECK(results.tag == tag);
      CHECK(results.count == 0);
      CHECK(results.left() == 0);
    }
  }
}

TEST_CASE("a tag that is no UTF-8 is INVAL, and nothing is run") {
  for_both([](World& world, Client& client) {
    client.tag = "\xff\xfe";
    const Results results = client.run_plain(Ops().root());
    CHECK(results.status == NFS4ERR_INVAL);
    CHECK(results.tag == client.tag);
    CHECK(results.count == 0);
    CHECK(client.session.taken == 0);
    CHECK(world.loop.total() == 0);
  });
}

TEST_CASE("minor versions that are not served are MINOR_VERS_MISMATCH, before everything else") {
  World world;
  Client client(world);
  client.tag = "\xff";  // which would be INVAL
  for (const std::uint32_t minor : {3U, 4U, 0xffffffffU}) {
    client.minor = minor;
    const Results results = client.run_plain(Ops().add(nfs_opnum4{2}));
    CHECK(results.status == NFS4ERR_MINOR_VERS_MISMATCH);
    CHECK(results.tag == client.tag);
    CHECK(results.count == 0);
  }
  client.tag = "";
  client.service.minor_versions = {.v0 = false, .v1 = true, .v2 = false};
  for (const std::uint32_t minor : {0U, 2U}) {
    client.minor = minor;
    CHECK(client.run_plain(Ops().root()).status == NFS4ERR_MINOR_VERS_MISMATCH);
  }
  client.minor = 1;
  CHECK(client.status(Ops().root()) == NFS4_OK);
}

TEST_CASE("numbers that a minor version does not have are ILLEGAL") {
  for_both([](World&, Client& client) {
    for (const std::uint32_t number : {0U, 1U, 2U, 59U, 71U, 75U, 76U, 10044U, 0xffffffffU}) {
      if (client.minor == 2 && number >= 59 && number <= 75) continue;
      INFO("operation " << number);
      Results results = client.run(Ops().root().add(nfs_opnum4{number}).root());
      CHECK(results.status == NFS4ERR_OP_ILLEGAL);
      CHECK(results.skip({OP_PUTROOTFH}).next<ILLEGAL4res>(OP_ILLEGAL).status == NFS4ERR_OP_ILLEGAL);
      CHECK(results.left() == 0);
    }
  });
  World world;
  Client client(world);
  Results results = client.run(Ops().add(OP_SEQUENCE, SEQUENCE4args{}));
  CHECK(results.next<ILLEGAL4res>(OP_ILLEGAL).status == NFS4ERR_OP_ILLEGAL);
}

TEST_CASE("what only version 0 has is NOTSUPP in version 1") {
  World world;
  Client client(world);
  client.minor = 1;
  for (const nfs_opnum4 number :
       {OP_OPEN_CONFIRM, OP_RENEW, OP_SETCLIENTID, OP_SETCLIENTID_CONFIRM, OP_RELEASE_LOCKOWNER}) {
    Results results = client.run(Ops().add(number));
    CHECK(results.next<status4res>(number).status == NFS4ERR_NOTSUPP);
    CHECK(results.status == NFS4ERR_NOTSUPP);
  }
}

TEST_CASE("the first failure ends a COMPOUND, and is its status") {
  for_both([](World& world, Client& client) {
    world.make_file(world.root(), "file");
    Results results = client.run(Ops().go({"export", "none"}).getfh().getfh());
    CHECK(results.status == NFS4ERR_NOENT);
    CHECK(results.went(1).next<LOOKUP4res>(OP_LOOKUP).status == NFS4ERR_NOENT);
    CHECK(results.left() == 0);
  });
}

TEST_CASE("arguments that cannot be decoded are BADXDR of their operation, and what came before has happened") {
  for_both([](World& world, Client& client) {
    Ops ops;
    ops.go({"export"})
        .add(OP_CREATE, CREATE4args{.objtype = {.type = nfs_ftype4::NF4DIR}, .objname = Ops::component("d")});
    ops.add(OP_PUTFH, std::uint32_t{129});  // a filehandle longer than there are
    Results results = client.run(ops);
    CHECK(results.status == NFS4ERR_BADXDR);
    CHECK(results.went(1).next<CREATE4res>(OP_CREATE).status == NFS4_OK);
    CHECK(results.next<PUTFH4res>(OP_PUTFH).status == NFS4ERR_BADXDR);
    CHECK(results.left() == 0);
    CHECK(world.look(world.root(), "d") == nfsstat3::NFS3_OK);
  });
}

TEST_CASE("a COMPOUND that says more operations than it has is BADXDR where they end") {
  World world;
  Client client(world);
  xdr::Writer writer;
  writer(COMPOUND4args_header{{}, 0, 2}, OP_PUTROOTFH);
  Results results(Client::body(client.message(writer.finish())));
  CHECK(results.status == NFS4ERR_BADXDR);
  CHECK(results.count == 2);
  CHECK(results.skip({OP_PUTROOTFH}).next<ILLEGAL4res>(OP_ILLEGAL).status == NFS4ERR_BADXDR);
}

TEST_CASE("a header that cannot be decoded is GARBAGE_ARGS") {
  World world;
  Client client(world);
  xdr::Writer writer;
  writer(std::uint32_t{5});
  const BufferChain reply = client.message(writer.finish());
  const auto accepted = xdr::decode<rpc::accepted_reply>(reply);
  REQUIRE(accepted);
  CHECK(accepted->accepted == rpc::accept_stat::GARBAGE_ARGS);
}

TEST_CASE("there may be 64 operations, and with more none is run") {
  for_both([](World&, Client& client) {
    Ops most, more;
    const std::uint32_t own = client.minor == 0 ? 64 : 63;  // beside SEQUENCE
    for (std::uint32_t i = 0; i < own; ++i) most.root(), more.root();
    CHECK(client.status(most) == NFS4_OK);

    more.add(OP_PUTROOTFH);
    const nfsstat4 expected = client.minor == 0 ? NFS4ERR_RESOURCE : NFS4ERR_TOO_MANY_OPS;
    Results results(Client::body(client.message(client.arguments(more))));
    CHECK(results.status == expected);
    CHECK(results.count == 1);
    CHECK(client.session.taken == (client.minor == 0 ? 0 : 1));  // of the first COMPOUND
  });
}

TEST_CASE("operations on the current filehandle want one") {
  for_both([](World&, Client& client) {
    CHECK(client.status(Ops().getfh()) == NFS4ERR_NOFILEHANDLE);
    CHECK(client.status(Ops().save()) == NFS4ERR_NOFILEHANDLE);
    CHECK(client.status(Ops().look("export")) == NFS4ERR_NOFILEHANDLE);
    CHECK(client.status(Ops().add(OP_LOOKUPP)) == NFS4ERR_NOFILEHANDLE);
    CHECK(client.status(Ops().getattr({FATTR4_TYPE})) == NFS4ERR_NOFILEHANDLE);
    CHECK(client.status(Ops().add(OP_ACCESS, ACCESS4args{1})) == NFS4ERR_NOFILEHANDLE);
    CHECK(client.status(Ops().add(OP_READ, READ4args{})) == NFS4ERR_NOFILEHANDLE);
    CHECK(client.status(Ops().add(OP_WRITE, WRITE4args{})) == NFS4ERR_NOFILEHANDLE);
    CHECK(client.status(Ops().add(OP_COMMIT, COMMIT4args{})) == NFS4ERR_NOFILEHANDLE);
    CHECK(client.status(Ops().add(OP_READDIR, READDIR4args{})) == NFS4ERR_NOFILEHANDLE);
    CHECK(client.status(Ops().add(OP_READLINK)) == NFS4ERR_NOFILEHANDLE);
    CHECK(client.status(Ops().add(OP_SETATTR, SETATTR4args{})) == NFS4ERR_NOFILEHANDLE);
    CHECK(client.status(Ops().add(OP_VERIFY, VERIFY4args{})) == NFS4ERR_NOFILEHANDLE);
    CHECK(client.status(Ops().add(OP_NVERIFY, NVERIFY4args{})) == NFS4ERR_NOFILEHANDLE);
    CHECK(client.status(Ops().add(OP_CREATE, CREATE4args{})) == NFS4ERR_NOFILEHANDLE);
    CHECK(client.status(Ops().add(OP_REMOVE, REMOVE4args{})) == NFS4ERR_NOFILEHANDLE);
    CHECK(client.status(Ops().add(OP_SECINFO, SECINFO4args{})) == NFS4ERR_NOFILEHANDLE);
    CHECK(client.status(Ops().root().add(OP_LINK, LINK4args{})) == NFS4ERR_NOFILEHANDLE);
    CHECK(client.status(Ops().root().add(OP_RENAME, RENAME4args{})) == NFS4ERR_NOFILEHANDLE);
  });
}

TEST_CASE("in version 0 a retry of what must not happen twice gets the first reply") {
  World world;
  Client client(world);
  const auto make = [] {
    return Ops()
        .go({"export"})
        .add(OP_CREATE, CREATE4args{.objtype = {.type = nfs_ftype4::NF4DIR}, .objname = Ops::component("d")});
  };
  Ops first = make(), second = make(), third = make();
  const BufferChain reply = client.message(client.arguments(first));
  --client.xid;
  CHECK(client.message(client.arguments(second)) == reply);
  CHECK(client.replies().entries() == 1);
  CHECK(Results(Client::body(client.message(client.arguments(third)))).status == NFS4ERR_EXIST);  // under another xid
}

TEST_CASE("what may happen twice is not kept for retries, and nothing of version 1 is") {
  for_both([](World&, Client& client) {
    CHECK(client.status(Ops().go({"export"}).getattr({FATTR4_TYPE}).getfh()) == NFS4_OK);
    CHECK(client.replies().entries() == 0);
    CHECK(client.status(Ops().go({"export"}).add(OP_REMOVE, REMOVE4args{Ops::component("none")})) == NFS4ERR_NOENT);
    CHECK(client.replies().entries() == (client.minor == 0 ? 1 : 0));
  });
}
