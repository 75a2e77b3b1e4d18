#include "state/holdings/holdings.hpp"

#include <catch2/catch.hpp>

using namespace ditto::state;

namespace {

constexpr FileKey file{1, 2}, other_file{1, 3};
constexpr ClientId client = 7;
constexpr auto old = ZeroSequence::IsOld, current = ZeroSequence::IsCurrent;
constexpr ShareMode reading{Share::Read, Share::None}, writing{Share::Write, Share::None},
    both_denying{Share::Both, Share::Write};

StateId opened(Holdings& holdings, std::string_view owner, const ShareMode& mode, const FileKey& of = file) {
  static OpenId next = 100;
  const auto begun = holdings.begin_open(owner, of, ++next, nullptr);
  REQUIRE(begun);
  return holdings.end_open(begun->state.number, mode, 0);
}

StateId with_sequence(StateId id, std::uint32_t sequence) {
  id.sequence = sequence;
  return id;
}

}  // namespace

TEST_CASE("sequence numbers: the current one, old ones, ones from the future, and the wrap") {
  struct Row {
    std::uint32_t given, current;
    ZeroSequence zero;
    std::optional<Refusal> refused;
  };
  const std::array rows{Row{5, 5, old, {}},
                        Row{4, 5, old, Refusal::OldStateId},
                        Row{6, 5, old, Refusal::BadStateId},
                        Row{0, 5, old, Refusal::OldStateId},
                        Row{0, 5, current, {}},
                        Row{0xffffffff, 1, old, Refusal::OldStateId},
                        Row{1, 0xffffffff, old, Refusal::BadStateId},
                        Row{0xffffffff, 0xffffffff, current, {}}};
  for (const Row& row : rows) {
    INFO(row.given << " against " << row.current);
    const auto checked = check_sequence(row.given, row.current, row.zero);
    CHECK(checked.has_value() == !row.refused);
    if (row.refused) CHECK(checked.error() == *row.refused);
  }
  CHECK(next_sequence(1) == 2);
  CHECK(next_sequence(0xffffffff) == 1);
}

TEST_CASE("an owner's OPENs of a file are one state that grows") {
  Holdings holdings(client, {});
  const StateId first = opened(holdings, "a", reading);
  CHECK(first == StateId{1, client, first.number});
  const StateId second = opened(holdings, "a", writing);
  CHECK(second == StateId{2, client, first.number});
  CHECK(opened(holdings, "b", reading).number != first.number);
  CHECK(opened(holdings, "a", reading, other_file).number != first.number);
  CHECK(holdings.opens() == 3);
  CHECK(holdings.files().size() == 2);
  CHECK(holdings.use(second, file, old)->open.mode == ShareMode{Share::Both, Share::None});
  CHECK(holdings.use(first, file, old).error() == Refusal::OldStateId);
  CHECK(holdings.use(with_sequence(second, 3), file, old).error() == Refusal::BadStateId);
  CHECK(holdings.use(with_sequence(second, 0), file, current));
  CHECK(holdings.use(second, other_file, old).error() == Refusal::BadStateId);
  CHECK(holdings.use({1, client, 999}, file, old).error() == Refusal::BadStateId);
}

TEST_CASE("while an OPEN is under way, another for the same state comes again later") {
  Holdings holdings(client, {});
  const auto begun = holdings.begin_open("a", file, 1, nullptr);
  CHECK(begun->fresh);
  CHECK(holdings.begin_open("a", file, 2, nullptr).error() == Refusal::Delay);
  CHECK(holdings.use({0, client, begun->state.number}, file, current).error() == Refusal::BadStateId);
  holdings.abandon_open(begun->state.number);
  CHECK(holdings.empty());

  const StateId id = opened(holdings, "a", reading);
  const auto again = holdings.begin_open("a", file, 3, nullptr);
  CHECK_FALSE(again->fresh);
  CHECK(holdings.begin_change(id, file, old).error() == Refusal::Delay);
  holdings.abandon_open(id.number);
  CHECK(holdings.use(id, file, old)->open.mode == reading);
}

