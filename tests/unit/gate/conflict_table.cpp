// The conflict table of docs/state.md, cell by cell, at the door: for each operation and each kind of holding the real
// operation is made through the real gate, on DittoFs over a store in memory, while somebody else holds it. Whether
// that is asked for what and whether the operation waits, is refused, or goes on, is what the table says.
#include "state/conflict_table.hpp"

#include <catch2/catch.hpp>
#include <optional>
#include <vector>

#include "base/log.hpp"
#include "gate/held.hpp"
#include "store/store.hpp"
#include "support/manual_clock.hpp"
#include "support/manual_loop.hpp"
#include "support/seeded_random.hpp"
#include "vfs/ditto/ditto_fs.hpp"

using namespace ditto;
using namespace ditto::test::conflicts;
using state::Caching;
using test::caching_of;
using test::letters_of;

namespace {

constexpr state::ClientId holder_client = 1, asker_client = 2;

/// What an operation is about, as it was when it began.
enum class About { File, Directory, EmptyDirectory };

class World final : public gate::Callbacks {
 public:
  World() {
    fs_ = *vfs::DittoFs::open(stores_->kv, stores_->data, clock_, random_, null_log(), {.root_mode = 0777});
    REQUIRE(shares_.add(
        std::make_shared<gate::Share>(1, "export", fs_, fs_->root(), gate::ShareRules{.squash = gate::Squash::None})));
    coordinator().set_callbacks(this);
    file = make(fs_->root(), "file", vfs::FileType::Regular);
    other = make(fs_->root(), "other", vfs::FileType::Regular);
    directory = make(fs_->root(), "directory", vfs::FileType::Directory);
    empty = make(fs_->root(), "empty", vfs::FileType::Directory);
    entry = make(directory, "entry", vfs::FileType::Regular);
  }
  ~World() override { shares_.clear(); }

  vfs::NodeId file, other, directory, empty, entry;
  vfs::NodeId root() const { return fs_->root(); }
  vfs::NodeId about(About what) const {
    switch (what) {
      case About::File: return file;
      case About::Directory: return directory;
      case About::EmptyDirectory: return empty;
    }
    return {};
  }

  gate::Coordinator& coordinator() { return shares_.coordinator(); }
  const gate::Share& share() const { return *shares_.all().front(); }
  state::FileKey key(vfs::NodeId node) const { return gate::file_key(*fs_, node); }
  gate::Actor actor(state::ClientId client) {
    return {.who = {.uid = 0, .gid = 0},
            .home = loop_,
            .pool = pool_,
            .clock = clock_,
            .rests_on = tokens_,
            .as = {.holder = {client, {}}, .open = 0, .locks = {}}};
  }
  void turn() {
    while (loop_.run() + pool_.run() != 0) {
    }
  }
  template <class T>
  T wait_for(Task<T> task) {
    std::optional<T> result;
    await(std::move(task), result);
    turn();
    REQUIRE(result);
    return *std::move(result);
  }
  template <class T>
  static Detached await(Task<T> task, std::optional<T>& result) {
    result = co_await std::move(task);
  }

  void grant(vfs::NodeId node, GrantKind kind, Caching caching) {
    const auto anchor = [&]() -> std::unique_ptr<state::Anchor> { return std::make_unique<PinAnchor>(pinned(node)); };
    granted_on_ = node;
    const auto granted = coordinator().files().grant(
        key(node), anchor,
        {.id = coordinator().new_id(), .holder = {holder_client, {}}, .kind = kind, .caching = caching});
    REQUIRE(granted);
    REQUIRE(granted->held == caching);
  }
  std::string held() {
    std::string letters = "-";
    coordinator().files().with(key(granted_on_), [&](const state::FileState& state) {
      if (const state::Grant* grant = state.grants().find(state::Holder{holder_client, {}})) {
        letters = letters_of(grant->held);
      }
    });
    return letters;
  }
  /// The holder says that it has come down, as its protocol has it.
  void acknowledge(const state::Recall& recall, GrantKind kind) {
    state::Effects effects;
    coordinator().files().with(recall.file, [&](state::FileState& state) {
      if (kind == GrantKind::Delegation) {
        CHECK(state.give_back(recall.grant, effects));
      } else {
        CHECK(state.acknowledge(recall.grant, recall.epoch, recall.to, state::never, effects) == recall.to);
      }
    });
    coordinator().deliver(effects);
  }
  std::vector<state::Recall> recalls;

