#include "gate/held.hpp"

#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "fake_file_system.hpp"
#include "support/manual_clock.hpp"
#include "support/manual_loop.hpp"

using namespace ditto;
using gate::Obstacle;
using state::Share;

namespace {

constexpr state::Caching rwh = state::caching::rwh;

class CountingFileSystem final : public test::FakeFileSystem {
 public:
  int holds = 0;
  Result<void> hold(vfs::Context&, vfs::Node&) override {
    ++holds;
    return {};
  }
  void release(vfs::Node&) noexcept override { --holds; }
};

struct SeenCallbacks final : gate::Callbacks {
  std::vector<state::Recall> recalls;
  int revoked_count = 0, available = 0;
  void recall(const state::Recall& recall) override { recalls.push_back(recall); }
  void revoked(const state::Revoked&) override { ++revoked_count; }
  void lock_available(const state::LockAvailable&) override { ++available; }
};

/// Of clients whose leases have run out, as far as a test says.
struct SeenLeases final : gate::Leases {
  std::vector<state::ClientId> asked;
  std::function<Claim(gate::TicketWait&)> on_claim = [](gate::TicketWait&) { return Claim::Holds; };
  Claim claim(state::ClientId client, gate::TicketWait& wait) override {
    asked.push_back(client);
    return on_claim(wait);
  }
};
using Claim = gate::Leases::Claim;

struct World {
  std::shared_ptr<CountingFileSystem> fs = std::make_shared<CountingFileSystem>();
  test::ManualLoop loop, pool;
  test::ManualClock clock;
  gate::Shares shares;
  SeenCallbacks callbacks;
  SeenLeases leases;
  const gate::Share* share = nullptr;
  CommitTokens tokens;

  World() {
    fs->on_getattr = [](vfs::Context&) -> Result<vfs::Attributes> { return vfs::Attributes{.size = 42}; };
    fs->on_setattr = [](vfs::Context&) -> Result<vfs::Change> { return vfs::Change{}; };
    REQUIRE(shares.add(std::make_shared<gate::Share>(1, "export", fs, fs->root(), gate::ShareRules{})));
    share = shares.find("export");
    shares.coordinator().set_callbacks(&callbacks);
    shares.coordinator().set_leases(&leases);
  }
  gate::Coordinator& coordinator() { return shares.coordinator(); }
  state::FileKey key() const { return gate::file_key(*fs, fs->root()); }
  gate::Actor actor(state::ClientId client = state::nobody, state::OpenId open = 0) {
    return {.who = {},
            .home = loop,
            .pool = pool,
            .clock = clock,
            .rests_on = tokens,
            .as = {.holder = {client, {}}, .open = open, .locks = {}}};
  }

  std::optional<std::expected<vfs::Attributes, Obstacle>> opened;
  Detached open_directory(state::OpenId id, state::ClientId client) {
    gate::Actor who = actor(client);
    opened.reset();
    opened = co_await gate::open_node(
        who, *share, fs->root(),
        {.open = {id, {client, {}}, {Share::Read, Share::Delete}}, .type = vfs::FileType::Directory});
  }
  Detached open(state::OpenId id, state::ClientId client, Share access, Share deny = Share::None) {
    gate::Actor who = actor(client);
    opened.reset();
    const bool writes = any(access & Share::Write);
    opened = co_await gate::open_node(who, *share, fs->root(),
                                      {.open = {id, {client, {}}, {access, deny}},
                                       .how = writes ? state::Operation::OpenWrite : state::Operation::OpenRead});
  }
  std::optional<Result<vfs::Change>> change;
  Detached setattr(state::ClientId client = state::nobody) {
    gate::Actor who = actor(client);
    gate::Gate gate(who, *share);
    const vfs::SetAttributes changes{.size = 1};
    change.reset();
    change = co_await gate.setattr(fs->root(), changes, std::nullopt);
  }
  std::optional<std::expected<gate::LockTried, Obstacle>> locked;
  Detached lock(std::uint64_t owner, state::Waiting waiting = state::Waiting::No, gate::TicketWait* wait = nullptr,
                state::Moment until = state::never) {
    gate::Actor who = actor(owner);
    locked.reset();
    locked = co_await gate::lock_bytes(who, *share, fs->root(),
                                       {.lock = {{0, 9}, state::LockKind::Exclusive, owner_of(owner)},
                                        .waiting = waiting,
                                        .until = until,
                                        .wait = wait});
  }
  static state::LockOwner owner_of(std::uint64_t owner) { return {state::LockRules::Posix, owner, owner}; }
  /// `client` is given what it may keep to itself.
  state::GrantId grant(state::ClientId client, state::Caching caching) {
    const state::GrantId id = coordinator().new_id();
    coordinator().files().with(key(), [&](state::FileState& state) {
      REQUIRE(state.grant({id, {client, {}}, state::GrantKind::Delegation, caching}));
    });
    return id;
  }
  void give_back(state::GrantId id) {
    state::Effects effects;
    coordinator().files().with(key(), [&](state::FileState& state) { state.give_back(id, effects); });
    coordinator().deliver(effects);
  }
};

}  // namespace

