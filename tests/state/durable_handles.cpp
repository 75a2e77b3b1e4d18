// SMB's durable and persistent handles: who gets one back, how long it is kept, what ends it (MS-SMB2, 3.3.5.9.6 to
// 3.3.5.9.12, 3.3.7.1).
#include "state/handles/durable_handles.hpp"

#include <catch2/catch.hpp>
#include <functional>

using namespace ditto::state;

namespace {

constexpr Guid create{1, 2}, client{3, 4}, key{5, 6}, another{7, 8};
constexpr Moment start = 100 * one_second;

DurableHandle leased(Caching caching = caching::rh) {
  return {.id = 11,
          .create = create,
          .client = client,
          .lease = key,
          .caching = caching,
          .owner = "user",
          .name = "folder\\file",
          .file = {.store = 1, .inode = 2},
          .open = 21,
          .mode = {Share::Read, Share::Write},
          .timeout_ms = 10'000};
}
DurableHandle batch() {
  DurableHandle handle = leased(caching::rwh);
  handle.lease.reset();
  return handle;
}
Reconnect by_its_client(const DurableHandle& handle) {
  return {.id = handle.id,
          .create = handle.create,
          .client = handle.client,
          .lease = handle.lease,
          .lease_version = handle.lease_version,
          .who = handle.owner,
          .name = handle.name,
          .persistent = handle.persistent};
}

struct World {
  PersistTokens tokens;
  DurableHandles handles{tokens, 3};
  HandleEffects effects;
  World() { handles.begin(7, {}, start); }

  DurableHandle grant(const DurableHandle& wanted) {
    const auto granted = handles.grant(wanted, effects);
    REQUIRE(granted);
    if (granted->promised != 0) handles.persisted(granted->promised);
    return granted->handle;
  }
  std::size_t gone() const { return effects.gone.size(); }
};

}  // namespace

TEST_CASE("which opens become durable, and for how long") {
  struct Row {
    const char* name;
    DurableHandle wanted;
    std::optional<std::uint32_t> timeout_ms;  // none: it goes with its connection
  };
  auto with = [](DurableHandle handle, auto change) {
    change(handle);
    return handle;
  };
  const Row rows[] = {
      {"a lease with Handle", leased(), 10'000},
      {"a lease without", leased(caching::rw), std::nullopt},
      {"no lease, no oplock", leased(Caching::None), std::nullopt},
      {"a batch oplock", batch(), 10'000},
      {"an exclusive oplock", with(batch(), [](auto& h) { h.caching = caching::rw; }), std::nullopt},
      {"no timeout", with(leased(), [](auto& h) { h.timeout_ms = 0; }), 60'000},
      {"a long timeout", with(leased(), [](auto& h) { h.timeout_ms = 3'600'000; }), 300'000},
      {"persistent, whatever it may cache", with(leased(Caching::None), [](auto& h) { h.persistent = true; }), 10'000},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    World world;
    const auto granted = world.handles.grant(row.wanted, world.effects);
    CHECK(granted.has_value() == row.timeout_ms.has_value());
    if (granted && row.timeout_ms) CHECK(granted->handle.timeout_ms == *row.timeout_ms);
    if (!granted) CHECK(granted.error() == HandleRefusal::NotDurable);
    CHECK(world.handles.size() == (row.timeout_ms ? 1 : 0));
  }
}

TEST_CASE("who gets a disconnected handle back") {
  using enum HandleRefusal;
  struct Row {
    const char* name;
    DurableHandle handle;
    std::function<void(Reconnect&)> change;
    std::optional<HandleRefusal> refusal;
  };
  DurableHandle persistent = leased(), deleted = leased();
  persistent.persistent = true;
  deleted.delete_on_close = true;
  const auto first_form = [](Reconnect& r) {
    r.second_form = false;
    r.create = {};
  };
  const Row rows[] = {
      {"its client, second form", leased(), [](Reconnect&) {}, std::nullopt},
      {"its client, first form", leased(), first_form, std::nullopt},
      {"with a batch oplock", batch(), [](Reconnect&) {}, std::nullopt},
      {"another id", leased(), [](Reconnect& r) { r.id = 12; }, NotFound},
      {"another client, with its lease", leased(), [](Reconnect& r) { r.client = another; }, NotFound},
      {"another client guid, of a batch oplock", batch(), [](Reconnect& r) { r.client = another; }, std::nullopt},
      {"another create guid", leased(), [](Reconnect& r) { r.create = another; }, NotFound},
      {"without the lease", leased(), [](Reconnect& r) { r.lease.reset(); }, NotFound},
      {"with a lease that it had not", batch(), [](Reconnect& r) { r.lease = key; }, NotFound},
      {"with another lease key", leased(), [](Reconnect& r) { r.lease = another; }, NotFound},
      {"with the other version of leases", leased(), [](Reconnect& r) { r.lease_version = 1; }, NotFound},
      {"by another name", leased(), [](Reconnect& r) { r.name = "other"; }, Invalid},
      {"by another name, with a batch oplock", batch(), [](Reconnect& r) { r.name = "other"; }, std::nullopt},
      {"by another name, to be deleted", deleted, [](Reconnect& r) { r.name = "other"; }, std::nullopt},
      {"another user", leased(), [](Reconnect& r) { r.who = "other"; }, AccessDenied},
      {"as persistent, which it is not", leased(), [](Reconnect& r) { r.persistent = true; }, Invalid},
      {"persistent", persistent, [](Reconnect&) {}, std::nullopt},
      {"persistent, by its create guid", persistent, [](Reconnect& r) { r.id = 99; }, std::nullopt},
      {"persistent, as if it were not", persistent, [](Reconnect& r) { r.persistent = false; }, NotFound},
      {"persistent, another user", persistent, [](Reconnect& r) { r.who = "other"; }, AccessDenied},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    World world;
    const DurableHandle granted = world.grant(row.handle);
    Reconnect wanted = by_its_client(granted);
    row.change(wanted);
    CHECK(world.handles.reconnect(wanted, 1).error() == NotFound);  // it is in use
    REQUIRE(world.handles.disconnected(granted.id, start, world.effects));
    const auto back = world.handles.reconnect(wanted, 1);
    if (row.refusal) {
      REQUIRE_FALSE(back);
      CHECK(back.error() == *row.refusal);
      // Nothing has happened to it.
      CHECK(world.handles.reconnect(by_its_client(granted), 1).has_value());
    } else {
      REQUIRE(back);
      CHECK(*back == granted);
      CHECK(world.handles.next_deadline() == never);
      CHECK(world.handles.reconnect(wanted, 1).error() == NotFound);
    }
    CHECK(world.gone() == 0);
  }
}

TEST_CASE("a handle is kept until its deadline, and not after it") {
  World world;
  const DurableHandle handle = world.grant(leased());
  CHECK(world.handles.next_deadline() == never);
  REQUIRE(world.handles.disconnected(handle.id, start, world.effects));
  CHECK(world.handles.next_deadline() == start + 10 * one_second);
  world.handles.advance(start + 10 * one_second - 1, world.effects);
  CHECK(world.gone() == 0);
  REQUIRE(world.handles.reconnect(by_its_client(handle), 1));
  world.handles.advance(start + 1000 * one_second, world.effects);
  CHECK(world.gone() == 0);
  REQUIRE(world.handles.disconnected(handle.id, start + 1000 * one_second, world.effects));
  world.handles.advance(start + 1010 * one_second, world.effects);
  REQUIRE(world.gone() == 1);
  CHECK(world.effects.gone[0] == handle);
  CHECK(world.handles.reconnect(by_its_client(handle), 1).error() == HandleRefusal::NotFound);
  CHECK_FALSE(world.handles.disconnected(handle.id, start, world.effects));
}

TEST_CASE("what a conflict does to a handle") {
  struct Row {
    const char* name;
    DurableHandle handle;
    bool disconnected;
    Caching left;
    bool goes;
  };
  DurableHandle persistent = leased();
  persistent.persistent = true;
  const Row rows[] = {
      {"disconnected, and no Handle is left", leased(caching::rwh), true, Caching::Read, true},
      {"disconnected, and nothing is left", leased(), true, Caching::None, true},
      {"disconnected, a batch oplock to level II", batch(), true, Caching::Read, true},
      {"disconnected, and only Write is lost", leased(caching::rwh), true, caching::rh, false},
      {"connected: its client is told", leased(), false, Caching::None, false},
      {"persistent: it waits for its client", persistent, true, Caching::None, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    World world;
    const DurableHandle handle = world.grant(row.handle);
    if (row.disconnected) REQUIRE(world.handles.disconnected(handle.id, start, world.effects));
    CHECK(world.handles.broken(handle.open, row.left, world.effects) == row.goes);
    CHECK(world.gone() == (row.goes ? 1 : 0));
    CHECK(world.handles.size() == (row.goes ? 0 : 1));
    // What was broken while its client could be told keeps it no longer than the connection.
    if (!row.disconnected) {
      CHECK_FALSE(world.handles.disconnected(handle.id, start, world.effects));
      CHECK(world.gone() == 1);
    }
  }
  World world;
  CHECK_FALSE(world.handles.broken(0, Caching::None, world.effects));
  CHECK_FALSE(world.handles.broken(99, Caching::None, world.effects));
}

TEST_CASE("handles are bounded, and a create guid is one open's") {
  World world;
  (void)world.grant(leased());
  CHECK(world.handles.find(client, create).has_value());
  CHECK_FALSE(world.handles.find(another, create).has_value());
  CHECK(world.handles.grant(leased(), world.effects).error() == HandleRefusal::Duplicate);
  DurableHandle next = leased();
  for (std::uint64_t number = 1; number <= 3; ++number) {
    next.id = next.open = 100 + number;
    next.create = {number, 100};
    const auto granted = world.handles.grant(next, world.effects);
    CHECK(granted.has_value() == (number < 3));
    if (!granted) CHECK(granted.error() == HandleRefusal::NotDurable);
  }
  world.handles.close(11, world.effects);
  CHECK(world.gone() == 0);  // its client closed it
  CHECK(world.handles.grant(next, world.effects).has_value());
}

TEST_CASE("a persistent handle is on record from before it is granted until it is gone, and outlives a restart") {
  World world;
  DurableHandle wanted = leased();
  wanted.persistent = true;
  const auto granted = world.handles.grant(wanted, world.effects);
  REQUIRE(granted);
  REQUIRE(granted->promised != 0);
  REQUIRE(world.effects.persist.size() == 1);
  const Persist put = world.effects.persist[0];
  CHECK(put.what == Persist::What::PutObject);
  CHECK(put.token == granted->promised);
  CHECK(put.object.kind == ObjectRecord::Kind::Handle);
  CHECK(put.object.incarnation == 7);

  SECTION("it cannot be made durable: it is gone") {
    world.handles.failed(put.token, world.effects);
    CHECK(world.gone() == 1);
    REQUIRE(world.effects.persist.size() == 2);
    CHECK(world.effects.persist[1].what == Persist::What::RemoveObject);
    CHECK(world.handles.size() == 0);
  }
  SECTION("it is durable: a failure comes too late, and closing removes it") {
    world.handles.persisted(put.token);
    world.handles.failed(put.token, world.effects);
    CHECK(world.gone() == 0);
    world.handles.close(wanted.id, world.effects);
    REQUIRE(world.effects.persist.size() == 2);
    CHECK(world.effects.persist[1].what == Persist::What::RemoveObject);
    CHECK(world.effects.persist[1].object.number == put.object.number);
  }
  SECTION("a restart: its client finds it by its create guid, until the deadline") {
    World next;
    next.handles.begin(8, {put.object, ObjectRecord{.kind = ObjectRecord::Kind::Open}}, start);
    REQUIRE(next.handles.size() == 1);
    Reconnect reconnect = by_its_client(wanted);
    reconnect.who = "other";
    CHECK(next.handles.reconnect(reconnect, 77).error() == HandleRefusal::AccessDenied);
    reconnect.who = wanted.owner;
    const auto back = next.handles.reconnect(reconnect, 77);
    REQUIRE(back);
    CHECK(back->id == 77);
    CHECK(back->file == wanted.file);
    CHECK(back->mode == wanted.mode);
    CHECK(back->lease == wanted.lease);
    REQUIRE(next.handles.disconnected(77, start, next.effects));
    next.handles.advance(start + 10 * one_second, next.effects);
    REQUIRE(next.gone() == 1);
    CHECK(next.effects.persist.back().object.incarnation == 7);
  }
}
