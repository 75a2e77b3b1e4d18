// Promises that outlive the server: their records while they are in force, and what is kept of them after a restart for
// whoever may claim it.
#include <catch2/catch.hpp>

#include "state/files.hpp"
#include "state/recovery/object_records.hpp"
#include "state/recovery/reservations.hpp"
#include "state/wait_graph.hpp"

using namespace ditto::state;

namespace {

using Kind = ObjectRecord::Kind;
constexpr ByteRange whole{0, ByteRange::end_of_file};
const Claimant a{{Protocol::Nfs41, "a"}, "owner"}, b{{Protocol::Nfs41, "b"}, "owner"};

ObjectRecord open_record(std::uint64_t number, const ShareMode& mode, const Claimant& who = a) {
  return {.kind = Kind::Open, .incarnation = 1, .number = number, .who = who, .mode = mode};
}

}  // namespace

TEST_CASE("a record is put, put again when less is promised, and removed") {
  PersistTokens tokens;
  ObjectRecords records(tokens);
  records.begin(5);
  std::vector<Persist> changes;
  const auto token = records.put(open_record(9, {Share::Both, Share::Both}), changes);
  REQUIRE(token);
  records.lessen(9, {Share::Both, Share::Both}, changes);  // the same: nothing to write
  records.lessen(9, {Share::Read, Share::Write}, changes);
  records.lessen(9, {Share::Read, Share::None}, changes);
  REQUIRE(changes.size() == 3);
  CHECK(changes[0].token == *token);
  CHECK(changes[0].what == Persist::What::PutObject);
  CHECK(changes[0].object.incarnation == 5);
  CHECK(changes[1].what == Persist::What::PutObject);
  CHECK(changes[1].object.mode == ShareMode{Share::Read, Share::Write});
  CHECK(changes[2].what == Persist::What::RemoveObject);
  CHECK(changes[2].token > changes[1].token);
  CHECK(records.size() == 0);
}

TEST_CASE("what is over before its record was begun is never recorded") {
  PersistTokens tokens;
  ObjectRecords records(tokens);
  std::vector<Persist> changes;
  records.lessen(9, {}, changes);
  const auto refused = records.put(open_record(9, {Share::Read, Share::Write}), changes);
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == Refusal::Cancelled);
  CHECK(changes.empty());
  CHECK(records.size() == 0);
}

TEST_CASE("records are bounded") {
  PersistTokens tokens;
  ObjectRecords records(tokens);
  std::vector<Persist> changes;
  for (std::uint64_t number = 0; number < ObjectRecords::max_records; ++number) {
    REQUIRE(records.put(open_record(number, {Share::Read, Share::Write}), changes));
    changes.clear();
  }
  const auto refused = records.put(open_record(~0ull, {Share::Read, Share::Write}), changes);
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == Refusal::LimitReached);
  records.lessen(~0ull, {}, changes);  // its open goes
  CHECK(changes.empty());
  CHECK(records.size() == ObjectRecords::max_records);
  CHECK(records.put(open_record(0, {Share::Both, Share::Write}), changes));  // one that there is
}

