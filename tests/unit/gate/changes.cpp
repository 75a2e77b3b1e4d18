// What whoever watches is told of each change of a tree, through gate::Changes, and when.
#include "gate/changes.hpp"

#include <functional>
#include <optional>

#include "base/task.hpp"
#include "changes_world.hpp"
#include "gate/gate.hpp"
#include "support/manual_loop.hpp"

using namespace ditto;
using namespace ditto::test::changes;

namespace {

constexpr Happened all = state::happened::everything, none = Happened::None;

/// A tree with something in it, and what is made of it.
struct Furnished : World {
  NodeId d = directory(root(), "d"), e = directory(d, "e"), a = file(root(), "a"), b = file(e, "b"), c = file(d, "c");
};

}  // namespace

TEST_CASE("each change is told, by a whole tree's names, and nothing else is") {
  struct Row {
    const char* what;
    std::function<bool(Furnished&)> change;
    Told told;
  };
  const auto as = [](vfs::FileType type) { return vfs::CreateRequest{.type = type, .symlink_target = "x"}; };
  const std::size_t large = 20'000;  // beyond what is kept inline
  const Row rows[] = {
      {"a file", [](auto& w) { return w.create(w.d, "n").has_value(); }, {"+d/n"}},
      {"a file of some size",
       [](auto& w) { return w.create(w.d, "n", {.attributes = {.size = 5}}).has_value(); },
       {"+d/n"}},
      {"a directory",
       [&](auto& w) { return w.create(w.e, "n", as(vfs::FileType::Directory)).has_value(); },
       {"+d/e/n/"}},
      {"a symlink", [&](auto& w) { return w.create(w.root(), "n", as(vfs::FileType::Symlink)).has_value(); }, {"+n"}},
      {"a name that is there",
       [](auto& w) { return w.create(w.root(), "a", {.mode = vfs::CreateMode::Unchecked}) == w.a; },
       {}},
      {"a name that is there already", [](auto& w) { return !w.create(w.root(), "a"); }, {}},
      {"a second name", [](auto& w) { return w.link(w.a, w.e, "n"); }, {"+d/e/n"}},
      {"a removed file", [](auto& w) { return w.remove(w.e, "b"); }, {"-d/e/b"}},
      {"a removed directory", [](auto& w) { return w.remove(w.e, "b") && w.remove(w.d, "e"); }, {"-d/e/b", "-d/e/"}},
      {"a directory that is not empty", [](auto& w) { return !w.remove(w.d, "e"); }, {}},
      {"no such name", [](auto& w) { return !w.remove(w.d, "n"); }, {}},
      {"another name", [](auto& w) { return w.rename(w.root(), "a", w.root(), "n"); }, {"<a", ">n"}},
      {"the other case", [](auto& w) { return w.rename(w.root(), "a", w.root(), "A"); }, {"<a", ">A"}},
      {"another place", [](auto& w) { return w.rename(w.e, "b", w.root(), "n"); }, {"<d/e/b", ">n"}},
      {"a directory's other place", [](auto& w) { return w.rename(w.d, "e", w.root(), "n"); }, {"<d/e/", ">n/"}},
      {"a replaced file", [](auto& w) { return w.rename(w.root(), "a", w.e, "b"); }, {"-d/e/b", "<a", ">d/e/b"}},
      {"a name onto itself", [](auto& w) { return w.rename(w.root(), "a", w.root(), "a"); }, {}},
      {"nothing renamed", [](auto& w) { return !w.rename(w.root(), "n", w.root(), "m"); }, {}},
      {"a file's mode", [](auto& w) { return w.set(w.b, {.mode = 0600}); }, {"m d/e/b"}},
      {"a directory's mode", [](auto& w) { return w.set(w.e, {.mode = 0700}); }, {"m d/e"}},
      {"a size", [](auto& w) { return w.set(w.b, {.size = 9}); }, {"s d/e/b"}},
      {"the same size", [](auto& w) { return w.set(w.b, {.size = 0}); }, {"m d/e/b"}},
      {"size and mode", [](auto& w) { return w.set(w.b, {.mode = 0600, .size = 9}); }, {"s d/e/b", "m d/e/b"}},
      {"no attribute", [](auto& w) { return w.set(w.b, {}); }, {}},
      {"bytes", [](auto& w) { return w.write(w.c, 0, 5); }, {"w d/c", "s d/c"}},
      {"many bytes", [](auto& w) { return w.write(w.c, 0, large); }, {"w d/c", "s d/c"}},
      {"unstable ones", [](auto& w) { return w.write(w.c, 0, large, vfs::Stability::Unstable); }, {"w d/c", "s d/c"}},
      {"no bytes", [](auto& w) { return w.write(w.c, 0, 0); }, {}},
      {"an xattr", [](auto& w) { return w.set_xattr(w.b); }, {"x d/e/b"}},
      {"no xattr", [](auto& w) { return !w.remove_xattr(w.b); }, {}},
      {"background work", [](auto& w) { return w.fs->maintain(w.clock.now()), true; }, {}},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Furnished w;
    const auto watch = w.watch(w.root());
    CHECK(row.change(w));
    CHECK(w.woken->times == (row.told.empty() ? 0 : 1));
    CHECK(w.told(watch) == row.told);
    CHECK(w.told(watch).empty());
  }
}

