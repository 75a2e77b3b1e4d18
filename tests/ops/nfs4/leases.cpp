// Time and restarts: leases that run out, the courtesy after that, and the grace in which clients of an earlier
// incarnation reclaim (RFC 7530, 9.6; RFC 8881, 8.3 and 8.4), with RECLAIM_COMPLETE.
#include "ops/nfs4/holder.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {

constexpr std::uint32_t both = OPEN4_SHARE_ACCESS_BOTH;
const Asked all_for_myself{.access = both, .deny = OPEN4_SHARE_DENY_BOTH};

nfsstat4 ask(Holder& client) {
  if (client.minor == 0) return client.plain<status4res>(OP_RENEW, RENEW4args{client.id}).status;
  SEQUENCE4args args = client.sequence;
  ++args.sa_sequenceid;
  const nfsstat4 status = client.run_plain(Ops().add(OP_SEQUENCE, args)).status;
  if (status == NFS4_OK) client.sequence = args;
  return status;
}

/// What a client is told whose state was lost while the server ran.
nfsstat4 lost(const Holder& client) { return client.minor == 0 ? NFS4ERR_EXPIRED : NFS4ERR_BADSESSION; }

Asked reclaiming(std::uint32_t access = both) {
  return {.access = access, .claim = claim(open_claim_type4::CLAIM_PREVIOUS)};
}

/// Comes back to the next incarnation of its server, and has reclaimed nothing yet.
void come_back(Holder& client, Server& server) {
  client.use(server);
  client.introduce();
}

struct Lapsed {
  Holder other;
  nfs_fh3 file3;
  nfs_fh4 file;
  Lapsed(Server& server, std::uint32_t minor)
      : other(server, minor, "other"),
        file3(server.world.make_file(server.world.root(), "file", 0666, "contents")),
        file(same_handle(file3)) {}
  void wait(Server& server) {
    server.wait_seconds(Server::lease_seconds - 1);
    REQUIRE(ask(other) == NFS4_OK);
    server.wait_seconds(2);
  }
};

}  // namespace

TEST_CASE("what a silent client has open stays until an OPEN conflicts, then it is EXPIRED") {
  for_both_holders([](Server& server, Holder& client) {
    Lapsed lapsed(server, client.minor == 0 ? 1 : 0);
    const Opened opened = client.open("file", all_for_myself);
    REQUIRE(opened.status == NFS4_OK);
    server.wait_seconds(Server::lease_seconds - 1);
    REQUIRE(ask(lapsed.other) == NFS4_OK);
    CHECK(lapsed.other.open("file").status == NFS4ERR_SHARE_DENIED);
    server.wait_seconds(2);
    CHECK(lapsed.other.open("file", all_for_myself).status == NFS4_OK);
    CHECK(ask(client) == lost(client));
    if (client.minor == 0) CHECK(client.read(opened.handle, opened.stateid) == NFS4ERR_EXPIRED);
    // It begins anew.
    client.introduce();
    if (client.minor > 0) CHECK(client.reclaim_complete() == NFS4_OK);
    client.numbers.clear();
    CHECK(client.open("file").status == NFS4ERR_SHARE_DENIED);
  });
}

