// The edge conditions of grace (RFC 7530, 9.6.3.4; RFC 8881, 8.4.3), request by request: nobody gets back what others
// may have got since, and whoever lost nothing gets all of it.
#include "ops/nfs4/holder.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;
using Way = KeptRecords::Way;

namespace {

constexpr std::uint32_t reads = OPEN4_SHARE_ACCESS_READ, writes = OPEN4_SHARE_ACCESS_WRITE,
                        both = OPEN4_SHARE_ACCESS_BOTH, no_writers = OPEN4_SHARE_DENY_WRITE,
                        nobody_else = OPEN4_SHARE_DENY_BOTH;
const Asked all_for_myself{.access = both, .deny = nobody_else};

Asked reclaiming(std::uint32_t access = both, std::uint32_t deny = nobody_else) {
  return {.access = access, .deny = deny, .claim = claim(open_claim_type4::CLAIM_PREVIOUS)};
}

void come_back(Holder& client, Server& server) {
  client.use(server);
  client.introduce();
}

void renew(Holder& client) {
  if (client.minor == 0) {
    REQUIRE(client.plain<status4res>(OP_RENEW, RENEW4args{client.id}).status == NFS4_OK);
  } else {
    REQUIRE(client.status(Ops().root()) == NFS4_OK);
  }
}

/// Two clients and a file; `client` holds all of it, and then falls silent until its lease has run out.
struct Silent {
  Silent(Server& over, Holder& client) : server(over), other(over, client.minor, "other") {
    server.world.make_file(server.world.root(), "file", 0666, "contents");
    server.world.make_file(server.world.root(), "own", 0666, "contents");
    REQUIRE(other.open("own").status == NFS4_OK);
    REQUIRE(client.open("file", all_for_myself).status == NFS4_OK);
    server.wait_seconds(Server::lease_seconds - 1);
    renew(other);
    server.wait_seconds(2);
  }
  /// The OPEN by which the other one takes the file.
  void take() {
    ++other.sequence.sa_sequenceid;
    const nfs_fh4 root = same_handle(server.world.root());
    other.start(other.arguments(Ops().fh(root).add(OP_OPEN, other.open_args("file", {.access = both}))), reply);
    ++other.xid;
  }
  Server& server;
  Holder other;
  std::optional<BufferChain> reply;
};

}  // namespace

TEST_CASE("courtesy state that went to somebody else is not reclaimed after a crash") {
  for_both_holders([](Server& server, Holder& client) {
    Silent silent(server, client);
    silent.take();
    REQUIRE(silent.reply);
    REQUIRE(Results(Client::body(*silent.reply)).status == NFS4_OK);
    server.restart();
    come_back(client, server);
    come_back(silent.other, server);
    CHECK(client.open("file", reclaiming()).status == NFS4ERR_NO_GRACE);
    CHECK(silent.other.open("file", reclaiming(both, 0)).status == NFS4_OK);
  });
}

TEST_CASE("a crash before the mark is durable: nobody was answered, and the silent client has lost nothing") {
  for_both_holders([](Server& server, Holder& client) {
    Silent silent(server, client);
    server.records.way = Way::Held;
    silent.take();
    CHECK_FALSE(silent.reply);
    server.restart();
    come_back(client, server);
    CHECK(client.open("file", reclaiming()).status == NFS4_OK);
  });
}

TEST_CASE("a mark that cannot be made durable: the conflict stands, and nobody has lost anything") {
  for_both_holders([](Server& server, Holder& client) {
    Silent silent(server, client);
    server.records.way = Way::Failing;
    silent.take();
    REQUIRE(silent.reply);
    CHECK(Results(Client::body(*silent.reply)).status == NFS4ERR_SHARE_DENIED);
    renew(client);
    server.restart();
    come_back(client, server);
    CHECK(client.open("file", reclaiming()).status == NFS4_OK);
  });
}

TEST_CASE("a crash between the mark and the reply: the silent client has lost all") {
  for_both_holders([](Server& server, Holder& client) {
    Silent silent(server, client);
    server.records.way = Way::Held;
    silent.take();
    CHECK_FALSE(silent.reply);
    CHECK(server.records.finish_held(true) >= 1);
    // Its answer is made, or on its way, and nobody hears it.
    server.restart();
    come_back(client, server);
    CHECK(client.open("file", reclaiming()).status == NFS4ERR_NO_GRACE);
  });
}

