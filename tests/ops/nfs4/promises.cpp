// What an open denies is on record before its client is answered, and until it goes; and what a restart makes of the
// records: who would break what may still be reclaimed waits, and nobody else does.
#include <functional>
#include <initializer_list>
#include <utility>
#include <vector>

#include "gate/persister.hpp"
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
                        no_readers = OPEN4_SHARE_DENY_READ, nobody_else = OPEN4_SHARE_DENY_BOTH;

Asked reclaiming(std::uint32_t access, std::uint32_t deny) {
  return {.access = access, .deny = deny, .claim = claim(open_claim_type4::CLAIM_PREVIOUS)};
}

void come_back(Holder& client, Server& server) {
  client.use(server);
  client.introduce();
}

/// An OPEN that may have to wait.
struct Opening {
  Opening(Holder& by, std::string_view file, const Asked& asked) {
    ++by.sequence.sa_sequenceid;
    const nfs_fh4 root = same_handle(by.world.root());
    by.start(by.arguments(Ops().fh(root).add(OP_OPEN, by.open_args(file, asked))), reply);
    ++by.xid;
  }
  std::optional<BufferChain> reply;
  nfsstat4 status() const { return Results(Client::body(*reply)).status; }
};

/// A WRITE, or a READ, of version 3 that may have to wait.
struct Writing3 {
  Writing3(World& over, const nfs_fh3& to) : args{to, 0, 1, nfs3::stable_how::FILE_SYNC, chain_of("x")} {
    over.start(&nfs3::write, args, result);
  }
  nfs3::WRITE3args args;
  std::optional<nfs3::WRITE3res> result;
};
struct Reading3 {
  Reading3(World& over, const nfs_fh3& from) : args{from, 0, 10} { over.start(&nfs3::read, args, result); }
  nfs3::READ3args args;
  std::optional<nfs3::READ3res> result;
};

struct Files {
  explicit Files(World& world)
      : file(world.make_file(world.root(), "file", 0666, "contents")),
        other(world.make_file(world.root(), "other", 0666, "contents")) {}
  nfs_fh3 file, other;
};

/// Time goes by, and whoever waited goes on.
void wait(Server& server, std::uint64_t seconds) {
  server.wait_seconds(seconds);
  server.world.turn();
}

}  // namespace

TEST_CASE("changes reach the state store in the order of their tokens, whoever brings them") {
  struct Ordered final : state::Records {
    std::vector<state::PersistToken> order;
    std::function<void()> meanwhile;
    void apply(const state::Persist& change, Done done) override {
      order.push_back(change.token);
      if (const auto now = std::exchange(meanwhile, nullptr)) now();
      done(change.token != 3);
    }
  };
  Ordered store;
  gate::Persister persister;
  CHECK_FALSE(persister.keeps());
  persister.set_records(&store);
  CHECK(persister.keeps());
  std::vector<std::pair<state::PersistToken, bool>> finished;
  const auto add = [&](std::initializer_list<state::PersistToken> tokens) {
    std::vector<state::Persist> changes;
    for (const state::PersistToken token : tokens) changes.emplace_back().token = token;
    persister.add(std::move(changes),
                  [&](state::PersistToken token, bool durable) { finished.emplace_back(token, durable); });
  };
  add({2, 4});
  CHECK(store.order.empty());
  store.meanwhile = [&] { add({3}); };
  add({1});
  using Order = std::vector<state::PersistToken>;
  CHECK(store.order == Order{1, 2, 3, 4});
  CHECK(finished == std::vector<std::pair<state::PersistToken, bool>>{{1, true}, {2, true}, {3, false}, {4, true}});
}