TEST_CASE("a silent client that comes back before anybody wants what it holds goes on") {
  for_both_holders([](Server& server, Holder& client) {
    Lapsed lapsed(server, client.minor);
    const Opened opened = client.open("file", all_for_myself);
    lapsed.wait(server);
    server.wait_seconds(3'600);
    CHECK(client.read(opened.handle, opened.stateid) == NFS4_OK);
    Holder third(server, client.minor, "third");
    CHECK(third.open("file").status == NFS4ERR_SHARE_DENIED);
    // The other was silent as well, and had nothing to keep it.
    CHECK(ask(lapsed.other) == lost(lapsed.other));
  });
}

TEST_CASE("what a silent client has locked stays until a LOCK conflicts") {
  for_both_holders([](Server& server, Holder& client) {
    Lapsed lapsed(server, client.minor);
    const Opened theirs = lapsed.other.open("file", {.access = both});
    REQUIRE(client.lock(client.open("file", {.access = both}), {0, 10}).status == NFS4_OK);
    lapsed.wait(server);
    CHECK(lapsed.other.lock(theirs, {20, 10}, "beside").status == NFS4_OK);
    CHECK(ask(client) == NFS4_OK);
    lapsed.wait(server);
    CHECK(lapsed.other.lock(theirs, {5, 1}, "across").status == NFS4_OK);
    CHECK(ask(client) == lost(client));
  });
}

TEST_CASE("LOCKT makes a silent client's lock go as well") {
  for_both_holders([](Server& server, Holder& client) {
    Lapsed lapsed(server, client.minor);
    REQUIRE(client.lock(client.open("file", {.access = both}), {0, 10}).status == NFS4_OK);
    CHECK(lapsed.other.test(lapsed.file, {0, 10}).status == NFS4ERR_DENIED);
    lapsed.wait(server);
    CHECK(lapsed.other.test(lapsed.file, {0, 10}).status == NFS4_OK);
    CHECK(ask(client) == lost(client));
  });
}

TEST_CASE("what a silent client denies goes when somebody without an open wants to read or write") {
  const auto write3 = [](Server& server, const Lapsed& lapsed) {
    const nfs3::WRITE3args args{lapsed.file3, 0, 1, nfs3::stable_how::FILE_SYNC, chain_of("x")};
    return server.world.call(&nfs3::write, args).status;
  };
  const auto wanted = {
      +[](Lapsed& lapsed) { return lapsed.other.read(lapsed.file, anonymous); },
      +[](Lapsed& lapsed) { return lapsed.other.write(lapsed.file, anonymous); },
      +[](Lapsed& lapsed) { return lapsed.other.resize(lapsed.file, anonymous, 1); },
  };
  for (const auto want : wanted) {
    for_both_holders([&](Server& server, Holder& client) {
      Lapsed lapsed(server, client.minor == 0 ? 1 : 0);
      REQUIRE(client.open("file", all_for_myself).status == NFS4_OK);
      CHECK(want(lapsed) == NFS4ERR_LOCKED);
      lapsed.wait(server);
      CHECK(want(lapsed) == NFS4_OK);
      CHECK(ask(client) == lost(client));
    });
  }
  for_both_holders([&](Server& server, Holder& client) {
    Lapsed lapsed(server, 1);
    REQUIRE(client.open("file", all_for_myself).status == NFS4_OK);
    CHECK(write3(server, lapsed) == nfsstat3::NFS3ERR_ACCES);
    lapsed.wait(server);
    CHECK(write3(server, lapsed) == nfsstat3::NFS3_OK);
    CHECK(ask(client) == lost(client));
  });
}

TEST_CASE("who wants what a silent client denies waits until that is durably revoked") {
  for_both_holders([](Server& server, Holder& client) {
    Lapsed lapsed(server, client.minor);
    REQUIRE(client.open("file", all_for_myself).status == NFS4_OK);
    lapsed.wait(server);
    server.records.way = KeptRecords::Way::Held;
    std::optional<BufferChain> reply;
    if (lapsed.other.minor > 0) ++lapsed.other.sequence.sa_sequenceid;
    const Ops ops = Ops().fh(lapsed.file).add(OP_READ, READ4args{{}, 0, 10});
    lapsed.other.start(lapsed.other.arguments(ops), reply);
    lapsed.other.turn();
    CHECK_FALSE(reply);
    CHECK(server.records.finish_held(true) > 0);
    lapsed.other.turn();
    REQUIRE(reply);
    CHECK(Results(Client::body(*reply)).status == NFS4_OK);
    server.records.way = KeptRecords::Way::AtOnce;
    CHECK(ask(client) == lost(client));
  });
}

TEST_CASE("courtesy ends after a day") {
  for_both_holders([](Server& server, Holder& client) {
    Lapsed lapsed(server, client.minor);
    REQUIRE(client.open("file", all_for_myself).status == NFS4_OK);
    server.wait_seconds(Server::lease_seconds + 24 * 3'600);
    CHECK(ask(client) == lost(client));
  });
}

TEST_CASE("after a restart what a client held is STALE, and OPEN is for reclaims only: GRACE") {
  for_both_holders([](Server& server, Holder& client) {
    server.world.make_file(server.world.root(), "file", 0666, "contents");
    const Opened opened = client.open("file", all_for_myself);
    const clientid4 before = client.id;
    server.restart();
    client.use(server);
    CHECK(ask(client) == (client.minor == 0 ? NFS4ERR_STALE_CLIENTID : NFS4ERR_BADSESSION));
    if (client.minor == 0) CHECK(client.read(opened.handle, opened.stateid) == NFS4ERR_STALE_STATEID);
    client.introduce();
    CHECK(client.id != before);
    CHECK(client.open("file").status == NFS4ERR_GRACE);
    CHECK(client.test(opened.handle, {0, 1}).status == NFS4ERR_GRACE);
    const Opened reclaimed = client.open("file", reclaiming());
    REQUIRE(reclaimed.status == NFS4_OK);
    CHECK((reclaimed.rflags & OPEN4_RESULT_CONFIRM) == 0);
    CHECK(client.write(reclaimed.handle, reclaimed.stateid) == NFS4_OK);
    CHECK(client.lock(reclaimed, {0, 10}).status == NFS4ERR_GRACE);
    CHECK(client.lock(reclaimed, {0, 10, nfs_lock_type4::WRITE_LT, true}).status == NFS4_OK);
  });
}

TEST_CASE("in grace READ, WRITE and SETATTR of a size without an open are GRACE") {
  for_both_holders([](Server& server, Holder& client) {
    const nfs_fh4 file = same_handle(server.world.make_file(server.world.root(), "file", 0666, "contents"));
    REQUIRE(client.open("file", all_for_myself).status == NFS4_OK);
    server.restart();
    Holder stranger(server, client.minor, "stranger");
    CHECK(stranger.read(file, anonymous) == NFS4ERR_GRACE);
    CHECK(stranger.read(file, bypass()) == NFS4ERR_GRACE);
    CHECK(stranger.write(file, anonymous) == NFS4ERR_GRACE);
    CHECK(stranger.resize(file, anonymous, 0) == NFS4ERR_GRACE);
    const SETATTR4args mode{{}, fattr({FATTR4_MODE}, std::uint32_t{0600})};
    CHECK(stranger.status(Ops().fh(file).add(OP_SETATTR, mode)) == NFS4_OK);
    server.wait_seconds(Server::lease_seconds - 1);
    REQUIRE(ask(stranger) == NFS4_OK);
    server.wait_seconds(2);
    CHECK(stranger.read(file, anonymous) == NFS4_OK);
  });
}

TEST_CASE("whom no record knows may reclaim nothing, and waits for the end of grace") {
  for_both_holders([](Server& server, Holder& client) {
    server.world.make_file(server.world.root(), "file", 0666);
    REQUIRE(client.open("file").status == NFS4_OK);
    server.restart();
    Holder stranger(server, client.minor, "stranger");
    CHECK(stranger.open("file").status == NFS4ERR_GRACE);
    CHECK(stranger.open("file", reclaiming()).status == NFS4ERR_NO_GRACE);
    server.wait_seconds(Server::lease_seconds - 1);
    REQUIRE(ask(stranger) == NFS4_OK);
    CHECK(stranger.open("file").status == NFS4ERR_GRACE);
    server.wait_seconds(2);
    CHECK(stranger.open("file").status == NFS4_OK);
    // Who comes too late has nothing to reclaim any more.
    come_back(client, server);
    CHECK(client.open("file", reclaiming()).status == NFS4ERR_NO_GRACE);
  });
}

TEST_CASE("RECLAIM_COMPLETE of the last one ends grace") {
  Server server;
  Holder first(server, 1, "first"), second(server, 1, "second");
  server.world.make_file(server.world.root(), "file", 0666);
  REQUIRE(first.open("file").status == NFS4_OK);
  REQUIRE(second.open("file").status == NFS4_OK);
  server.restart();
  come_back(first, server);
  come_back(second, server);
  CHECK(first.open("file", reclaiming()).status == NFS4_OK);
  CHECK(first.reclaim_complete() == NFS4_OK);
  CHECK(first.reclaim_complete() == NFS4ERR_COMPLETE_ALREADY);
  CHECK(first.open("file", {.owner = "more"}).status == NFS4ERR_GRACE);
  CHECK(first.open("file", reclaiming()).status == NFS4ERR_NO_GRACE);
  CHECK(second.open("file", reclaiming()).status == NFS4_OK);
  CHECK(second.reclaim_complete() == NFS4_OK);
  CHECK(first.open("file", {.owner = "more"}).status == NFS4_OK);
}

TEST_CASE("RECLAIM_COMPLETE comes before a client's first OPEN, also when there is nothing to reclaim") {
  Server server;
  Holder client(server, 1, "client");
  server.world.make_file(server.world.root(), "file");
  client.name = "fresh";
  client.introduce();
  CHECK(client.open("file").status == NFS4ERR_GRACE);
  const RECLAIM_COMPLETE4args one{.rca_one_fs = true};
  CHECK(client.status(Ops().add(OP_RECLAIM_COMPLETE, one)) == NFS4ERR_NOFILEHANDLE);
  CHECK(client.status(Ops().go({"export"}).add(OP_RECLAIM_COMPLETE, one)) == NFS4_OK);
  CHECK(client.open("file").status == NFS4ERR_GRACE);
  CHECK(client.reclaim_complete() == NFS4_OK);
  CHECK(client.open("file").status == NFS4_OK);
}