TEST_CASE("what is written within a file does not resize it, and what repeats is told once") {
  Furnished w;
  REQUIRE(w.write(w.c, 0, 100));
  const auto watch = w.watch(w.root());
  for (int i = 0; i < 10; ++i) CHECK(w.write(w.c, 0, 50));
  CHECK(w.told(watch) == Told{"w d/c"});
  for (std::size_t i = 2; i < 10; ++i) CHECK(w.write(w.c, 0, i * 100));
  CHECK(w.told(watch) == Told{"w d/c", "s d/c"});
  CHECK(w.set_xattr(w.c));
  CHECK(w.remove_xattr(w.c));
  CHECK(w.told(watch) == Told{"x d/c"});
}

TEST_CASE("of streams the tree is told that their file is another one, and the rest is told where they are") {
  Furnished w;
  const NodeId streams = w.streams(w.b);
  const auto tree = w.watch(w.root()), own = w.watch(streams);
  CHECK(w.told(tree).empty());
  const NodeId s = w.file(streams, "s");
  CHECK(w.told(tree) == Told{"m d/e/b"});
  CHECK(w.told(own) == Told{"+s"});
  CHECK(w.write(s, 0, 5));
  CHECK(w.told(tree).empty());
  CHECK(w.told(own) == Told{"w s", "s s"});
  CHECK(w.rename(streams, "s", streams, "t"));
  CHECK(w.told(tree) == Told{"m d/e/b"});
  CHECK(w.told(own) == Told{"<s", ">t"});
  CHECK(w.remove(streams, "t"));
  CHECK(w.told(tree) == Told{"m d/e/b"});
  CHECK(w.told(own) == Told{"-t"});
}

TEST_CASE("a directory is told of its entries, a file of itself") {
  Furnished w;
  const auto flat = w.watch(w.d, false), below = w.watch(w.e), itself = w.watch(w.c, false, none, all),
             directory = w.watch(w.d, false, none, all);
  CHECK(w.write(w.b, 0, 1));
  CHECK(w.write(w.c, 0, 1));
  CHECK(w.set(w.d, {.mode = 0711}));
  CHECK(w.set(w.root(), {.mode = 0711}));
  CHECK(w.told(flat) == Told{"w c", "s c"});
  CHECK(w.told(below) == Told{"w b", "s b"});
  CHECK(w.told(itself) == Told{"w ", "s "});
  CHECK(w.told(directory) == Told{"m "});
  CHECK(w.rename(w.root(), "d", w.root(), "f"));
  CHECK(w.remove(w.d, "c"));
  CHECK(w.told(flat) == Told{"-c"});
  CHECK(w.told(itself) == Told{"-"});
  CHECK(w.told(directory) == Told{"</", ">/"});
}

