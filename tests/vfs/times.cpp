#include "tree.hpp"

namespace ditto::test {

using vfs::SetTime;

namespace {

// Which times an operation moved: a access, m modify, c change.
std::string moved(const Attributes& before, const Attributes& after) {
  std::string all;
  if (after.access_time != before.access_time) all += 'a';
  if (after.modify_time != before.modify_time) all += 'm';
  if (after.change_time != before.change_time) all += 'c';
  if ((after.change != before.change) != (after.change_time != before.change_time)) all += '!';
  if (after.birth_time != before.birth_time) all += 'b';
  return all;
}

}  // namespace

TEST_CASE("which times each operation moves, on the node and on the directory") {
  Tree tree(ANY_ENGINE, {.access_times = false});
  const NodeId d = tree.directory_id(tree.root(), "d"), e = tree.directory_id(tree.root(), "e");
  const NodeId f = tree.file_id(d, "f");
  must(tree.write(f, 0, "x"));
  const auto of = [&](auto operation) {
    const Attributes node = tree.attributes(f), here = tree.attributes(d), there = tree.attributes(e);
    tree.clock.advance_seconds(1);
    operation();
    return moved(node, tree.attributes(f)) + "," + moved(here, tree.attributes(d)) + "," +
           moved(there, tree.attributes(e));
  };
  CHECK(of([&] { must(tree.setattr(f, {.mode = 0600})); }) == "c,,");
  CHECK(of([&] { must(tree.write(f, 0, "y")); }) == "mc,,");
  CHECK(of([&] { must(tree.truncate(f, 5)); }) == "mc,,");
  CHECK(of([&] { must(tree.read(f, 0, 5)); }) == ",,");
  CHECK(of([&] { must(tree.lookup(d, "f")); }) == ",,");
  CHECK(of([&] { must(tree.list(d)); }) == ",,");
  CHECK(of([&] { must(tree.link(f, e, "g")); }) == "c,,mc");
  CHECK(of([&] { must(tree.rename(d, "f", e, "h")); }) == "c,mc,mc");
  CHECK(of([&] { must(tree.rename(e, "h", e, "i")); }) == "c,,mc");
  CHECK(of([&] { must(tree.remove(e, "g")); }) == "c,,mc");
  CHECK(of([&] { must(tree.make_file(d, "n")); }) == ",mc,");
  CHECK(of([&] { must(tree.commit(f)); }) == ",,");
}

TEST_CASE("the access time follows relatime: when it is not behind a change, or is a day old") {
  Tree tree(ANY_ENGINE);
  const std::string text(GENERATE(10, 10'000), 'x');
  const NodeId f = tree.file_id(tree.root(), "f");
  tree.clock.advance_seconds(1);
  must(tree.write(f, 0, text));
  tree.clock.advance_seconds(1);
  const Timestamp first = tree.clock.now();
  CHECK(must(tree.read(f, 0, 5)).attributes.access_time == first);
  tree.clock.advance_seconds(1);
  CHECK(must(tree.read(f, 0, 5)).attributes.access_time == first);
  tree.clock.advance_seconds(24 * 60 * 60);
  CHECK(must(tree.read(f, 0, 5)).attributes.access_time == tree.clock.now());
  must(tree.setattr(f, {.mode = 0600}));
  tree.clock.advance_seconds(1);
  CHECK(must(tree.read(f, 0, 5)).attributes.access_time == tree.clock.now());
}

TEST_CASE("listing a directory and reading a symlink are accesses, and do not change the change time") {
  Tree tree(ANY_ENGINE);
  const NodeId d = tree.directory_id(tree.root(), "d");
  const NodeId l = must(tree.make_symlink(d, "l", "t")).node.id;
  const Attributes before_d = tree.attributes(d), before_l = tree.attributes(l);
  tree.clock.advance_seconds(1);
  must(tree.list(d));
  must(tree.readlink(l));
  CHECK(moved(before_d, tree.attributes(d)) == "a");
  CHECK(moved(before_l, tree.attributes(l)) == "a");
}

TEST_CASE("access times reach the store lazily, and never by themselves at once") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, "x"));
  const Lsn written = tree.token;
  tree.clock.advance_seconds(1);
  must(tree.read(f, 0, 1));
  CHECK(tree.token <= written);
  const Timestamp accessed = tree.clock.now();
  tree.maintain();
  tree.reopen();
  CHECK(tree.attributes(f).access_time == accessed);
}

TEST_CASE("the change counter grows with every change and never repeats, whatever a restart forgets") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  std::uint64_t last = tree.attributes(f).change;
  CHECK(last == tree.fs->incarnation() << 40);
  for (int i = 0; i < 5; ++i) {
    CHECK(must(tree.setattr(f, {.mode = 0600})).after.change == ++last);
  }
  const std::uint64_t before = tree.fs->incarnation();
  tree.reopen();
  CHECK(tree.fs->incarnation() == before + 1);
  CHECK(tree.attributes(f).change == last);
  const std::uint64_t first = must(tree.setattr(f, {.mode = 0600})).after.change;
  CHECK(first == tree.fs->incarnation() << 40);
  CHECK(first > last);
  CHECK(must(tree.setattr(f, {.mode = 0600})).after.change == first + 1);
}

TEST_CASE("times before 1970 and far ahead are kept") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  const Timestamp early{-62'135'596'800, 1}, late{253'402'300'799, 999'999'999};
  must(tree.setattr(f, {.access_time = SetTime{.value = early}, .modify_time = SetTime{.value = late}}));
  tree.reopen();
  CHECK(tree.attributes(f).access_time == early);
  CHECK(tree.attributes(f).modify_time == late);
}

}  // namespace ditto::test
