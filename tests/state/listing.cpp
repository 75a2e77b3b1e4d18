#include "state/listing.hpp"

#include <catch2/catch.hpp>

using namespace ditto::state;

namespace {

class ShareAnchor final : public Anchor {
 public:
  explicit ShareAnchor(std::uint64_t share) : share_(share) {}
  std::uint64_t share() const noexcept override { return share_; }
  void concern(bool, bool) noexcept override {}
  InFlight in_flight() const noexcept override { return {}; }
  void count_in(bool) noexcept override {}

 private:
  const std::uint64_t share_;
};

struct Fixture {
  WaitGraph graph;
  Files files{graph};
  Effects effects;

  static FileKey file(std::uint64_t inode) { return {1, inode}; }
  void open(std::uint64_t inode, OpenId id, ClientId client, std::uint64_t share = 5) {
    const Open wanted{id, {client, {}}, {Share::Read, Share::Write}};
    files.open(
        file(inode), [&] { return std::make_unique<ShareAnchor>(share); }, wanted, Operation::OpenRead, {}, effects);
  }
  LockOutcome lock(std::uint64_t inode, ClientId client, Moment now, Waiting waiting = Waiting::No) {
    const LockRequest request{.lock = {{0, 9}, LockKind::Exclusive, {LockRules::Posix, client, client}},
                              .waiting = waiting,
                              .ticket = 100 + client,
                              .until = 1000};
    return files.lock(
        file(inode), [&] { return std::make_unique<ShareAnchor>(5); }, {client, {}}, request, now, effects);
  }
};

}  // namespace

TEST_CASE("what is held is listed file by file, as far as was asked") {
  Fixture f;
  f.open(1, 11, 7);
  f.lock(1, 7, 1);
  f.open(2, 12, 8, 6);
  const HeldList all = list_held(f.files, 10);
  CHECK(all.count == 3);
  REQUIRE(all.listed.size() == 3);
  std::size_t opens = 0, locks = 0;
  for (const HeldRow& row : all.listed) {
    CHECK(row.share == (row.file == Fixture::file(1) ? 5 : 6));
    if (const auto* open = std::get_if<Open>(&row.what)) {
      ++opens;
      CHECK(open->holder.client == (row.file == Fixture::file(1) ? 7 : 8));
    }
    if (const auto* lock = std::get_if<ByteLock>(&row.what)) {
      ++locks;
      CHECK(lock->range == ByteRange{0, 9});
    }
  }
  CHECK((opens == 2 && locks == 1));
  CHECK(list_held(f.files, 1).count == 3);
  CHECK(list_held(f.files, 1).listed.size() == 1);
}

TEST_CASE("grants are listed, with what they break to") {
  Fixture f;
  f.open(1, 11, 7);
  const auto granted = f.files.grant(Fixture::file(1), [] { return std::make_unique<ShareAnchor>(5); },
                                     {3, {7, {}}, GrantKind::Delegation, caching::rh});
  REQUIRE(granted);
  f.files.enter(Fixture::file(1), Operation::Unlink, {{9, {}}, 0, {}}, {},
                {.ticket = 5, .until = 300, .recall_by = 200}, f.effects);
  for (const HeldRow& row : list_held(f.files, 10).listed) {
    const auto* grant = std::get_if<Grant>(&row.what);
    if (!grant) continue;
    CHECK(grant->breaking);
    CHECK(grant->deadline == 200);
    return;
  }
  FAIL("no grant is listed");
}

TEST_CASE("who waits is listed, for what, and since when") {
  Fixture f;
  f.lock(1, 7, 1);
  REQUIRE(f.lock(1, 8, 50, Waiting::Parked).kind == LockOutcome::Kind::Parked);
  REQUIRE(f.lock(1, 9, 60, Waiting::Polling).kind == LockOutcome::Kind::Denied);
  const WaitingList all = list_waiting(f.files, 10);
  REQUIRE(all.count == 2);
  CHECK(all.listed[0].client == 8);
  CHECK(all.listed[0].since == 50);
  CHECK(all.listed[0].until == 1000);
  CHECK_FALSE(all.listed[0].polls);
  CHECK(std::get<ByteLock>(all.listed[0].what).kind == LockKind::Exclusive);
  CHECK(all.listed[1].polls);
  CHECK(list_waiting(f.files, 1).listed.size() == 1);
}

TEST_CASE("an operation that waits for a grant is listed by its name") {
  Fixture f;
  f.open(1, 11, 7);
  REQUIRE(f.files.grant(Fixture::file(1), [] { return std::make_unique<ShareAnchor>(5); },
                        {3, {7, {}}, GrantKind::Delegation, caching::rh}));
  const auto verdict = f.files.enter(Fixture::file(1), Operation::Unlink, {{9, {}}, 0, {}}, {},
                                     {.ticket = 5, .until = 300, .recall_by = 200, .since = 100}, f.effects);
  REQUIRE((verdict && verdict->kind == Verdict::Kind::Wait));
  const WaitingList all = list_waiting(f.files, 10);
  REQUIRE(all.count == 1);
  CHECK(all.listed[0].since == 100);
  CHECK(std::get<std::string_view>(all.listed[0].what) == demand_of(Operation::Unlink).name);
}

TEST_CASE("what is held in a share goes with it, and who waits there is cancelled") {
  Fixture f;
  f.open(1, 11, 7);
  f.lock(1, 7, 1);
  REQUIRE(f.lock(1, 8, 50, Waiting::Parked).kind == LockOutcome::Kind::Parked);
  f.open(2, 12, 8, 6);
  f.effects.clear();
  CHECK(f.files.drop_share(5, f.effects) == std::vector{Fixture::file(1)});
  REQUIRE(f.effects.size() == 1);
  const auto& resumed = std::get<Resume>(*f.effects.begin());
  CHECK(resumed.ticket == 108);
  CHECK(resumed.refused == Refusal::Cancelled);
  CHECK(f.files.size() == 1);
  CHECK(list_held(f.files, 10).count == 1);
  CHECK(f.graph.waiting() == 0);
}

TEST_CASE("so many ranges of a file can be locked, and no more") {
  WaitGraph graph;
  LockQueue queue({1, 2}, graph);
  Effects effects;
  const auto lock = [&](std::uint64_t at) {
    return queue.lock({.lock = {{2 * at, 2 * at}, LockKind::Shared, {LockRules::Posix, 7, 1}}}, 0, effects).kind;
  };
  std::uint64_t at = 0;
  while (lock(at) == LockOutcome::Kind::Granted) ++at;
  CHECK(at == LockQueue::max_locks);
  CHECK(lock(at) == LockOutcome::Kind::Refused);
  CHECK(queue.unlock({LockRules::Posix, 7, 1}, {0, 0}, 0, effects).value());
  CHECK(lock(at) == LockOutcome::Kind::Granted);
}
