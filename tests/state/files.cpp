#include "state/files.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>
#include <vector>

#include "state/letters.hpp"

using namespace ditto::state;
using ditto::test::caching_of;
using ditto::test::letters_of;
using Kind = Verdict::Kind;

namespace {

constexpr FileKey file{1, 2};
constexpr ByteRange everything{0, ByteRange::end_of_file};
Holder holder(std::uint64_t client) { return {client, {}}; }
Open open_of(OpenId id, std::uint64_t client, Share access, Share deny = Share::None) {
  return {id, holder(client), {access, deny}};
}

/// A node of nobody's, whose word can be seen.
struct Word {
  std::atomic<bool> readers_concerned{false}, writers_concerned{false};
  std::atomic<std::uint32_t> readers{0}, writers{0};
  std::atomic<int> anchors{0};
};

class WordAnchor final : public Anchor {
 public:
  explicit WordAnchor(Word& word) : word_(word) { ++word_.anchors; }
  ~WordAnchor() override { --word_.anchors; }
  void concern(bool readers, bool writers) noexcept override {
    word_.readers_concerned = readers;
    word_.writers_concerned = writers;
  }
  InFlight in_flight() const noexcept override { return {word_.readers, word_.writers}; }
  void count_in(bool writes) noexcept override { ++(writes ? word_.writers : word_.readers); }

 private:
  Word& word_;
};

struct Fixture {
  WaitGraph graph;
  Files files{graph};
  Word word;
  Effects effects;
  TicketId tickets = 0;

  Kind open(const Open& wanted, Operation how = Operation::OpenRead) {
    return files
        .open(
            file, [&] { return std::make_unique<WordAnchor>(word); }, wanted, how, {++tickets, 100, 100}, effects)
        .kind;
  }
  std::string grant(GrantId id, std::uint64_t client, const char* letters, GrantKind kind = GrantKind::Delegation) {
    const auto granted = files.grant(file, [&] { return std::make_unique<WordAnchor>(word); },
                                     {id, holder(client), kind, caching_of(letters)});
    return granted ? letters_of(granted->held) : "";
  }
  std::optional<Kind> enter(Operation operation, std::uint64_t client, OpenId open = 0) {
    const auto verdict =
        files.enter(file, operation, {holder(client), open, {}}, everything, {++tickets, 100, 100}, effects);
    return verdict ? std::optional(verdict->kind) : std::nullopt;
  }
  void close(OpenId id) {
    files.with(file, [&](FileState& state) { state.close(id, effects); });
  }
  std::vector<TicketId> resumed() {
    std::vector<TicketId> found;
    for (const Effect& effect : effects) {
      if (const auto* resume = std::get_if<Resume>(&effect)) found.push_back(resume->ticket);
    }
    effects.clear();
    return found;
  }
};

}  // namespace

TEST_CASE("plain opens concern nobody, and leave nothing behind") {
  Fixture f;
  CHECK_FALSE(f.enter(Operation::Read, nobody));
  CHECK(f.open(open_of(1, 1, Share::Both)) == Kind::Proceed);
  CHECK(f.open(open_of(2, 2, Share::Read)) == Kind::Proceed);
  CHECK_FALSE(f.word.readers_concerned);
  CHECK_FALSE(f.word.writers_concerned);
  CHECK(f.word.anchors == 1);
  f.close(1);
  f.close(2);
  CHECK(f.word.anchors == 0);
  CHECK(f.files.size() == 0);
}

TEST_CASE("a deny mode forbids opens and stateless I/O, and whoever has an open goes by that") {
  Fixture f;
  CHECK(f.open(open_of(1, 1, Share::Read, Share::Write)) == Kind::Proceed);
  CHECK(f.word.writers_concerned);
  CHECK_FALSE(f.word.readers_concerned);
  CHECK(f.open(open_of(2, 2, Share::Write)) == Kind::Refused);
  CHECK(f.enter(Operation::Write, nobody) == Kind::Refused);
  CHECK(f.enter(Operation::SetSize, nobody) == Kind::Refused);
  CHECK(f.enter(Operation::Read, nobody) == Kind::Proceed);
  CHECK(f.word.readers == 1);
  CHECK(f.enter(Operation::Write, 1, 1) == Kind::Proceed);
  CHECK(f.word.writers == 1);
  f.close(1);
  CHECK_FALSE(f.word.writers_concerned);
}