  /// Changes whenever anything in the tree does.
  std::string tree() {
    std::string text;
    for (const vfs::NodeId node : {root(), file, other, directory, empty, entry}) {
      vfs::Context context = blocking();
      const auto pin = fs_->pin(context, node);
      const auto attributes = pin ? fs_->getattr(context, **pin) : fail(pin.error());
      text += attributes ? std::to_string(attributes->change) + " " : "gone ";
    }
    return text;
  }
  /// Operations that are between entering and leaving.
  bool in_flight(vfs::NodeId node) {
    vfs::Context context = blocking();
    const auto pin = fs_->pin(context, node);
    return pin && ((*pin)->gate_word.load() & (gate::word::readers | gate::word::writers)) != 0;
  }

 private:
  class PinAnchor final : public state::Anchor {
   public:
    explicit PinAnchor(vfs::NodePin pin) noexcept : pin_(std::move(pin)) {}
    void concern(bool readers, bool writers) noexcept override {
      gate::word::concern(pin_->gate_word, readers, writers);
    }
    InFlight in_flight() const noexcept override {
      const std::uint64_t now = pin_->gate_word.load();
      return {gate::word::readers_in(now), gate::word::writers_in(now)};
    }
    void count_in(bool writes) noexcept override { gate::word::count_in(pin_->gate_word, writes); }

   private:
    vfs::NodePin pin_;
  };

  void recall(const state::Recall& recall) override { recalls.push_back(recall); }
  void revoked(const state::Revoked&) override { FAIL("nobody takes anything"); }
  void lock_available(const state::LockAvailable&) override {}

  vfs::Context blocking() { return {.who = who_, .now = clock_.now(), .blocking = vfs::Blocking::Allowed}; }
  vfs::NodePin pinned(vfs::NodeId node) {
    vfs::Context context = blocking();
    return *fs_->pin(context, node);
  }
  vfs::NodeId make(vfs::NodeId parent, std::string_view name, vfs::FileType type) {
    vfs::Context context = blocking();
    const vfs::NodePin in = pinned(parent);
    return fs_->create(context, *in, name, {.type = type, .attributes = {.mode = 0777}})->node.id;
  }