TEST_CASE("what each kind of record stands against") {
  using enum Operation;
  struct Row {
    const char* name;
    ObjectRecord record;
    Operation operation;
    ByteRange range;
    bool forbids;
  };
  const ObjectRecord deny_write = open_record(1, {Share::Read, Share::Write});
  const ObjectRecord deny_read = open_record(1, {Share::Write, Share::Read});
  const ObjectRecord exclusive{.kind = Kind::Lock, .who = a, .range = {10, 19}};
  const ObjectRecord shared{.kind = Kind::Lock, .who = a, .range = {10, 19}, .lock = LockKind::Shared};
  const ObjectRecord delegation{.kind = Kind::Delegation, .who = a, .caching = caching::rwh};
  const ObjectRecord directory{.kind = Kind::Directory, .who = a, .caching = caching::rh};
  const ObjectRecord handle{
      .kind = Kind::Handle, .who = a, .mode = {Share::Read, Share::Delete}, .caching = caching::rwh};
  const Row rows[] = {
      {"deny-write, a write", deny_write, Write, whole, true},
      {"deny-write, a size", deny_write, SetSize, whole, true},
      {"deny-write, a read", deny_write, Read, whole, false},
      {"deny-write, attributes", deny_write, GetAttributes, whole, false},
      {"deny-read, a read", deny_read, Read, whole, true},
      {"deny-read, a write", deny_read, Write, whole, false},
      {"an exclusive lock, a read in it", exclusive, Read, {15, 15}, true},
      {"an exclusive lock, a read beside it", exclusive, Read, {20, 29}, false},
      {"an exclusive lock, a write in it", exclusive, Write, {0, 10}, true},
      {"a shared lock, a read in it", shared, Read, {15, 15}, false},
      {"a shared lock, a write in it", shared, Write, {15, 15}, true},
      {"a write delegation, a read", delegation, Read, whole, true},
      {"a write delegation, a removal", delegation, Unlink, whole, true},
      {"a write delegation, attributes", delegation, GetAttributes, whole, false},
      {"a directory grant, a change of entries", directory, RemoveEntry, whole, true},
      {"a directory grant, a look", directory, List, whole, false},
      {"a persistent handle, a removal", handle, Unlink, whole, true},
      {"a persistent handle that caches writes, a read", handle, Read, whole, true},
      {"a persistent handle, attributes", handle, GetAttributes, whole, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Reservations reserved;
    CHECK_FALSE(reserved.forbid(demand_of(row.operation), row.range));
    reserved.add(row.record);
    CHECK(reserved.forbid(demand_of(row.operation), row.range) == row.forbids);
  }
}

TEST_CASE("an open meets what others may claim, and takes what it makes good of its own") {
  Reservations reserved;
  reserved.add(open_record(1, {Share::Read, Share::Write}));
  reserved.add(open_record(2, {Share::Both, Share::Both}));
  CHECK(reserved.forbid(ShareMode{Share::Write, Share::None}, nullptr));
  CHECK(reserved.forbid(ShareMode{Share::Write, Share::None}, &b));
  CHECK_FALSE(reserved.forbid(ShareMode{Share::Write, Share::None}, &a));
  CHECK(reserved.denied_by(a) == Share::Both);
  CHECK(reserved.denied_by(b) == Share::None);
  CHECK(reserved.take(b, {Share::Both, Share::Both}).empty());
  CHECK(reserved.take(a, {Share::Read, Share::None}).empty());
  const auto first = reserved.take(a, {Share::Read, Share::Write});
  REQUIRE(first.size() == 1);
  CHECK(first[0].number == 1);
  CHECK(reserved.take(a, {Share::Both, Share::Both}).size() == 1);
  CHECK(reserved.empty());
}

TEST_CASE("a file with something reserved: who waits, who is refused, who passes") {
  WaitGraph graph;
  FileState file({.store = 1, .inode = 1}, graph);
  Effects effects;
  file.reserve(open_record(1, {Share::Read, Share::Write}));
  CHECK_FALSE(file.empty());
  CHECK(file.concerns_writers());

  const Actor anonymous;
  CHECK(file.enter(Operation::Read, anonymous, whole, never, effects).kind == Verdict::Kind::Proceed);
  const Verdict waits = file.enter(Operation::Write, anonymous, whole, never, effects);
  REQUIRE(waits.kind == Verdict::Kind::Wait);
  REQUIRE(file.park({.ticket = 5, .demand = waits.until_met, .holder = {}, .deadline = never}));
  CHECK(file.blocks(file.waiting()[0]));

  const Open stranger{.id = 30, .holder = {3, {}}, .mode = {Share::Write, Share::None}};
  CHECK(file.open(stranger, Operation::OpenWrite, never, effects).kind == Verdict::Kind::Wait);
  const Promise false_claim{.who = b, .kept = true, .reclaims = true};
  CHECK(file.open(stranger, Operation::OpenWrite, never, effects, &false_claim).refusal == Refusal::ShareConflict);
  const Open denying{.id = 31, .holder = {3, {}}, .mode = {Share::Read, Share::Read}};
  CHECK(file.open(denying, Operation::OpenRead, never, effects, &false_claim).kind == Verdict::Kind::Refused);

  const Promise claim{.who = a, .kept = true, .reclaims = true};
  const Open more{.id = 20, .holder = {2, {}}, .mode = {Share::Read, Share::Both}};
  CHECK(file.open(more, Operation::OpenRead, never, effects, &claim).refusal == Refusal::NotHeldBefore);
  const Open same{.id = 20, .holder = {2, {}}, .mode = {Share::Read, Share::Write}};
  REQUIRE(file.open(same, Operation::OpenRead, never, effects, &claim).kind == Verdict::Kind::Proceed);
  CHECK(file.find_open(20)->recorded);
  CHECK(effects.empty());
  CHECK(file.claimed(20, a, effects).size() == 1);
  REQUIRE(effects.size() == 1);
  CHECK(std::get<Resume>(effects[0]).ticket == 5);
  CHECK_FALSE(std::get<Resume>(effects[0]).refused);
  CHECK(file.enter(Operation::Write, anonymous, whole, never, effects).refusal == Refusal::ShareConflict);

  // What goes says so, once.
  effects.clear();
  REQUIRE(file.close(20, effects));
  REQUIRE(effects.size() == 1);
  CHECK(std::get<Lessened>(effects[0]).open == 20);
  CHECK(file.empty());
}

TEST_CASE("the end of grace lets everybody go on") {
  WaitGraph graph;
  FileState file({.store = 1, .inode = 1}, graph);
  Effects effects;
  file.reserve(open_record(1, {Share::Read, Share::Write}));
  const Verdict waits = file.enter(Operation::Write, Actor{}, whole, never, effects);
  REQUIRE(waits.kind == Verdict::Kind::Wait);
  REQUIRE(file.park({.ticket = 5, .demand = waits.until_met, .holder = {}, .deadline = never}));
  file.end_reservations(effects);
  REQUIRE(effects.size() == 1);
  CHECK(std::get<Resume>(effects[0]).ticket == 5);
  CHECK(file.empty());
  CHECK_FALSE(file.concerns_readers());
}

TEST_CASE("a client that is dropped leaves no record behind") {
  WaitGraph graph;
  FileState file({.store = 1, .inode = 1}, graph);
  Effects effects;
  const Promise promise{.who = a, .kept = true};
  const Open denying{.id = 20, .holder = {2, {}}, .mode = {Share::Read, Share::Write}};
  const Open plain{.id = 21, .holder = {2, {}}, .mode = {Share::Read, Share::None}};
  REQUIRE(file.open(denying, Operation::OpenRead, never, effects, &promise).kind == Verdict::Kind::Proceed);
  REQUIRE(file.open(plain, Operation::OpenRead, never, effects, &promise).kind == Verdict::Kind::Proceed);
  CHECK_FALSE(file.find_open(21)->recorded);
  file.drop_client(2, 0, effects);
  REQUIRE(effects.size() == 1);
  CHECK(std::get<Lessened>(effects[0]).open == 20);
}