TEST_CASE("a request by an open that is gone meets deny modes as if it had none") {
  Fixture f;
  CHECK(f.open(open_of(1, 1, Share::Both)) == Kind::Proceed);
  f.close(1);
  CHECK(f.open(open_of(2, 2, Share::Read, Share::Write)) == Kind::Proceed);
  CHECK(f.enter(Operation::Write, 1, 1) == Kind::Refused);
  CHECK(f.enter(Operation::Read, 1, 1) == Kind::Proceed);
}

TEST_CASE("a deny mode waits for writers that are in flight") {
  Fixture f;
  f.word.writers = 1;
  CHECK(f.open(open_of(1, 1, Share::Read, Share::Write)) == Kind::Again);
  CHECK_FALSE(f.word.writers_concerned);
  f.word.writers = 0;
  CHECK(f.open(open_of(1, 1, Share::Read, Share::Write)) == Kind::Proceed);
}

TEST_CASE("upgrades meet the others, downgrades let them in") {
  Fixture f;
  const auto upgrade = [&](OpenId id, Share access, Share deny) {
    return f.files.upgrade(file, id, {access, deny}, {++f.tickets, 100, 100}, f.effects).kind;
  };
  CHECK(f.open(open_of(1, 1, Share::Read)) == Kind::Proceed);
  CHECK(f.open(open_of(2, 2, Share::Write)) == Kind::Proceed);
  CHECK(upgrade(1, Share::Read, Share::Write) == Kind::Refused);
  CHECK(upgrade(1, Share::Both, Share::None) == Kind::Proceed);
  CHECK(upgrade(2, Share::None, Share::Read) == Kind::Refused);
  CHECK(upgrade(7, Share::Read, Share::None) == Kind::Refused);
  f.files.with(file, [&](FileState& state) {
    CHECK(state.find_open(1)->mode == ShareMode{Share::Both, Share::None});
    CHECK(state.downgrade(1, {Share::Write, Share::None}, f.effects));
    CHECK(state.downgrade(1, {Share::Both, Share::None}, f.effects).error() == Refusal::NotOpenedAs);
    CHECK(state.downgrade(9, {Share::Read, Share::None}, f.effects).error() == Refusal::NoSuchOpen);
  });
  CHECK(upgrade(2, Share::None, Share::Read) == Kind::Proceed);
}

TEST_CASE("a recalled delegation lets the waiting open go on") {
  Fixture f;
  CHECK(f.open(open_of(1, 1, Share::Read)) == Kind::Proceed);
  CHECK(f.grant(5, 1, "RH") == "RH");
  CHECK(f.word.writers_concerned);
  CHECK_FALSE(f.word.readers_concerned);
  CHECK(f.open(open_of(2, 2, Share::Write), Operation::OpenWrite) == Kind::Wait);
  const TicketId waiting = f.tickets;
  CHECK(std::get<Recall>(f.effects[0]).holder == holder(1));
  f.effects.clear();
  CHECK(f.enter(Operation::Write, nobody) == Kind::Wait);
  CHECK(f.enter(Operation::Read, nobody) == Kind::Proceed);
  CHECK(f.effects.empty());
  f.files.with(file, [&](FileState& state) { CHECK(state.give_back(5, f.effects)); });
  CHECK(f.resumed() == std::vector<TicketId>{waiting, waiting + 1});
  CHECK(f.open(open_of(2, 2, Share::Write), Operation::OpenWrite) == Kind::Proceed);
  // With a writer there, nobody is given a read delegation.
  CHECK(f.grant(6, 1, "RH").empty());
  CHECK(f.grant(6, 1, "RH", GrantKind::Lease) == "RH");
}

TEST_CASE("nothing is granted against what is in flight") {
  Fixture f;
  CHECK(f.open(open_of(1, 1, Share::Both)) == Kind::Proceed);
  f.word.readers = 1;
  CHECK(f.grant(5, 1, "RWH") == "RH");
  f.files.with(file, [&](FileState& state) { state.give_back(5, f.effects); });
  f.word.writers = 1;
  CHECK(f.grant(6, 1, "RWH").empty());
  CHECK_FALSE(f.word.readers_concerned);
  f.word.readers = f.word.writers = 0;
  CHECK(f.grant(7, 1, "RWH") == "RWH");
  CHECK(f.word.readers_concerned);
}