  const vfs::Credential who_{.uid = 0, .gid = 0};
  std::unique_ptr<store::Store> stores_ = store::memory_store();
  test::ManualClock clock_;
  test::SeededRandom random_{1};
  test::ManualLoop loop_, pool_;
  CommitTokens tokens_;
  std::shared_ptr<vfs::DittoFs> fs_;
  gate::Shares shares_;
  vfs::NodeId granted_on_;
};

using Done = Task<Result<void>>;

template <class T>
Result<void> without_value(const Result<T>& result) {
  if (!result) return fail(result.error());
  return {};
}

Done open(World& world, gate::Actor& actor, Operation how, state::Share access) {
  const auto opened = co_await gate::open_node(
      actor, world.share(), world.file,
      {.open = {world.coordinator().new_id(), actor.as.holder, {access, state::Share::None}}, .how = how});
  if (!opened) co_return fail(opened.error().error());
  co_return Result<void>{};
}

Done lock(World& world, gate::Actor& actor, state::LockKind kind) {
  const state::LockOwner owner{state::LockRules::Posix, actor.as.holder.client, 1};
  const auto tried =
      co_await gate::lock_bytes(actor, world.share(), world.file, {.lock = {{0, 9}, kind, owner}, .wait = nullptr});
  if (!tried) co_return fail(tried.error().error());
  if (tried->outcome.kind != state::LockOutcome::Kind::Granted) co_return fail(Error::Busy);
  co_return Result<void>{};
}

/// One of the ways in which an operation comes about.
struct Way {
  const char* name;
  About about;
  Done (*run)(World&, gate::Actor&, gate::Gate&);
};

#define DITTO_WAY(call) [](World& w, gate::Actor&, gate::Gate& gate) -> Done { co_return without_value(co_await call); }

const vfs::SetAttributes other_size{.size = 5}, other_mode{.mode = 0700};
const vfs::CreateRequest new_file;
const BufferChain some_bytes = [] {
  BufferChain chain;
  chain.append(Buffer::copy_of(bytes_of("bytes")));
  return chain;
}();
std::size_t seen_entries = 0;
const auto restart = [] { seen_entries = 0; };
const auto visit = [](const vfs::DirectoryEntry&) { return ++seen_entries != 0; };

std::vector<Way> ways_of(Operation operation) {
  using enum About;
  switch (operation) {
    case Operation::GetAttributes:
      return {{"getattr", File, DITTO_WAY(gate.getattr(w.file))},
              {"access", File, DITTO_WAY(gate.access(w.file, vfs::Access::ReadData))}};
    case Operation::Read: return {{"read", File, DITTO_WAY(gate.read(w.file, 0, 10))}};
    case Operation::Write:
      return {{"write", File, DITTO_WAY(gate.write(w.file, 0, some_bytes, vfs::Stability::FileSync))}};
    case Operation::Commit: return {{"commit", File, DITTO_WAY(gate.commit(w.file, 0, 0))}};
    case Operation::SetSize: return {{"size", File, DITTO_WAY(gate.setattr(w.file, other_size, std::nullopt))}};
    case Operation::SetAttributes:
      return {{"mode", File, DITTO_WAY(gate.setattr(w.file, other_mode, std::nullopt))},
              {"mode of a directory", Directory, DITTO_WAY(gate.setattr(w.directory, other_mode, std::nullopt))}};
    case Operation::OpenRead:
      return {{"open", File, [](World& w, gate::Actor& actor, gate::Gate&) {
                 return open(w, actor, Operation::OpenRead, state::Share::Read);
               }}};
    case Operation::OpenWrite:
      return {{"open", File, [](World& w, gate::Actor& actor, gate::Gate&) {
                 return open(w, actor, Operation::OpenWrite, state::Share::Write);
               }}};
    case Operation::Overwrite:
      return {{"open", File, [](World& w, gate::Actor& actor, gate::Gate&) {
                 return open(w, actor, Operation::Overwrite, state::Share::Write);
               }}};
    case Operation::LockShared:
      return {{"lock", File,
               [](World& w, gate::Actor& actor, gate::Gate&) { return lock(w, actor, state::LockKind::Shared); }}};
    case Operation::LockExclusive:
      return {{"lock", File,
               [](World& w, gate::Actor& actor, gate::Gate&) { return lock(w, actor, state::LockKind::Exclusive); }}};
    case Operation::ChangeLinks:
      return {{"link", File, DITTO_WAY(gate.link(w.file, w.root(), "again"))},
              {"rename", File, DITTO_WAY(gate.rename(w.root(), "file", w.root(), "moved"))},
              {"rename to elsewhere", File, DITTO_WAY(gate.rename(w.root(), "file", w.directory, "moved"))},
              {"rename over something", File, DITTO_WAY(gate.rename(w.root(), "file", w.root(), "other"))},
              {"rename of a directory", EmptyDirectory, DITTO_WAY(gate.rename(w.root(), "empty", w.root(), "moved"))}};
    case Operation::Unlink:
      return {{"remove", File, DITTO_WAY(gate.remove(w.root(), "file", vfs::RemoveKind::NonDirectory))},
              {"replace", File, DITTO_WAY(gate.rename(w.root(), "other", w.root(), "file"))},
              {"replace from elsewhere", File, DITTO_WAY(gate.rename(w.directory, "entry", w.root(), "file"))},
              {"remove of a directory", EmptyDirectory,
               DITTO_WAY(gate.remove(w.root(), "empty", vfs::RemoveKind::Directory))}};
    case Operation::List:
      return {{"lookup", Directory, DITTO_WAY(gate.lookup(w.directory, "entry", vfs::NameMatch::Exact))},
              {"readdir", Directory, DITTO_WAY(gate.readdir(w.directory, 0, false, restart, visit))}};
    case Operation::AddEntry:
      return {{"create", Directory, DITTO_WAY(gate.create(w.directory, "new", new_file))},
              {"link", Directory, DITTO_WAY(gate.link(w.other, w.directory, "linked"))},
              {"rename to there", Directory, DITTO_WAY(gate.rename(w.root(), "other", w.directory, "in"))}};
    case Operation::RemoveEntry:
      return {{"remove", Directory, DITTO_WAY(gate.remove(w.directory, "entry", vfs::RemoveKind::Any))},
              {"rename from there", Directory, DITTO_WAY(gate.rename(w.directory, "entry", w.root(), "out"))}};
    case Operation::RenameEntry:
      return {{"rename", Directory, DITTO_WAY(gate.rename(w.directory, "entry", w.directory, "moved"))}};
  }
  return {};
}
#undef DITTO_WAY

bool changes_tree(Operation operation) {
  return state::demand_of(operation).modifies && operation != Operation::Commit && operation != Operation::Overwrite;
}

/// An operation under way.
struct Run {
  World& world;
  gate::Actor actor;
  gate::Gate gate{actor, world.share()};
  std::optional<Result<void>> result;
  Run(World& in, const Way& way, state::ClientId as) : world(in), actor(in.actor(as)) {
    World::await(way.run(world, actor, gate), result);
    world.turn();
  }
};

void check_cell(const Row& row, const Way& way, std::size_t column) {
  const Held& held = columns[column];
  const std::string cell = row.cells[column];
  const bool waits = cell.ends_with('!');
  const std::string left = waits ? cell.substr(0, cell.size() - 1) : cell;
  World world;
  const vfs::NodeId node = world.about(way.about);
  world.grant(node, held.kind, caching_of(held.letters));
  const std::string before = world.tree();

  Run run(world, way, asker_client);
  if (left == held.letters) {
    CHECK(world.recalls.empty());
  } else {
    REQUIRE(world.recalls.size() == 1);
    const state::Recall& recall = world.recalls[0];
    CHECK(recall.file == world.key(node));
    CHECK(recall.holder.client == holder_client);
    CHECK(letters_of(recall.from) == held.letters);
    CHECK(letters_of(recall.to) == left);
  }
  CHECK(run.result.has_value() != waits);
  if (waits) {
    CHECK(world.tree() == before);
    CHECK(world.held() == held.letters);
    for (const vfs::NodeId each : {world.root(), world.file, world.other, world.directory, world.empty}) {
      CHECK_FALSE(world.in_flight(each));
    }
    world.acknowledge(world.recalls[0], held.kind);
    world.turn();
    CHECK(world.recalls.size() == 1);
  } else if (left != held.letters && world.recalls[0].acknowledge) {
    world.acknowledge(world.recalls[0], held.kind);
  }
  REQUIRE(run.result);
  CHECK(run.result->has_value());
  CHECK(world.held() == left);
  CHECK((world.tree() != before) == changes_tree(row.operation));
  for (const vfs::NodeId each : {world.root(), world.file, world.other, world.directory, world.empty}) {
    CHECK_FALSE(world.in_flight(each));
  }
}

/// The holder itself is never in its own way.
void check_own(const Row& row, const Way& way, std::size_t column) {
  World world;
  world.grant(world.about(way.about), columns[column].kind, caching_of(columns[column].letters));
  const Run run(world, way, holder_client);
  REQUIRE(run.result);
  CHECK(run.result->has_value());
  CHECK(world.recalls.empty());
  CHECK(world.held() == columns[column].letters);
  (void)row;
}

struct Denial {
  const char* name;
  state::Share deny;
};
constexpr Denial denials[] = {
    {"read", state::Share::Read}, {"write", state::Share::Write}, {"delete", state::Share::Delete}};

/// Opens have their own way to meet deny modes (state/share_mode.hpp): these do what is named here.
std::string denied_by(const Row& row) {
  if (row.operation == Operation::OpenRead) return "read";
  if (row.operation == Operation::OpenWrite || row.operation == Operation::Overwrite) return "write";
  return row.deny;
}

void check_denial(const Row& row, const Way& way, const Denial& denial) {
  World world;
  gate::Actor holder = world.actor(holder_client);
  const state::Open open{world.coordinator().new_id(), holder.as.holder, {state::Share::Read, denial.deny}};
  REQUIRE(world.wait_for(gate::open_node(holder, world.share(), world.file, {.open = open})));
  const std::string before = world.tree();
  const bool refused = denied_by(row) == denial.name;
  {
    const Run run(world, way, asker_client);
    REQUIRE(run.result);
    CHECK(run.result->has_value() == !refused);
    if (!refused) return;
    CHECK(run.result->error() == Error::Busy);
    CHECK(world.tree() == before);
  }
  REQUIRE(gate::close_open(world.share(), world.file, open.id));
  const Run again(world, way, asker_client);
  CHECK(again.result->has_value());
}

/// Whether a mandatory lock of that kind forbids it. Locks have their own way to meet each other.
bool locked_out(const Row& row, state::LockKind held) {
  const bool exclusive = held == state::LockKind::Exclusive;
  if (row.operation == Operation::LockShared) return exclusive;
  if (row.operation == Operation::LockExclusive) return true;
  return std::string(row.mandatory) == "any" || (std::string(row.mandatory) == "exclusive" && exclusive);
}

void check_mandatory(const Row& row, const Way& way, state::LockKind kind) {
  World world;
  gate::Actor holder = world.actor(holder_client);
  const state::LockOwner owner{state::LockRules::Smb, holder_client, 1};
  const gate::LockTry locked{.lock = {{0, 9}, kind, owner}, .wait = nullptr};
  REQUIRE(world.wait_for(gate::lock_bytes(holder, world.share(), world.file, locked)));
  const std::string before = world.tree();
  {
    const Run run(world, way, asker_client);
    REQUIRE(run.result);
    CHECK(run.result->has_value() == !locked_out(row, kind));
    if (run.result->has_value()) return;
    CHECK(run.result->error() == Error::Busy);
    CHECK(world.tree() == before);
  }
  REQUIRE(gate::unlock_bytes(holder, world.share(), world.file, owner, {0, 9}).value());
  const Run again(world, way, asker_client);
  CHECK(again.result->has_value());
}

/// Each operation of the table in each of its ways: without one it is not tested, and that is a failure.
template <class F>
void for_each_way(F test) {
  for (const Row& row : table) {
    const std::vector<Way> ways = ways_of(row.operation);
    INFO(state::demand_of(row.operation).name);
    REQUIRE_FALSE(ways.empty());
    for (const Way& way : ways) {
      INFO("by " << way.name);
      test(row, way);
    }
  }
}

}  // namespace