TEST_CASE("an open keeps its node, and closing lets it go") {
  World world;
  world.open(1, 1, Share::Read);
  REQUIRE(world.opened);
  CHECK((*world.opened)->size == 42);
  CHECK(world.fs->holds == 1);
  CHECK(world.fs->node.pins() == 1);
  world.open(2, 2, Share::Both);
  CHECK(world.fs->holds == 1);
  CHECK(gate::close_open(*world.share, world.fs->root(), 1));
  CHECK_FALSE(gate::close_open(*world.share, world.fs->root(), 1));
  CHECK(gate::close_open(*world.share, world.fs->root(), 2));
  CHECK(world.fs->holds == 0);
  CHECK(world.fs->node.pins() == 0);
  CHECK(world.fs->node.gate_word == 0);
}

TEST_CASE("only regular files are opened, and with the rights that are asked for") {
  World world;
  world.fs->on_getattr = [](vfs::Context&) -> Result<vfs::Attributes> {
    return vfs::Attributes{.type = vfs::FileType::Directory};
  };
  world.open(1, 1, Share::Read);
  CHECK(world.opened->error().error() == Error::IsDirectory);
  world.fs->on_getattr = [](vfs::Context&) -> Result<vfs::Attributes> {
    return vfs::Attributes{.type = vfs::FileType::Symlink};
  };
  world.open(1, 1, Share::Read);
  CHECK(world.opened->error().error() == Error::WrongType);
  CHECK(world.fs->holds == 0);
  CHECK(world.coordinator().files().size() == 0);
}

TEST_CASE("a directory is opened by who asks for one, held, and its share mode stands") {
  World world;
  world.open_directory(1, 1);
  CHECK(world.opened->error().error() == Error::NotDirectory);
  CHECK(world.fs->holds == 0);
  world.fs->on_getattr = [](vfs::Context&) -> Result<vfs::Attributes> {
    return vfs::Attributes{.type = vfs::FileType::Directory};
  };
  world.open_directory(1, 1);
  REQUIRE(*world.opened);
  CHECK((*world.opened)->type == vfs::FileType::Directory);
  CHECK(world.fs->holds == 1);
  CHECK(world.grant(1, state::caching::rh) != 0);
  state::Effects effects;
  const state::Verdict removal = *world.coordinator().files().enter(world.key(), state::Operation::Unlink, {},
                                                                    {0, state::ByteRange::end_of_file}, {}, effects);
  CHECK(removal.kind == state::Verdict::Kind::Refused);
  CHECK(removal.in_the_way == 1);
  CHECK(gate::close_open(*world.share, world.fs->root(), 1));
}

TEST_CASE("a share conflict names who is in the way, and stateless writes meet it too") {
  World world;
  world.open(1, 7, Share::Read, Share::Write);
  world.open(2, 8, Share::Write);
  CHECK(world.opened->error().refusal() == state::Refusal::ShareConflict);
  CHECK(world.leases.asked == std::vector<state::ClientId>{7});
  CHECK(world.fs->holds == 1);
  world.setattr();
  world.loop.run();
  CHECK(world.change->error() == Error::Busy);
  gate::close_open(*world.share, world.fs->root(), 1);
  world.setattr();
  CHECK(world.change->has_value());
}

