// The records of clients, on which rests what they may have and reclaim: a store that fails, and who gets none.
#include <algorithm>

#include "ops/nfs4/holder.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;

namespace {

class Failing final : public Records {
 public:
  bool works = false;
  int asked = 0;
  void apply(const state::Persist&, Done done) override {
    ++asked;
    done(works);
  }
};

constexpr std::uint32_t both = OPEN4_SHARE_ACCESS_BOTH;

/// A server whose store may fail, beside one that is there for Holders to begin with.
struct Broken {
  Server server;
  Failing records;
  Keeper keeper{server.world.shares.coordinator(), server.world.clock, records, {.incarnation = 2}};

  Broken() { server.world.make_file(server.world.root(), "file", 0666, "contents"); }
  void admit(Holder& client) {
    client.service.keeper = &keeper;
    client.service.sessions = &keeper;
    client.service.stateids = &keeper;
    client.connection.reset();
    client.introduce();
    if (client.minor > 0) REQUIRE(client.reclaim_complete() == NFS4_OK);
  }
};

bool has_record(const Server& server, clientid4 id) {
  return std::ranges::any_of(server.records.kept, [&](const auto& record) { return record.id == id; });
}

}  // namespace

TEST_CASE("an OPEN whose client cannot be recorded is to come again") {
  for (const std::uint32_t minor : {0U, 1U}) {
    Broken broken;
    Holder client(broken.server, minor);
    broken.admit(client);
    CHECK(client.open("file").status == NFS4ERR_DELAY);
    CHECK(broken.records.asked == 2);
    broken.records.works = true;
    CHECK(client.open("file").status == NFS4_OK);
    CHECK(broken.records.asked == 3);
  }
}

TEST_CASE("what a silent client has stays in the way while it cannot be marked as revoked") {
  for (const std::uint32_t minor : {0U, 1U}) {
    Broken broken;
    broken.records.works = true;
    Holder client(broken.server, minor, "client"), other(broken.server, minor, "other");
    broken.admit(client);
    REQUIRE(client.open("file", {.access = both, .deny = OPEN4_SHARE_DENY_BOTH}).status == NFS4_OK);
    broken.server.world.make_file(broken.server.world.root(), "second");
    broken.server.world.clock.advance_seconds(Server::lease_seconds + 1);
    broken.keeper.advance();
    broken.admit(other);
    REQUIRE(other.open("second").status == NFS4_OK);
    broken.records.works = false;
    CHECK(other.open("file").status == NFS4ERR_SHARE_DENIED);
    broken.records.works = true;
    CHECK(other.open("file").status == NFS4_OK);
  }
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
    CHECK(server.records.kept.empty());
  });
}
