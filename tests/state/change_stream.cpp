#include "state/changes/change_stream.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <initializer_list>

using namespace ditto;
using namespace ditto::state;

namespace {

constexpr FileKey root{1, 1}, directory{1, 2}, deep{1, 3}, file{1, 10}, other{1, 11};
constexpr std::size_t plenty = 1 << 20;

struct Fixture {
  ChangeStream stream;
  std::vector<WatchId> ready;
  Lsn last = 0;

  void watch(WatchId id, const FileKey& node, bool recursive = false, Happened to_entries = happened::everything,
             Happened to_itself = Happened::None, std::size_t max_bytes = 4096) {
    stream.watch(id, {.node = node,
                      .recursive = recursive,
                      .to_itself = to_itself,
                      .to_entries = to_entries,
                      .max_bytes = max_bytes});
  }
  Lsn commit(std::initializer_list<TreeChange> changes) {
    stream.committed(++last, {changes.begin(), changes.size()});
    return last;
  }
  void durable(Lsn lsn) { stream.durable(lsn, ready); }
  void commit_durably(const TreeChange& change) { durable(commit({change})); }
  /// The names that a watch is told, "!" in front when something is missing.
  std::vector<std::string> told(WatchId id) {
    const ChangeStream::Taken taken = stream.take(id, plenty);
    std::vector<std::string> names;
    if (taken.overflow) names.emplace_back("!");
    for (const Notice& notice : taken.notices) names.push_back(notice.name);
    return names;
  }
};
using Names = std::vector<std::string>;

TreeChange in_directory(Happened what, const char* name, const FileKey& node = file) {
  return {.what = what, .node = node, .path = {{directory, name}, {root, "directory"}}};
}
TreeChange in_deep(Happened what, const char* name) {
  return {.what = what, .node = file, .path = {{deep, name}, {directory, "deep"}, {root, "directory"}}};
}

}  // namespace

TEST_CASE("nothing is kept while nobody watches") {
  Fixture f;
  f.commit_durably(in_directory(Happened::FileCreated, "a"));
  CHECK(f.stream.pending() == 0);
  CHECK_FALSE(f.stream.watched());
  CHECK_FALSE(f.stream.wants_paths());
}

TEST_CASE("who is told what, by which name") {
  struct Row {
    const char* what;
    FileKey watched;
    bool recursive;
    Happened to_entries, to_itself;
    TreeChange change;
    Names told;
  };
  constexpr Happened all = happened::everything, none = Happened::None;
  const TreeChange made = in_directory(Happened::FileCreated, "a"), below = in_deep(Happened::Written, "b"),
                   moved = in_directory(Happened::DirectoryRenamedTo, "d"),
                   nameless{.what = Happened::Written, .node = file, .path = {}};
  const Row rows[] = {
      {"an entry of the directory", directory, false, all, none, made, {"a"}},
      {"not what is below it", root, false, all, none, made, {}},
      {"unless it is recursive", root, true, all, none, made, {"directory/a"}},
      {"at any depth", root, true, all, none, below, {"directory/deep/b"}},
      {"from wherever it looks", directory, true, all, none, below, {"deep/b"}},
      {"and near", deep, true, all, none, below, {"b"}},
      {"not elsewhere", other, true, all, all, below, {}},
      {"by kind: files", directory, false, happened::file_names, none, moved, {}},
      {"by kind: directories", directory, false, happened::directory_names, none, moved, {"d"}},
      {"by kind: names", directory, false, happened::names, none, in_directory(Happened::Written, "a"), {}},
      {"by kind: contents", directory, false, Happened::Written, none, in_directory(Happened::Written, "a"), {"a"}},
      {"a file itself", file, false, none, Happened::Written, nameless, {""}},
      {"a file itself, by its kinds", file, false, none, Happened::Resized, nameless, {}},
      {"a directory itself",
       directory,
       false,
       none,
       Happened::Attributes,
       {.what = Happened::Attributes, .node = directory, .path = {{root, "directory"}}},
       {""}},
      {"a directory, not itself",
       directory,
       true,
       all,
       none,
       {.what = Happened::Attributes, .node = directory, .path = {{root, "directory"}}},
       {}},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Fixture f;
    f.watch(1, row.watched, row.recursive, row.to_entries, row.to_itself);
    f.commit_durably(row.change);
    CHECK(f.ready == (row.told.empty() ? std::vector<WatchId>{} : std::vector<WatchId>{1}));
    CHECK(f.told(1) == row.told);
    CHECK(f.stream.pending() == 0);
  }
}