TEST_CASE("who would lock by itself is given nothing beside a lock of others that it could be in the way of") {
  Fixture f;
  CHECK(f.open(open_of(1, 1, Share::Both)) == Kind::Proceed);
  const LockOwner theirs{LockRules::Posix, 2, 7}, own{LockRules::Posix, 1, 7};
  const auto locked = [&](const LockOwner& owner, LockKind kind) {
    bool granted = false;
    f.files.with(file, [&](FileState& state) {
      const LockRequest request{.lock = {{10, 20}, kind, owner}};
      granted = state.lock(request, 100, f.effects).kind == LockOutcome::Kind::Granted;
    });
    return granted;
  };
  const auto given = [&](GrantId id, const char* wanted, GrantKind kind = GrantKind::Delegation) {
    const std::string letters = f.grant(id, 1, wanted, kind);
    f.files.with(file, [&](FileState& state) { state.give_back(id, f.effects); });
    return letters;
  };
  REQUIRE(locked(theirs, LockKind::Exclusive));
  CHECK(given(5, "RWH").empty());
  CHECK(given(6, "RH").empty());
  CHECK(given(7, "RWH", GrantKind::Lease) == "RWH");  // of SMB, where a lock is always asked for
  REQUIRE(locked(theirs, LockKind::Shared));
  CHECK(given(8, "RWH") == "RH");
  f.files.with(file, [&](FileState& state) { CHECK(state.unlock(theirs, {10, 20}, 100, f.effects).value()); });
  REQUIRE(locked(own, LockKind::Exclusive));
  CHECK(given(9, "RWH") == "RWH");
}

TEST_CASE("a share conflict asks holders of handles to close first") {
  Fixture f;
  CHECK(f.open(open_of(1, 1, Share::Read, Share::Write)) == Kind::Proceed);
  CHECK(f.grant(5, 1, "RH", GrantKind::Lease) == "RH");
  CHECK(f.open(open_of(2, 2, Share::Write), Operation::OpenWrite) == Kind::Wait);
  CHECK(std::get<Recall>(f.effects[0]).to == caching_of("R"));
  f.effects.clear();
  SECTION("it closes") {
    f.close(1);
    f.files.with(file, [&](FileState& state) {
      CHECK(state.acknowledge(5, state.grants().find(GrantId{5})->epoch, caching_of("R"), 0, f.effects) ==
            caching_of("R"));
    });
    CHECK_FALSE(f.resumed().empty());
    CHECK(f.open(open_of(2, 2, Share::Write), Operation::OpenWrite) == Kind::Proceed);
  }
  SECTION("it stays") {
    f.files.with(file, [&](FileState& state) {
      CHECK(state.acknowledge(5, state.grants().find(GrantId{5})->epoch, caching_of("R"), 0, f.effects) ==
            caching_of("R"));
    });
    CHECK_FALSE(f.resumed().empty());
    CHECK(f.open(open_of(2, 2, Share::Write), Operation::OpenWrite) == Kind::Refused);
  }
}

TEST_CASE("who waits for handles only is not kept waiting by what else is cached") {
  Fixture f;
  CHECK(f.open(open_of(1, 1, Share::Both, Share::Read), Operation::OpenWrite) == Kind::Proceed);
  CHECK(f.grant(5, 1, "RWH", GrantKind::Lease) == "RWH");
  CHECK(f.open(open_of(2, 2, Share::Read)) == Kind::Wait);
  const TicketId waiting = f.tickets;
  CHECK(std::get<Recall>(f.effects[0]).to == caching_of("RW"));
  f.effects.clear();
  f.files.with(file, [&](FileState& state) {
    REQUIRE(state.waiting().size() == 1);
    CHECK(state.blocks(state.waiting()[0]));
    // Something that does not concern it.
    CHECK_FALSE(state.close(77, f.effects));
    CHECK(state.acknowledge(5, state.grants().find(GrantId{5})->epoch, caching_of("RW"), 0, f.effects) ==
          caching_of("RW"));
  });
  CHECK(f.resumed() == std::vector<TicketId>{waiting});
  CHECK(f.open(open_of(2, 2, Share::Read)) == Kind::Refused);
}