TEST_CASE("what an open can be downgraded to (RFC 8881, 18.18.3)") {
  Holdings holdings(client, {});
  opened(holdings, "a", reading);
  const StateId id = opened(holdings, "a", both_denying);
  const auto state = holdings.begin_change(id, file, old);
  REQUIRE(state);
  CHECK(Holdings::was_opened_as(*state, reading));
  CHECK(Holdings::was_opened_as(*state, both_denying));
  CHECK_FALSE(Holdings::was_opened_as(*state, writing));
  CHECK_FALSE(Holdings::was_opened_as(*state, {Share::Both, Share::None}));
  const StateId less = holdings.end_downgrade(id.number, reading);
  CHECK(less.sequence == id.sequence + 1);
  const auto now = holdings.begin_change(less, file, old);
  CHECK(now->mode == reading);
  CHECK_FALSE(Holdings::was_opened_as(*now, both_denying));
}

TEST_CASE("lock states depend on their open, and a lock owner has one number on all files") {
  Holdings holdings(client, {});
  const StateId open = opened(holdings, "a", both_denying), elsewhere = opened(holdings, "a", reading, other_file);
  const auto begun = holdings.begin_lock(open, "l", file, old, nullptr);
  REQUIRE(begun);
  CHECK(begun->fresh);
  const StateId lock = *holdings.end_lock(begun->state.number);
  CHECK(lock.sequence == 1);
  CHECK_FALSE(holdings.begin_lock(open, "l", file, old, nullptr)->fresh);
  const auto second = holdings.begin_lock(elsewhere, "l", other_file, old, nullptr);
  CHECK(second->state.holder == begun->state.holder);
  holdings.abandon_lock(second->state.number, 0);
  CHECK(holdings.locks() == 1);
  CHECK(holdings.lock_owner("l") == begun->state.holder);
  CHECK(holdings.lock_owner("m").number == 0);
  CHECK(holdings.find_lock(lock, file, old)->open.number == open.number);
  CHECK(holdings.find_lock(open, file, old).error() == Refusal::BadStateId);
  CHECK(holdings.use(lock, file, old)->locks == begun->state.holder);
  CHECK(holdings.use(lock, file, old)->open.mode == both_denying);
  CHECK(holdings.begin_lock(lock, "l", file, old, nullptr).error() == Refusal::BadStateId);

  const Holdings::Closed closed = holdings.close(open.number, 0);
  REQUIRE(closed.locks.size() == 1);
  CHECK(closed.locks[0].number == lock.number);
  CHECK(holdings.end_lock(lock.number).error() == Refusal::BadStateId);
  CHECK(holdings.use(lock, file, old).error() == Refusal::BadStateId);
}

TEST_CASE("what an administrator took says so until it is freed") {
  Holdings holdings(client, {});
  const StateId open = opened(holdings, "a", reading);
  const StateId lock = *holdings.end_lock(holdings.begin_lock(open, "l", file, old, nullptr)->state.number);
  holdings.revoke(open.number);
  CHECK(holdings.use(open, file, old).error() == Refusal::AdminRevoked);
  CHECK(holdings.use(lock, file, old).error() == Refusal::AdminRevoked);
  CHECK(holdings.test(lock, old).error() == Refusal::AdminRevoked);
  CHECK(std::get<LockState>(*holdings.find_any(lock, old)).revoked);
  holdings.forget(lock.number, 0);
  CHECK(holdings.test(lock, old).error() == Refusal::BadStateId);
  holdings.forget(open.number, 0);
  CHECK(holdings.empty());
}

TEST_CASE("opens and lock states are bounded") {
  Holdings holdings(client, {.opens = 2, .locks = 1});
  const StateId open = opened(holdings, "a", reading);
  opened(holdings, "b", reading);
  CHECK(holdings.begin_open("c", file, 9, nullptr).error() == Refusal::LimitReached);
  CHECK(holdings.begin_lock(open, "l", file, old, nullptr));
  CHECK(holdings.begin_lock(open, "m", file, old, nullptr).error() == Refusal::LimitReached);
  holdings.release_lock_owner("l", 0);
  CHECK(holdings.begin_lock(open, "m", file, old, nullptr));
}