TEST_CASE("names are those of the moment of the change") {
  Furnished w;
  const auto watch = w.watch(w.root());
  CHECK(w.write(w.b, 0, 1));
  CHECK(w.rename(w.d, "e", w.root(), "f"));
  CHECK(w.write(w.b, 0, 1));
  CHECK(w.rename(w.e, "b", w.e, "g"));
  CHECK(w.set_xattr(w.b));
  CHECK(w.told(watch) == Told{"w d/e/b", "s d/e/b", "<d/e/", ">f/", "w f/b", "<f/b", ">f/g", "x f/g"});
}

TEST_CASE("a file that is known by its handle alone is told of itself, until somebody has found its name") {
  Furnished w;
  REQUIRE(w.link(w.b, w.d, "second"));
  w.reopen();
  const auto tree = w.watch(w.root()), itself = w.watch(w.b, false, none, all);
  CHECK(w.write(w.b, 0, 1));
  CHECK(w.set(w.e, {.mode = 0700}));  // a directory knows where it is
  CHECK(w.told(tree) == Told{"m d/e"});
  CHECK(w.told(itself) == Told{"w ", "s "});
  CHECK(w.look(w.d, "second") == w.b);
  CHECK(w.write(w.b, 0, 1));
  CHECK(w.look(w.e, "b") == w.b);
  CHECK(w.write(w.b, 0, 1));
  CHECK(w.told(tree) == Told{"w d/second", "w d/e/b"});
  CHECK(w.create(w.d, "second", {.mode = vfs::CreateMode::Unchecked}) == w.b);
  CHECK(w.set_xattr(w.b));
  CHECK(w.remove(w.d, "second"));
  const NodeId other = w.file(w.d, "second");
  CHECK(w.set_xattr(w.b));  // the name that was found last is another file's now
  CHECK(w.set_xattr(other));
  CHECK(w.told(tree) == Told{"x d/second", "-d/second", "+d/second", "x d/second"});
}

TEST_CASE("nothing is told before it is durable, and all of it before whoever waits for that") {
  Furnished w;
  w.kv.holding = true;
  const auto watch = w.watch(w.root());
  w.file(w.d, "one");
  const Lsn first = w.kv.last();
  w.file(w.d, "two");
  CHECK_FALSE(w.create(w.d, "one"));
  CHECK(w.rename(w.d, "two", w.d, "two"));
  CHECK(w.told(watch).empty());
  struct Wait : DurableWait {
    Woken* woken;
    int woken_before = -1;
  } wait;
  wait.lsn = first;
  wait.woken = w.woken.get();
  wait.done = [](DurableWait* self, Result<void>) {
    auto* mine = static_cast<Wait*>(self);
    mine->woken_before = mine->woken->times;
  };
  w.fs->when_durable(wait);
  CHECK(w.woken->times == 0);
  w.kv.sync_to(first);
  CHECK(wait.woken_before == 1);
  CHECK(w.told(watch) == Told{"+d/one"});
  w.kv.sync();
  CHECK(w.told(watch) == Told{"+d/two"});
}

TEST_CASE("what is taken back is never told") {
  Furnished w;
  w.kv.holding = true;
  const auto watch = w.watch(w.root());
  w.file(w.d, "kept");
  w.kv.sync();
  w.file(w.d, "lost");
  CHECK(w.rename(w.root(), "a", w.root(), "n"));
  w.kv.take_back(Error::NoSpace);
  CHECK(w.rename(w.root(), "a", w.root(), "m"));
  w.kv.sync();
  CHECK(w.told(watch) == Told{"+d/kept", "<a", ">m"});
}

TEST_CASE("a full ring says that something is missing, and goes on behind it") {
  Furnished w;
  const auto small = w.watch({.node = gate::file_key(*w.fs, w.d), .to_entries = all, .max_bytes = 200});
  const auto large = w.watch(w.d);
  for (const char* name : {"1", "2", "3", "4"}) w.file(w.d, name);
  CHECK(w.told(small) == Told{"!"});
  CHECK(w.told(large) == Told{"+1", "+2", "+3", "+4"});
  w.file(w.d, "5");
  CHECK(w.told(small) == Told{"+5"});
}