TEST_CASE("a client that missed grace reclaims nothing, then or after another restart") {
  const bool another_restart = GENERATE(false, true);
  for_both_holders([another_restart](Server& server, Holder& client) {
    server.world.make_file(server.world.root(), "file", 0666, "contents");
    REQUIRE(client.open("file", all_for_myself).status == NFS4_OK);
    server.restart();
    Holder other(server, client.minor, "other");
    server.wait_seconds(Server::lease_seconds - 1);
    renew(other);
    server.wait_seconds(1);
    REQUIRE(other.open("file", all_for_myself).status == NFS4_OK);
    if (another_restart) server.restart();
    come_back(client, server);
    CHECK(client.open("file", reclaiming()).status == NFS4ERR_NO_GRACE);
    if (!another_restart) return;
    come_back(other, server);
    CHECK(other.open("file", reclaiming()).status == NFS4_OK);
  });
}

TEST_CASE("a client that was cut off in the middle of its reclaims reclaims nothing after another restart") {
  Server server;
  Holder client(server, 1);
  server.world.make_file(server.world.root(), "first", 0666);
  server.world.make_file(server.world.root(), "second", 0666);
  REQUIRE(client.open("first", all_for_myself).status == NFS4_OK);
  REQUIRE(client.open("second", all_for_myself).status == NFS4_OK);
  server.restart();
  come_back(client, server);
  REQUIRE(client.open("first", reclaiming()).status == NFS4_OK);
  server.wait_seconds(Server::lease_seconds - 1);
  renew(client);
  server.wait_seconds(1);
  CHECK(client.open("second", reclaiming()).status == NFS4ERR_NO_GRACE);
  server.restart();
  come_back(client, server);
  CHECK(client.open("first", reclaiming()).status == NFS4ERR_NO_GRACE);
}

TEST_CASE("restarts within grace take nothing from anybody") {
  for_both_holders([](Server& server, Holder& client) {
    server.world.make_file(server.world.root(), "file", 0666, "contents");
    server.world.make_file(server.world.root(), "own", 0666, "contents");
    Holder other(server, client.minor, "other");
    REQUIRE(client.open("file", all_for_myself).status == NFS4_OK);
    REQUIRE(other.open("own", all_for_myself).status == NFS4_OK);
    server.restart();
    come_back(client, server);
    REQUIRE(client.open("file", reclaiming()).status == NFS4_OK);
    CHECK(server.records.kept.objects.size() == 2);
    server.wait_seconds(10);
    server.restart();
    Holder stranger(server, client.minor, "stranger");
    CHECK(stranger.open("file").status == NFS4ERR_GRACE);
    come_back(client, server);
    CHECK(client.open("file", reclaiming()).status == NFS4_OK);
    come_back(other, server);
    CHECK(other.open("own", reclaiming()).status == NFS4_OK);
    CHECK(server.records.kept.objects.size() == 2);
  });
}

TEST_CASE("what a known client never held it cannot reclaim where that is on record") {
  for_both_holders([](Server& server, Holder& client) {
    server.world.make_file(server.world.root(), "file", 0666, "contents");
    server.world.make_file(server.world.root(), "own", 0666, "contents");
    Holder other(server, client.minor, "other");
    REQUIRE(client.open("file", {.access = both, .deny = no_writers}).status == NFS4_OK);
    REQUIRE(other.open("own").status == NFS4_OK);
    server.restart();
    come_back(other, server);
    come_back(client, server);
    // No denial of its own is on record, and another's is.
    CHECK(other.open("own", reclaiming(reads, no_writers)).status == NFS4ERR_RECLAIM_BAD);
    CHECK(other.open("file", reclaiming(writes, 0)).status == NFS4ERR_RECLAIM_CONFLICT);
    CHECK(client.open("file", reclaiming(both, nobody_else)).status == NFS4ERR_RECLAIM_BAD);
    REQUIRE(client.open("file", reclaiming(both, no_writers)).status == NFS4_OK);
    CHECK(other.open("file", reclaiming(writes, 0)).status == NFS4ERR_RECLAIM_CONFLICT);
    CHECK(other.open("own", reclaiming(reads, 0)).status == NFS4_OK);
  });
}

TEST_CASE("an OPEN whose record was lost in a crash was never answered, and keeps nobody waiting") {
  for_both_holders([](Server& server, Holder& client) {
    const nfs_fh4 file = same_handle(server.world.make_file(server.world.root(), "file", 0666, "contents"));
    server.world.make_file(server.world.root(), "own", 0666, "contents");
    REQUIRE(client.open("own").status == NFS4_OK);
    server.records.way = Way::Held;
    std::optional<BufferChain> reply;
    ++client.sequence.sa_sequenceid;
    const nfs_fh4 root = same_handle(server.world.root());
    client.start(client.arguments(Ops().fh(root).add(OP_OPEN, client.open_args("file", all_for_myself))), reply);
    ++client.xid;
    CHECK_FALSE(reply);
    server.restart();
    Holder stranger(server, client.minor, "stranger");
    CHECK(stranger.write(file, anonymous) == NFS4_OK);
    come_back(client, server);
    CHECK(client.open("file", reclaiming()).status == NFS4ERR_RECLAIM_BAD);
  });
}