TEST_CASE("an open owner that holds something is not forgotten") {
  ReplyBudget budget(1 << 20);
  const auto sequencer = std::make_shared<OwnerSequence>(OwnerKind::Open, "a", 100, budget, 0);
  Holdings holdings(client, {});
  const auto begun = holdings.begin_open("a", file, 1, sequencer);
  holdings.end_open(begun->state.number, reading, 0);
  CHECK(sequencer->in_use());
  CHECK(holdings.of_open_owner(sequencer) == std::vector{begun->state.number});
  holdings.close(begun->state.number, 5);
  CHECK_FALSE(sequencer->in_use());
}

TEST_CASE("who had something taken may have it anew, beside the stateid that says so") {
  Holdings holdings(client, {});
  const StateId open = opened(holdings, "a", reading);
  const StateId lock = *holdings.end_lock(holdings.begin_lock(open, "l", file, old, nullptr)->state.number);
  const auto revoked = holdings.revoke(open.number);
  REQUIRE(revoked.open);
  CHECK(revoked.open->number == open.number);
  CHECK(revoked.states() == 2);
  CHECK(holdings.revoke(open.number).states() == 0);
  CHECK(holdings.all_opens().empty());
  const StateId again = opened(holdings, "a", reading);
  CHECK(again.number != open.number);
  CHECK(holdings.use(open, file, old).error() == Refusal::AdminRevoked);
  CHECK(holdings.use(again, file, old));
  const StateId relock = *holdings.end_lock(holdings.begin_lock(again, "l", file, old, nullptr)->state.number);
  CHECK(relock.number != lock.number);
  const auto gone = holdings.forget(open.number, 0);
  CHECK((gone.opens == 1 && gone.locks == 1 && gone.revoked == 2));
  CHECK(holdings.use(relock, file, old));
  CHECK(opened(holdings, "a", writing).number == again.number);
}

TEST_CASE("an administrator finds an open by its file's number, and locks by owner and inode") {
  Holdings holdings(client, {});
  const StateId open = opened(holdings, "a", reading);
  const OpenId known = holdings.use(open, file, old)->open.open;
  CHECK(holdings.number_of(known) == std::vector{open.number});
  CHECK(holdings.number_of(known + 1).empty());
  const StateId lock = *holdings.end_lock(holdings.begin_lock(open, "l", file, old, nullptr)->state.number);
  const std::uint64_t owner = holdings.lock_owner("l").number;
  CHECK(holdings.numbers_of(owner, file.inode) == std::vector{lock.number});
  CHECK(holdings.numbers_of(owner, other_file.inode).empty());
  CHECK(holdings.numbers_of(owner + 1, file.inode).empty());
  CHECK(holdings.revoke(lock.number).locks.size() == 1);
  CHECK(holdings.use(open, file, old));
  CHECK(holdings.numbers_of(owner, file.inode).empty());
}

TEST_CASE("a LOCK that is on its way when its open is taken fails at its end, and is not counted") {
  Holdings holdings(client, {});
  const StateId open = opened(holdings, "a", reading);
  const auto begun = holdings.begin_lock(open, "l", file, old, nullptr);
  REQUIRE(begun);
  CHECK(holdings.revoke(open.number).states() == 1);
  CHECK(holdings.end_lock(begun->state.number).error() == Refusal::AdminRevoked);
  CHECK(holdings.abandon_lock(begun->state.number, 0));
  CHECK_FALSE(holdings.abandon_lock(begun->state.number, 0));
}

TEST_CASE("a revoked open is not freed while a request changes it") {
  Holdings holdings(client, {});
  const StateId open = opened(holdings, "a", reading);
  REQUIRE(holdings.begin_change(open, file, old));
  holdings.revoke(open.number);
  CHECK(holdings.forget(open.number, 0).opens == 0);
  holdings.abandon_open(open.number);
  CHECK(holdings.forget(open.number, 0).opens == 1);
}

TEST_CASE("what is held on files whose share is gone goes without a word") {
  Holdings holdings(client, {});
  const StateId open = opened(holdings, "a", reading), stays = opened(holdings, "a", reading, other_file);
  REQUIRE(holdings.end_lock(holdings.begin_lock(open, "l", file, old, nullptr)->state.number));
  const auto gone = holdings.drop_files({file}, 0);
  CHECK((gone.opens == 1 && gone.locks == 1 && gone.revoked == 0));
  CHECK(holdings.test(open, old).error() == Refusal::BadStateId);
  CHECK(holdings.use(stays, other_file, old));
}