TEST_CASE("who waits for handles goes on waiting until they are given up") {
  Fixture f;
  CHECK(f.open(open_of(1, 1, Share::Read, Share::Write)) == Kind::Proceed);
  CHECK(f.open(open_of(3, 3, Share::Read)) == Kind::Proceed);
  CHECK(f.grant(5, 1, "RH", GrantKind::Lease) == "RH");
  CHECK(f.open(open_of(2, 2, Share::Write), Operation::OpenWrite) == Kind::Wait);
  f.close(3);
  CHECK(f.resumed().empty());
}

TEST_CASE("who waits ends by deadline, withdrawal, the client's end, or the node's") {
  Fixture f;
  CHECK(f.grant(5, 1, "RWH") == "RWH");
  CHECK(f.enter(Operation::Read, 2) == Kind::Wait);
  CHECK(f.enter(Operation::Read, 3) == Kind::Wait);
  CHECK(f.enter(Operation::Read, 4) == Kind::Wait);
  f.effects.clear();
  f.files.with(file, [&](FileState& state) {
    CHECK(state.withdraw(1));
    CHECK_FALSE(state.withdraw(1));
    state.drop_client(3, 0, f.effects);
  });
  CHECK(f.resumed() == std::vector<TicketId>{2});
  SECTION("deadline: the holder loses it, and the request goes on") {
    CHECK(f.files.next_deadline() == 100);
    f.files.advance(100, f.effects);
    CHECK(std::holds_alternative<Revoked>(f.effects[0]));
    CHECK(f.resumed() == std::vector<TicketId>{3});
    CHECK(f.files.size() == 0);
    CHECK(f.files.next_deadline() == never);
  }
  SECTION("the holder's end") {
    f.files.with(file, [&](FileState& state) { state.drop_client(1, 0, f.effects); });
    CHECK(f.resumed() == std::vector<TicketId>{3});
    CHECK(f.word.anchors == 0);
  }
}

TEST_CASE("a file that goes with its last open takes no new one") {
  Fixture f;
  CHECK(f.open(open_of(1, 1, Share::Read)) == Kind::Proceed);
  f.files.with(file, [&](FileState& state) { state.set_delete_pending(true); });
  CHECK(f.open(open_of(2, 2, Share::Read)) == Kind::Refused);
  f.close(1);
  CHECK(f.files.size() == 0);
}

TEST_CASE("threads: a write grant never lives beside a reader or a writer in flight") {
  WaitGraph graph;
  Files files(graph);
  Word word;
  std::atomic<bool> stop{false}, granted{false};
  std::atomic<int> wrong{0};
  std::atomic<std::uint64_t> entered{0};
  // The fast way, as the gate takes it.
  const auto enter_fast = [&](bool writes) {
    auto& count = writes ? word.writers : word.readers;
    ++count;
    if (!(writes ? word.writers_concerned : word.readers_concerned)) return true;
    --count;
    return false;
  };
  std::vector<std::thread> threads;
  for (const bool writes : {false, true}) {
    threads.emplace_back([&, writes] {
      while (!stop) {
        if (!enter_fast(writes)) continue;
        if (granted) ++wrong;
        ++entered;
        --(writes ? word.writers : word.readers);
        for (int pause = 0; pause < 20; ++pause) std::this_thread::yield();
      }
    });
  }
  int grants = 0;
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while ((grants < 200 || entered < 200) && std::chrono::steady_clock::now() < give_up) {
    const auto made = files.grant(file, [&] { return std::make_unique<WordAnchor>(word); },
                                  {1, holder(1), GrantKind::Delegation, caching::rwh});
    if (!made) continue;
    if (any(made->held & Caching::Write)) {
      ++grants;
      granted = true;
      for (int spin = 0; spin < 50; ++spin) std::this_thread::yield();
      granted = false;
    }
    Effects effects;
    files.with(file, [&](FileState& state) { state.give_back(1, effects); });
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(grants > 0);
  CHECK(entered > 0);
}