TEST_CASE("an open that denies something is on record until it denies nothing") {
  for_both_holders([](Server& server, Holder& client) {
    const Files files(server.world);
    const auto& objects = server.records.kept.objects;
    REQUIRE(client.open("other", {.access = both}).status == NFS4_OK);
    CHECK(objects.empty());
    REQUIRE(client.open("file", {.access = reads}).status == NFS4_OK);
    CHECK(objects.empty());
    Opened opened = client.open("file", {.access = writes, .deny = no_writers});
    CHECK(opened.status == NFS4_OK);
    REQUIRE(objects.size() == 1);
    const state::Protocol protocol = client.minor == 0 ? state::Protocol::Nfs40 : state::Protocol::Nfs41;
    CHECK(objects[0].who == state::Claimant{{protocol, "client"}, "owner"});
    CHECK(objects[0].mode == state::ShareMode{state::Share::Both, state::Share::Write});
    CHECK(objects[0].file.store == server.world.fs->store_id());
    REQUIRE(client.downgrade(opened, reads) == NFS4_OK);
    CHECK(objects.empty());
    REQUIRE(client.close(opened).status == NFS4_OK);

    opened = client.open("file", {.access = reads, .deny = no_readers});
    REQUIRE(objects.size() == 1);
    CHECK(objects[0].mode == state::ShareMode{state::Share::Read, state::Share::Read});
    opened = client.open("file", {.access = writes});
    REQUIRE(objects.size() == 1);
    CHECK(objects[0].mode == state::ShareMode{state::Share::Both, state::Share::Read});
    REQUIRE(client.downgrade(opened, reads, no_readers) == NFS4_OK);
    REQUIRE(objects.size() == 1);
    CHECK(objects[0].mode == state::ShareMode{state::Share::Read, state::Share::Read});
    REQUIRE(client.close(opened).status == NFS4_OK);
    CHECK(objects.empty());
  });
}

TEST_CASE("the record goes with a client that others take something from") {
  for_both_holders([](Server& server, Holder& client) {
    const Files files(server.world);
    Holder other(server, client.minor, "other");
    REQUIRE(client.open("file", {.access = both, .deny = nobody_else}).status == NFS4_OK);
    REQUIRE(server.records.kept.objects.size() == 1);
    server.wait_seconds(Server::lease_seconds + 1);
    other.introduce();
    if (other.minor > 0) REQUIRE(other.reclaim_complete() == NFS4_OK);
    CHECK(other.open("file", {.access = both}).status == NFS4_OK);
    CHECK(server.records.kept.objects.empty());
  });
}

TEST_CASE("OPEN is not answered before its record is durable") {
  for_both_holders([](Server& server, Holder& client) {
    const Files files(server.world);
    REQUIRE(client.open("other").status == NFS4_OK);
    server.records.way = Way::Held;
    Opening opening(client, "file", {.access = reads, .deny = no_writers});
    CHECK_FALSE(opening.reply);
    CHECK(server.records.finish_held(true) == 1);
    server.world.turn();
    REQUIRE(opening.reply);
    CHECK(opening.status() == NFS4_OK);
    CHECK(server.records.kept.objects.size() == 1);
  });
}

TEST_CASE("OPEN whose record cannot be made durable fails, and leaves nothing") {
  for_both_holders([](Server& server, Holder& client) {
    const Files files(server.world);
    Holder other(server, client.minor, "other");
    REQUIRE(client.open("other").status == NFS4_OK);
    REQUIRE(other.open("other").status == NFS4_OK);
    server.records.way = Way::Failing;
    CHECK(client.open("file", {.access = both, .deny = nobody_else}).status == NFS4ERR_IO);
    CHECK(server.records.kept.objects.empty());
    CHECK(server.world.shares.coordinator().objects().size() == 0);
    CHECK(other.open("file", {.access = both}).status == NFS4_OK);
  });
}

TEST_CASE("OPEN that adds a denial which cannot be made durable leaves the open as it was") {
  for_both_holders([](Server& server, Holder& client) {
    const Files files(server.world);
    Holder other(server, client.minor, "other");
    const Opened opened = client.open("file", {.access = reads});
    REQUIRE(other.open("other").status == NFS4_OK);
    server.records.way = Way::Failing;
    CHECK(client.open("file", {.access = both, .deny = no_writers}).status == NFS4ERR_IO);
    CHECK(client.read(opened.handle, opened.stateid) == NFS4_OK);
    CHECK(client.write(opened.handle, opened.stateid) == NFS4ERR_OPENMODE);
    CHECK(other.open("file", {.access = both, .deny = no_writers}).status == NFS4ERR_IO);
    CHECK(other.open("file", {.access = both}).status == NFS4_OK);
  });
}

TEST_CASE("after a restart WRITE of version 3 waits where a denial may be reclaimed, and only there") {
  for_both_holders([](Server& server, Holder& client) {
    const Files files(server.world);
    REQUIRE(client.open("file", {.access = reads, .deny = no_writers}).status == NFS4_OK);
    REQUIRE(client.open("other", {.access = both}).status == NFS4_OK);
    server.restart();

    Writing3 elsewhere(server.world, files.other);
    REQUIRE(elsewhere.result);
    CHECK(elsewhere.result->status == nfsstat3::NFS3_OK);
    Reading3 harmless(server.world, files.file);
    REQUIRE(harmless.result);
    CHECK(harmless.result->status == nfsstat3::NFS3_OK);

    Writing3 impatient(server.world, files.file);
    CHECK_FALSE(impatient.result);
    wait(server, 1);
    REQUIRE(impatient.result);
    CHECK(impatient.result->status == nfsstat3::NFS3ERR_JUKEBOX);

    Writing3 writing(server.world, files.file);
    CHECK_FALSE(writing.result);
    come_back(client, server);
    REQUIRE(client.open("file", reclaiming(reads, no_writers)).status == NFS4_OK);
    server.world.turn();
    REQUIRE(writing.result);
    CHECK(writing.result->status == nfsstat3::NFS3ERR_ACCES);
    CHECK(server.world.contents(files.file) == "contents");
  });
}

