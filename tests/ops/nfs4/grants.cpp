// Caching grants and whoever comes in a COMPOUND: a client's own operations pass what it holds itself, by whatever
// stateid or none they come; names that go or change are asked for at those who hold something behind them.
#include "ops/nfs4/holder.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {

constexpr std::uint32_t both = OPEN4_SHARE_ACCESS_BOTH;

/// A file that somebody has open, and a grant of it.
struct Granted final : gate::Callbacks {
  World& world;
  const nfs_fh3 file3;
  const nfs_fh4 directory, file;
  const state::FileKey key;
  const state::GrantId id;
  int recalls = 0;

  Granted(Server& server, Holder& client)
      : world(server.world),
        file3(world.make_file(world.root(), "file", 0666, "contents")),
        directory(same_handle(world.root())),
        file(same_handle(file3)),
        key(gate::file_key(*world.fs, {0, world.attributes(file3).fileid})),
        id(coordinator().new_id()) {
    coordinator().set_callbacks(this);
    REQUIRE(client.open("file", {.access = both}).status == NFS4_OK);
    coordinator().files().with(key, [&](state::FileState& state) {
      const state::Holder holder{client.id, {}};
      REQUIRE(state.grant({id, holder, state::GrantKind::Delegation, state::caching::rwh}));
    });
    REQUIRE(holds());
  }
  ~Granted() override { coordinator().set_callbacks(nullptr); }

  gate::Coordinator& coordinator() { return world.shares.coordinator(); }
  bool holds() {
    bool held = false;
    coordinator().files().with(key, [&](state::FileState& state) { held = state.grants().find(id) != nullptr; });
    return held;
  }
  void give_back() {
    state::Effects effects;
    coordinator().files().with(key, [&](state::FileState& state) { CHECK(state.give_back(id, effects)); });
    coordinator().deliver(effects);
  }

 private:
  void recall(const state::Recall&) override { ++recalls; }
  void revoked(const state::Revoked&) override {}
  void lock_available(const state::LockAvailable&) override {}
};

Ops rename(const nfs_fh4& directory, std::string_view from, std::string_view to) {
  return Ops().fh(directory).save().add(OP_RENAME, RENAME4args{Ops::component(from), Ops::component(to)});
}
Ops remove(const nfs_fh4& directory, std::string_view name) {
  return Ops().fh(directory).add(OP_REMOVE, REMOVE4args{Ops::component(name)});
}

}  // namespace

TEST_CASE("what a client does in its session never recalls what it holds itself") {
  Server server;
  Holder client(server, 1);
  Granted granted(server, client);
  CHECK(client.read(granted.file, anonymous) == NFS4_OK);
  CHECK(client.write(granted.file, anonymous) == NFS4_OK);
  CHECK(client.resize(granted.file, anonymous, 3) == NFS4_OK);
  const SETATTR4args mode{{}, fattr({FATTR4_MODE}, std::uint32_t{0600})};
  CHECK(client.status(Ops().fh(granted.file).add(OP_SETATTR, mode)) == NFS4_OK);
  const openflag4 emptying = creating(createmode4::UNCHECKED4, fattr({FATTR4_SIZE}, std::uint64_t{0}));
  CHECK(client.open("file", {.owner = "second", .access = both, .how = emptying}).status == NFS4_OK);
  const LINK4args hard{Ops::component("hard")};
  CHECK(client.status(Ops().fh(granted.file).save().fh(granted.directory).add(OP_LINK, hard)) == NFS4_OK);
  CHECK(client.status(rename(granted.directory, "file", "renamed")) == NFS4_OK);
  CHECK(client.status(remove(granted.directory, "renamed")) == NFS4_OK);
  CHECK(client.status(remove(granted.directory, "hard")) == NFS4_OK);
  CHECK(granted.recalls == 0);
  CHECK(granted.holds());
}

TEST_CASE("in version 0 OPEN says who it is from, also before it has a stateid") {
  Server server;
  Holder client(server, 0);
  Granted granted(server, client);
  const openflag4 emptying = creating(createmode4::UNCHECKED4, fattr({FATTR4_SIZE}, std::uint64_t{0}));
  CHECK(client.open("file", {.access = both, .how = emptying}).status == NFS4_OK);
  CHECK(client.open("file", {.owner = "second", .access = both}).status == NFS4_OK);
  CHECK(granted.recalls == 0);
}

TEST_CASE("REMOVE, and RENAME of a file and onto it, wait for what another client holds of it") {
  const auto ways = {+[](const nfs_fh4& at) { return remove(at, "file"); },
                     +[](const nfs_fh4& at) { return rename(at, "file", "renamed"); },
                     +[](const nfs_fh4& at) { return rename(at, "other", "file"); }};
  for (const auto way : ways) {
    for_both_holders([&](Server& server, Holder& client) {
      Granted granted(server, client);
      server.world.make_file(server.world.root(), "other");
      Holder other(server, client.minor, "other");
      std::optional<BufferChain> reply;
      if (other.minor > 0) ++other.sequence.sa_sequenceid;
      other.start(other.arguments(way(granted.directory)), reply);
      other.turn();
      CHECK_FALSE(reply);
      CHECK(granted.recalls == 1);
      CHECK(server.world.look(server.world.root(), "file") == nfsstat3::NFS3_OK);
      CHECK(server.world.look(server.world.root(), "other") == nfsstat3::NFS3_OK);
      granted.give_back();
      other.turn();
      REQUIRE(reply);
      CHECK(Results(Client::body(*reply)).status == NFS4_OK);
      CHECK(granted.recalls == 1);
    });
  }
}