TEST_CASE("the gate does what the conflict table says: grants") {
  for_each_way([](const Row& row, const Way& way) {
    for (std::size_t column = 0; column < columns.size(); ++column) {
      INFO("beside " << columns[column].name);
      check_cell(row, way, column);
    }
  });
}

TEST_CASE("the gate does what the conflict table says: nobody is in his own way") {
  for_each_way([](const Row& row, const Way& way) {
    for (std::size_t column = 0; column < columns.size(); ++column) {
      INFO("by the holder of " << columns[column].name);
      check_own(row, way, column);
    }
  });
}

TEST_CASE("the gate does what the conflict table says: deny modes") {
  for_each_way([](const Row& row, const Way& way) {
    if (way.about != About::File) return;  // only files are opened
    for (const Denial& denial : denials) {
      INFO("while somebody denies to " << denial.name);
      check_denial(row, way, denial);
    }
  });
}

TEST_CASE("the gate does what the conflict table says: mandatory locks") {
  for_each_way([](const Row& row, const Way& way) {
    if (way.about != About::File) return;
    for (const state::LockKind kind : {state::LockKind::Shared, state::LockKind::Exclusive}) {
      INFO("while somebody has it locked, " << (kind == state::LockKind::Shared ? "shared" : "exclusive"));
      check_mandatory(row, way, kind);
    }
  });
}