TEST_CASE(
    "changes are told in the order of their Lsns, once they are durable, and whoever has some already is not woken") {
  Fixture f;
  f.watch(1, directory);
  const Lsn first = f.commit({in_directory(Happened::FileCreated, "a")});
  const Lsn second =
      f.commit({in_directory(Happened::FileRenamedFrom, "a"), in_directory(Happened::FileRenamedTo, "b")});
  const Lsn third = f.commit({in_directory(Happened::FileRemoved, "b")});
  CHECK(f.told(1).empty());
  f.durable(first);
  CHECK(f.ready == std::vector<WatchId>{1});
  f.durable(second);
  CHECK(f.ready == std::vector<WatchId>{1});
  CHECK(f.stream.pending() == 1);
  const ChangeStream::Taken taken = f.stream.take(1, plenty);
  REQUIRE(taken.notices.size() == 3);
  CHECK(taken.notices[0].lsn == first);
  CHECK(taken.notices[1].lsn == second);
  CHECK(taken.notices[1].what == Happened::FileRenamedFrom);
  CHECK(taken.notices[2].what == Happened::FileRenamedTo);
  f.durable(third);
  CHECK(f.ready == std::vector<WatchId>{1, 1});
  CHECK(f.told(1) == Names{"b"});
}

TEST_CASE("what is taken back was never told") {
  Fixture f;
  f.watch(1, directory);
  const Lsn kept = f.commit({in_directory(Happened::FileCreated, "kept")});
  f.commit({in_directory(Happened::FileCreated, "lost")});
  f.stream.taken_back(kept);
  const Lsn later = f.commit({in_directory(Happened::FileCreated, "later")});
  f.durable(later);
  CHECK(f.told(1) == Names{"kept", "later"});
}

TEST_CASE("a watch sees what is committed after it came, whenever that is durable") {
  Fixture f;
  f.watch(1, directory);
  f.commit({in_directory(Happened::FileCreated, "before")});
  f.watch(2, directory);
  f.durable(f.commit({in_directory(Happened::FileCreated, "after")}));
  CHECK(f.told(1) == Names{"before", "after"});
  CHECK(f.told(2) == Names{"after"});
}

TEST_CASE("a full ring gives way to a mark, and fills again once that is taken") {
  Fixture f;
  f.watch(1, directory, false, happened::everything, Happened::None, 2 * (ChangeStream::notice_bytes + 1));
  f.watch(2, directory);
  for (const char* name : {"a", "b", "c", "d"}) f.commit_durably(in_directory(Happened::FileCreated, name));
  CHECK(f.told(1) == Names{"!"});
  CHECK(f.told(1).empty());
  CHECK(f.told(2) == Names{"a", "b", "c", "d"});
  f.ready.clear();
  f.commit_durably(in_directory(Happened::FileCreated, "e"));
  std::ranges::sort(f.ready);
  CHECK(f.ready == std::vector<WatchId>{1, 2});
  CHECK(f.told(1) == Names{"e"});
}

TEST_CASE("as much is taken as there is room for, and at least one") {
  Fixture f;
  f.watch(1, directory);
  for (const char* name : {"a", "b", "c"}) f.commit_durably(in_directory(Happened::FileCreated, name));
  CHECK(f.stream.take(1, 1).notices.size() == 1);
  CHECK(f.stream.take(1, 2 * (ChangeStream::notice_bytes + 1)).notices.size() == 2);
  CHECK(f.stream.take(1, plenty).notices.empty());
}

TEST_CASE("changes that wait for the disk are bounded: whoever watches is told to look, no sooner than all is there") {
  Fixture f;
  f.watch(1, directory);
  for (std::size_t i = 0; i < ChangeStream::max_pending; ++i) f.commit({in_directory(Happened::FileCreated, "a")});
  const Lsn full = f.last;
  const Lsn lost = f.commit({in_directory(Happened::FileCreated, "b")});
  const Lsn lost_too = f.commit({in_directory(Happened::FileCreated, "c")});
  CHECK(f.stream.pending() == ChangeStream::max_pending + 1);
  f.durable(full);
  CHECK(f.told(1) == Names{"!"});  // its ring is smaller
  f.durable(lost);
  CHECK(f.told(1) == Names{"!"});
  CHECK(f.stream.pending() == 1);
  f.durable(lost_too);
  CHECK(f.told(1) == Names{"!"});
  CHECK(f.stream.pending() == 0);
  f.commit_durably(in_directory(Happened::FileCreated, "d"));
  CHECK(f.told(1) == Names{"d"});
}