TEST_CASE("who waits for a denial that nobody reclaims goes on when grace is over") {
  for_both_holders([](Server& server, Holder& client) {
    const Files files(server.world);
    REQUIRE(client.open("file", {.access = reads, .deny = nobody_else}).status == NFS4_OK);
    server.restart();
    REQUIRE(server.records.kept.objects.size() == 1);
    server.wait_seconds(Server::lease_seconds - 1);
    Writing3 writing(server.world, files.file);
    Reading3 reading(server.world, files.file);
    CHECK_FALSE(writing.result);
    CHECK_FALSE(reading.result);
    wait(server, 1);
    REQUIRE(writing.result);
    CHECK(writing.result->status == nfsstat3::NFS3_OK);
    REQUIRE(reading.result);
    CHECK(reading.result->status == nfsstat3::NFS3_OK);
    CHECK(server.records.kept.objects.empty());
  });
}

TEST_CASE("the end of grace is durable before who waited for it goes on") {
  for_both_holders([](Server& server, Holder& client) {
    const Files files(server.world);
    REQUIRE(client.open("file", {.access = reads, .deny = nobody_else}).status == NFS4_OK);
    server.restart();
    server.records.way = Way::Held;
    server.wait_seconds(Server::lease_seconds);
    Writing3 writing(server.world, files.file);
    CHECK_FALSE(writing.result);
    CHECK(server.records.finish_held(true) == 1);
    server.world.turn();
    REQUIRE(writing.result);
    CHECK(writing.result->status == nfsstat3::NFS3_OK);
  });
}

TEST_CASE("without an open version 4 is told GRACE where a denial may be reclaimed, and passes elsewhere") {
  for_both_holders([](Server& server, Holder& client) {
    const Files files(server.world);
    REQUIRE(client.open("file", {.access = reads, .deny = no_writers}).status == NFS4_OK);
    server.restart();
    Holder stranger(server, client.minor, "stranger");
    CHECK(stranger.write(same_handle(files.file), anonymous) == NFS4ERR_GRACE);
    CHECK(stranger.resize(same_handle(files.file), anonymous, 1) == NFS4ERR_GRACE);
    CHECK(stranger.read(same_handle(files.file), anonymous) == NFS4_OK);
    CHECK(stranger.read(same_handle(files.file), bypass()) == NFS4_OK);
    CHECK(stranger.write(same_handle(files.other), anonymous) == NFS4_OK);
  });
}

TEST_CASE("what is reclaimed in parts stays reserved until all of it is") {
  for_both_holders([](Server& server, Holder& client) {
    const Files files(server.world);
    REQUIRE(client.open("file", {.access = reads, .deny = no_readers}).status == NFS4_OK);
    REQUIRE(client.open("file", {.access = writes}).status == NFS4_OK);
    server.restart();
    const auto& objects = server.records.kept.objects;
    REQUIRE(objects.size() == 1);
    const state::Incarnation before = objects[0].incarnation;
    come_back(client, server);
    REQUIRE(client.open("file", reclaiming(reads, no_readers)).status == NFS4_OK);
    CHECK(objects.size() == 2);
    REQUIRE(client.open("file", reclaiming(writes, 0)).status == NFS4_OK);
    REQUIRE(objects.size() == 1);
    CHECK(objects[0].incarnation == before + 1);
    CHECK(objects[0].mode == state::ShareMode{state::Share::Both, state::Share::Read});
  });
}

TEST_CASE("a record of a file that is gone stands in nobody's way") {
  for_both_holders([](Server& server, Holder& client) {
    const Files files(server.world);
    REQUIRE(client.open("file", {.access = reads, .deny = no_writers}).status == NFS4_OK);
    server.world.remove(server.world.root(), "file");
    server.restart();
    Writing3 writing(server.world, files.other);
    REQUIRE(writing.result);
    CHECK(writing.result->status == nfsstat3::NFS3_OK);
  });
}