TEST_CASE("what a client holds that was silent for too long goes, and whoever wants it goes on") {
  World world;
  world.open(1, 7, Share::Read, Share::Write);
  const auto go = [&] { gate::close_open(*world.share, world.fs->root(), 1); };
  SECTION("a write without an open") {
    world.leases.on_claim = [&](gate::TicketWait&) { return go(), Claim::Gone; };
    world.setattr();
    REQUIRE(world.change);
    CHECK(world.change->has_value());
  }
  SECTION("once that is durable") {
    gate::TicketWait* waits = nullptr;
    world.leases.on_claim = [&](gate::TicketWait& wait) { return waits = &wait, Claim::Waits; };
    world.setattr();
    CHECK_FALSE(world.change);
    REQUIRE(waits);
    CHECK(gate::word::writers_in(world.fs->node.gate_word) == 0);
    go();
    waits->home->post(*waits);
    CHECK(world.loop.run() == 1);
    REQUIRE(world.change);
    CHECK(world.change->has_value());
  }
  SECTION("an open") {
    gate::TicketWait* waits = nullptr;
    world.leases.on_claim = [&](gate::TicketWait& wait) { return waits = &wait, Claim::Waits; };
    world.open(2, 8, Share::Write);
    CHECK_FALSE(world.opened);
    REQUIRE(waits);
    go();
    waits->home->post(*waits);
    world.loop.run();
    REQUIRE(world.opened);
    CHECK(world.opened->has_value());
  }
  CHECK(world.leases.asked == std::vector<state::ClientId>{7});
}

TEST_CASE("what a silent client holds, and what cannot be taken from it for now, delays whoever wants it") {
  World world;
  world.open(1, 7, Share::Read, Share::Write);
  world.leases.on_claim = [](gate::TicketWait&) { return Claim::Later; };
  world.setattr();
  REQUIRE(world.change);
  CHECK(world.change->error() == Error::Delay);
  CHECK(gate::word::writers_in(world.fs->node.gate_word) == 0);
  world.open(2, 8, Share::Write);
  world.loop.run();
  REQUIRE(world.opened);
  CHECK(world.opened->error().error() == Error::Busy);
  CHECK(world.leases.asked == std::vector<state::ClientId>{7, 7});
}

TEST_CASE("a lock that a silent client holds goes, also for whoever would park for it") {
  for (const state::Waiting waiting : {state::Waiting::No, state::Waiting::Parked}) {
    World world;
    world.lock(1);
    world.leases.on_claim = [&](gate::TicketWait&) {
      gate::Actor holder = world.actor(1);
      gate::unlock_owner(holder, *world.share, world.fs->root(), World::owner_of(1));
      return Claim::Gone;
    };
    gate::TicketWait wait;
    wait.home = &world.loop;
    world.lock(2, waiting, &wait);
    REQUIRE(world.locked);
    CHECK((*world.locked)->outcome.kind == state::LockOutcome::Kind::Granted);
    CHECK(world.leases.asked == std::vector<state::ClientId>{1});
  }
}

TEST_CASE("a client is not in its own way, and its lease is its own") {
  World world;
  world.open(1, 7, Share::Read, Share::Write);
  world.setattr(7);
  REQUIRE(world.change);
  CHECK(world.change->error() == Error::Busy);
  CHECK(world.leases.asked.empty());
}

TEST_CASE("whoever starts over and over is told to come again") {
  World world;
  world.open(1, 7, Share::Read, Share::Write);
  world.leases.on_claim = [](gate::TicketWait&) { return Claim::Gone; };
  world.setattr();
  REQUIRE(world.change);
  CHECK(world.change->error() == Error::Delay);
  CHECK(world.leases.asked.size() == std::size_t{gate::max_starts});
  world.open(2, 8, Share::Write);
  world.loop.run();
  REQUIRE(world.opened);
  CHECK(world.opened->error().error() == Error::Delay);
  CHECK(world.leases.asked.size() == 2 * std::size_t{gate::max_starts});
}

TEST_CASE("a lock whose time is over is not parked") {
  World world;
  world.lock(1);
  world.clock.advance_ns(10);
  gate::TicketWait wait;
  wait.home = &world.loop;
  world.lock(2, state::Waiting::Parked, &wait, world.clock.monotonic_ns());
  REQUIRE(world.locked);
  CHECK((*world.locked)->outcome.kind == state::LockOutcome::Kind::Denied);
  CHECK(world.coordinator().next_deadline() == state::never);
}

TEST_CASE("an operation waits for a recalled grant, and goes on when it is given back") {
  World world;
  world.open(1, 1, Share::Both);
  const state::GrantId id = world.grant(1, rwh);
  world.setattr(2);
  CHECK_FALSE(world.change);
  REQUIRE(world.callbacks.recalls.size() == 1);
  CHECK(world.callbacks.recalls[0].holder.client == 1);
  CHECK(gate::word::writers_in(world.fs->node.gate_word) == 0);
  world.give_back(id);
  CHECK_FALSE(world.change);
  CHECK(world.loop.run() == 1);
  CHECK(world.change->has_value());
  CHECK(gate::word::writers_in(world.fs->node.gate_word) == 0);
}

