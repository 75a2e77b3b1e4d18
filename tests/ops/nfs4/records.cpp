// The records of clients, on which rests what they may have and reclaim: a store that fails, and who gets none.
#include <algorithm>

#include "ops/nfs4/holder.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;

namespace {

constexpr std::uint32_t both = OPEN4_SHARE_ACCESS_BOTH;

bool has_record(const Server& server, clientid4 id) {
  return std::ranges::any_of(server.records.kept.clients, [&](const auto& record) { return record.id == id; });
}

}  // namespace

TEST_CASE("an OPEN whose client cannot be recorded is to come again") {
  for_both_holders([](Server& server, Holder& client) {
    server.world.make_file(server.world.root(), "file", 0666, "contents");
    server.records.way = KeptRecords::Way::Failing;
    CHECK(client.open("file").status == NFS4ERR_DELAY);
    CHECK_FALSE(has_record(server, client.id));
    server.records.way = KeptRecords::Way::AtOnce;
    CHECK(client.open("file").status == NFS4_OK);
    CHECK(has_record(server, client.id));
  });
}

TEST_CASE("what a silent client has stays in the way while it cannot be marked as revoked") {
  for_both_holders([](Server& server, Holder& client) {
    server.world.make_file(server.world.root(), "file", 0666, "contents");
    server.world.make_file(server.world.root(), "second");
    REQUIRE(client.open("file", {.access = both, .deny = OPEN4_SHARE_DENY_BOTH}).status == NFS4_OK);
    server.wait_seconds(Server::lease_seconds + 1);
    Holder other(server, client.minor, "other");
    REQUIRE(other.open("second", {.access = OPEN4_SHARE_ACCESS_READ}).status == NFS4_OK);
    server.records.way = KeptRecords::Way::Failing;
    CHECK(other.open("file").status == NFS4ERR_SHARE_DENIED);
    server.records.way = KeptRecords::Way::AtOnce;
    CHECK(other.open("file").status == NFS4ERR_SHARE_DENIED);  // it is not tried again at once
    server.wait_seconds(1);
    CHECK(other.open("file").status == NFS4_OK);
  });
}

TEST_CASE("who is refused what it asks for is not recorded: it could reclaim after the next restart") {
  for_both_holders([](Server& server, Holder& client) {
    server.world.make_file(server.world.root(), "file", 0666);
    REQUIRE(client.open("file").status == NFS4_OK);
    REQUIRE(has_record(server, client.id));
    server.restart();
    Holder stranger(server, client.minor, "stranger");
    CHECK(stranger.open("file").status == NFS4ERR_GRACE);
    CHECK_FALSE(has_record(server, stranger.id));
    server.wait_seconds(Server::lease_seconds + 1);
    client.use(server);
    client.introduce();
    const Asked reclaim{.access = both, .claim = claim(open_claim_type4::CLAIM_PREVIOUS)};
    CHECK(client.open("file", reclaim).status == NFS4ERR_NO_GRACE);
    CHECK(server.records.kept.clients.empty());
  });
}