TEST_CASE("what is not visible yet is held back, and all that came behind it") {
  Fixture f;
  f.watch(1, directory);
  const Lsn slow = f.commit({in_directory(Happened::FileCreated, "slow")});
  f.stream.hold_back(slow);
  const Lsn fast = f.commit({in_directory(Happened::FileCreated, "fast")});
  f.stream.hold_back(fast);
  f.stream.visible(fast, f.ready);
  f.durable(fast);
  CHECK(f.told(1).empty());
  f.watch(2, directory);
  f.stream.visible(slow, f.ready);
  std::ranges::sort(f.ready);
  CHECK(f.ready == std::vector<WatchId>{1, 2});
  CHECK(f.told(1) == Names{"slow", "fast"});
  CHECK(f.told(2) == Names{"slow", "fast"});  // it has not seen them, wherever it looked
  f.watch(3, directory);
  f.commit_durably(in_directory(Happened::FileCreated, "later"));
  CHECK(f.told(3) == Names{"later"});
}

TEST_CASE("what is held back is there for one who comes when the last has gone") {
  Fixture f;
  f.watch(1, directory);
  const Lsn slow = f.commit({in_directory(Happened::FileCreated, "slow")});
  f.stream.hold_back(slow);
  f.stream.unwatch(1);
  f.watch(2, directory);
  f.stream.visible(slow, f.ready);
  f.durable(slow);
  CHECK(f.told(2) == Names{"slow"});
  const Lsn unwatched = f.commit({in_directory(Happened::FileCreated, "a")});
  f.stream.hold_back(unwatched);
  f.stream.unwatch(2);
  f.stream.visible(unwatched, f.ready);
  CHECK(f.stream.pending() == 0);
}

TEST_CASE("what was not told is marked for all, before what comes then") {
  Fixture f;
  f.watch(1, directory);
  f.watch(2, other);
  f.commit_durably(in_directory(Happened::FileCreated, "a"));
  f.stream.missed(f.ready);
  f.commit_durably(in_directory(Happened::FileCreated, "b"));
  CHECK(f.ready == std::vector<WatchId>{1, 2});
  CHECK(f.told(1) == Names{"!"});
  CHECK(f.told(2) == Names{"!"});
}

TEST_CASE("a watch leaves out what its own client does") {
  Fixture f;
  f.stream.watch(1, {.node = directory, .to_entries = happened::everything, .not_by = 7});
  f.stream.watch(2, {.node = directory, .to_entries = happened::everything});
  const auto by = [](ClientId client, const char* name) {
    TreeChange change = in_directory(Happened::FileCreated, name);
    change.by.client = client;
    return change;
  };
  f.durable(f.commit({by(7, "own"), by(8, "another's"), by(nobody, "nobody's")}));
  CHECK(f.told(1) == Names{"another's", "nobody's"});
  CHECK(f.told(2) == Names{"own", "another's", "nobody's"});
}

TEST_CASE("what repeats is told once, as long as nobody has taken it") {
  Fixture f;
  f.watch(1, directory);
  for (int i = 0; i < 3; ++i) {
    f.commit_durably(in_directory(Happened::Written, "a"));
    f.commit_durably(in_directory(Happened::Resized, "a"));
  }
  CHECK(f.told(1) == Names{"a", "a"});
  f.commit_durably(in_directory(Happened::Written, "a"));
  f.commit_durably(in_directory(Happened::Written, "b"));
  f.commit_durably(in_directory(Happened::Written, "b", other));  // another file by that name
  f.commit_durably(in_directory(Happened::Written, "a"));
  f.commit_durably(in_directory(Happened::FileCreated, "c"));
  f.commit_durably(in_directory(Happened::FileCreated, "c"));
  CHECK(f.told(1) == Names{"a", "b", "b", "a", "c", "c"});
}

TEST_CASE("changes that wait for the disk are bounded by what they take, too") {
  Fixture f;
  f.watch(1, root, true);
  TreeChange change = in_directory(Happened::FileCreated, "a");
  change.path[0].name = std::string(1 << 20, 'n');
  std::size_t most = 0;
  for (int i = 0; i < 100; ++i) {
    f.commit({change});
    most = std::max(most, f.stream.pending());
  }
  CHECK(most < 40);
  f.stream.taken_back(0);
  CHECK(f.stream.pending() == 0);
  f.commit_durably(in_directory(Happened::FileCreated, "a"));
  CHECK(f.told(1) == Names{"directory/a"});
  for (int i = 0; i < 100; ++i) f.durable(f.commit({change}));
  CHECK(f.stream.pending() == 0);
}

TEST_CASE("with the last watch all goes") {
  Fixture f;
  f.watch(1, directory, true);
  f.watch(2, directory);
  CHECK(f.stream.wants_paths());
  f.commit({in_directory(Happened::FileCreated, "a")});
  f.stream.unwatch(1);
  CHECK_FALSE(f.stream.wants_paths());
  CHECK(f.told(1).empty());
  f.stream.unwatch(2);
  CHECK(f.stream.pending() == 0);
  CHECK_FALSE(f.stream.watched());
  f.stream.unwatch(2);
}