TEST_CASE("a holder's own change passes its grant") {
  World world;
  world.open(1, 1, Share::Both);
  world.grant(1, rwh);
  world.setattr(1);
  REQUIRE(world.change);
  CHECK(world.change->has_value());
  CHECK(world.callbacks.recalls.empty());
}

TEST_CASE("patience runs out before the holder answers: the client is told to come again") {
  World world;
  world.open(1, 1, Share::Both);
  world.grant(1, rwh);
  world.setattr(2);
  world.clock.advance_ns(gate::patience - 1);
  world.coordinator().advance(world.clock.monotonic_ns());
  CHECK(world.loop.run() == 0);
  world.clock.advance_ns(1);
  CHECK(world.coordinator().next_deadline() == world.clock.monotonic_ns());
  world.coordinator().advance(world.clock.monotonic_ns());
  CHECK(world.loop.run() == 1);
  CHECK(world.change->error() == Error::Delay);
  // It is not recalled twice, and is lost in the end.
  world.setattr(2);
  CHECK(world.callbacks.recalls.size() == 1);
  world.clock.advance_ns(gate::recall_time);
  world.coordinator().advance(world.clock.monotonic_ns());
  world.loop.run();
  CHECK(world.callbacks.revoked_count == 1);
  CHECK(world.change->has_value());
}

TEST_CASE("an open waits for a recall as any operation does") {
  World world;
  world.open(1, 1, Share::Read);
  const state::GrantId id = world.grant(1, state::caching::rh);
  world.open(2, 2, Share::Write);
  CHECK_FALSE(world.opened);
  world.give_back(id);
  world.loop.run();
  REQUIRE(world.opened);
  CHECK(world.opened->has_value());
  CHECK(world.fs->holds == 1);
}

TEST_CASE("a deny mode is tried again until what is in flight has left") {
  World world;
  world.fs->node.gate_word = gate::word::one_writer;
  world.open(1, 1, Share::Read, Share::Write);
  CHECK_FALSE(world.opened);
  CHECK(world.loop.run_one());
  CHECK_FALSE(world.opened);
  gate::word::leave(world.fs->node.gate_word, true);
  world.loop.run();
  CHECK(world.opened->has_value());
}

TEST_CASE("locks: granted, denied, parked and resumed") {
  World world;
  world.lock(1);
  CHECK((*world.locked)->outcome.kind == state::LockOutcome::Kind::Granted);
  CHECK(world.fs->holds == 1);
  world.lock(2);
  CHECK((*world.locked)->outcome.kind == state::LockOutcome::Kind::Denied);
  CHECK((*world.locked)->outcome.holder.owner == World::owner_of(1));
  CHECK(gate::test_bytes(*world.share, world.fs->root(), {{5, 5}, state::LockKind::Shared, World::owner_of(2)}));

  struct Wait : gate::TicketWait {
    bool done = false;
  } wait;
  wait.home = &world.loop;
  wait.run = [](Job* self) { static_cast<Wait*>(self)->done = true; };
  world.lock(2, state::Waiting::Parked, &wait);
  CHECK((*world.locked)->outcome.kind == state::LockOutcome::Kind::Parked);
  gate::Actor actor = world.actor(1);
  CHECK(gate::unlock_bytes(actor, *world.share, world.fs->root(), World::owner_of(1), {0, 9}).value());
  CHECK_FALSE(wait.done);
  CHECK(world.loop.run() == 1);
  CHECK(wait.done);
  CHECK_FALSE(wait.refused);
  CHECK(gate::unlock_owner(actor, *world.share, world.fs->root(), World::owner_of(2)) == 1);
  CHECK(world.fs->holds == 0);
  CHECK(world.coordinator().files().size() == 0);
}

TEST_CASE("a lock asks whoever caches to give way first") {
  World world;
  world.open(1, 1, Share::Read);
  const state::GrantId id = world.grant(1, state::caching::rh);
  world.lock(2);
  CHECK_FALSE(world.locked);
  CHECK(world.callbacks.recalls.size() == 1);
  world.give_back(id);
  world.loop.run();
  CHECK((*world.locked)->outcome.kind == state::LockOutcome::Kind::Granted);
}