TEST_CASE("a change is announced only while somebody watches, and no more of it than is wanted") {
  using Wants = vfs::ChangeObserver::Wants;
  Furnished w;
  CHECK(w.changes().wants() == Wants::Nothing);
  const auto flat = w.watch(w.e, false);
  CHECK(w.changes().wants() == Wants::Entries);
  const auto tree = w.watch(w.root());
  CHECK(w.changes().wants() == Wants::Paths);
  w.changes().unwatch(tree);
  CHECK(w.changes().wants() == Wants::Entries);
  w.file(w.e, "n");
  CHECK(w.told(tree).empty());
  CHECK(w.told(flat) == Told{"+n"});
  CHECK(w.woken->times == 1);
  w.changes().unwatch(flat);
  w.changes().unwatch(flat);
  CHECK(w.changes().wants() == Wants::Nothing);
  w.file(w.e, "m");
  CHECK(w.woken->times == 1);
  CHECK(w.woken.use_count() == 1);
  const auto again = w.watch(w.e);
  CHECK(w.told(again).empty());
  w.file(w.e, "o");
  CHECK(w.told(again) == Told{"+o"});
}

TEST_CASE("whoever watches a tree deeper than paths are told is told to look") {
  World w;
  NodeId at = w.root();
  for (int i = 0; i < 520; ++i) at = w.directory(at, "d");
  const auto near = w.watch(at, false), tree = w.watch(w.root());
  w.file(at, "n");
  CHECK(w.told(tree) == Told{"!"});
  CHECK(w.told(near) == Told{"!"});  // which of them missed it is not known
  w.changes().unwatch(tree);
  w.file(at, "m");
  CHECK(w.told(near) == Told{"+m"});
}

TEST_CASE("who made a change is told with it, and whoever does not care for its own hears of others'") {
  World w;
  gate::Shares shares;
  const auto export_as = [&](std::uint64_t id, const char* name) {
    REQUIRE(shares.add(
        std::make_shared<gate::Share>(id, name, w.fs, w.root(), gate::ShareRules{.squash = gate::Squash::None})));
    return shares.find(id);
  };
  const gate::Share* share = export_as(1, "one");
  const gate::Share* second = export_as(2, "two");
  CHECK(share->changes() == &w.changes());
  CHECK(second->changes() == share->changes());
  const auto everything = w.watch(w.root());
  const auto others = w.watch({.node = gate::file_key(*w.fs, w.root()), .to_entries = all, .not_by = 7});
  test::ManualLoop loop, pool;
  CommitTokens tokens;
  const auto make = [&](const gate::Share& by, state::Holder holder, std::string_view name) {
    gate::Actor actor{.who = vfs::Credential::root(),
                      .home = loop,
                      .pool = pool,
                      .clock = w.clock,
                      .rests_on = tokens,
                      .as = {.holder = holder, .open = 0, .locks = {}}};
    gate::Gate gate(actor, by);
    const vfs::CreateRequest request;
    bool made = false;
    [&]() -> Detached { made = (co_await gate.create(w.root(), name, request)).has_value(); }();
    while (loop.run() + pool.run() != 0) {
    }
    CHECK(made);
  };
  make(*share, {.client = 7, .key = {1, 2}}, "mine");
  make(*second, {.client = 8, .key = {}}, "theirs");
  make(*share, {}, "nobody's");
  CHECK(w.told(others) == Told{"+theirs", "+nobody's"});
  const auto taken = w.changes().take(everything, SIZE_MAX);
  REQUIRE(taken.notices.size() == 3);
  CHECK(taken.notices[0].by == state::Holder{.client = 7, .key = {1, 2}});
  CHECK(taken.notices[1].by == state::Holder{.client = 8, .key = {}});
  CHECK(taken.notices[2].by == state::Holder{});
}
