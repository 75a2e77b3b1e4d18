#include "tree.hpp"

namespace ditto::test {

using vfs::DittoFs;
using vfs::Stability;

namespace {

// A file's life beside a plain string that should equal it.
struct Pair {
  Tree& tree;
  NodeId id;
  std::string model;

  void write(std::uint64_t offset, std::string_view text, Stability stability) {
    must(tree.write(id, offset, text, stability));
    if (model.size() < offset + text.size()) model.resize(offset + text.size());
    model.replace(offset, text.size(), text);
  }
  void truncate(std::uint64_t size) {
    must(tree.truncate(id, size));
    model.resize(size);
  }
  void verify() {
    REQUIRE(tree.attributes(id).size == model.size());
    REQUIRE(tree.contents(id) == model);
  }
};

std::string pattern(std::size_t size, unsigned seed) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + seed) % 26);
  return text;
}

}  // namespace

TEST_CASE("a file grows over the border between inline and object, whatever the stability") {
  Tree tree(ANY_ENGINE);
  const auto stability = GENERATE(Stability::Unstable, Stability::DataSync, Stability::FileSync);
  Pair f{tree, tree.file_id(tree.root(), "f"), {}};
  for (const std::size_t size : {1u, 100u, 3000u, 995u, 1u, 5000u, 100'000u}) {
    f.write(f.model.size(), pattern(size, 1), stability);
    f.verify();
  }
  must(tree.commit(f.id));
  tree.reopen();
  f.verify();
  tree.check_clean();
}

TEST_CASE("writes at every side of the border") {
  Tree tree(ANY_ENGINE);
  const std::uint64_t border = Tree::inline_limit;
  int n = 0;
  for (const std::uint64_t first : {std::uint64_t{0}, std::uint64_t{1}, border - 1, border, border + 1, 2 * border}) {
    for (const std::uint64_t offset : {std::uint64_t{0}, border - 1, border, border + 1, 3 * border}) {
      Pair f{tree, tree.file_id(tree.root(), "f" + std::to_string(n++)), {}};
      if (first != 0) f.write(0, pattern(first, 1), Stability::Unstable);
      f.write(offset, pattern(10, 2), Stability::Unstable);
      f.verify();
      must(tree.commit(f.id));
      f.verify();
    }
  }
  tree.reopen();
  tree.check_clean();
}

TEST_CASE("a gap that a write leaves reads as zeros") {
  Tree tree(ANY_ENGINE);
  Pair f{tree, tree.file_id(tree.root(), "f"), {}};
  f.write(100, "x", Stability::FileSync);
  f.verify();
  f.write(1'000'000, "y", Stability::FileSync);
  f.verify();
}

TEST_CASE("what was cut off never comes back") {
  Tree tree(ANY_ENGINE);
  const std::size_t size = GENERATE(1000, 100'000);
  for (const std::uint64_t cut : {0u, 1u, 500u}) {
    Pair f{tree, tree.file_id(tree.root(), std::to_string(cut)), {}};
    f.write(0, pattern(size, 3), Stability::FileSync);
    f.truncate(cut);
    f.verify();
    f.truncate(size);
    f.verify();
    f.truncate(cut);
    f.write(size / 2, "end", Stability::Unstable);
    f.verify();
    tree.reopen();
    f.verify();
  }
  tree.maintain();
  tree.check_clean();
}

TEST_CASE("truncating to nothing gives the space back, and small contents are inline again") {
  Tree tree(ANY_ENGINE);
  Pair f{tree, tree.file_id(tree.root(), "f"), {}};
  f.write(0, pattern(200'000, 1), Stability::FileSync);
  CHECK(tree.attributes(f.id).space_used >= 200'000);
  f.truncate(0);
  CHECK(tree.attributes(f.id).space_used == 0);
  tree.maintain();
  std::size_t objects = 0;
  must(tree.stores->data().for_each([&](store::ObjectId, std::uint64_t) { return ++objects, true; }));
  CHECK(objects == 0);
  f.write(0, "small", Stability::FileSync);
  CHECK(tree.attributes(f.id).space_used == 5);
  f.verify();
  tree.check_clean();
}

TEST_CASE("a file of holes takes no space and reads as zeros") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.truncate(f, std::uint64_t{5} << 30));
  CHECK(tree.attributes(f).size == std::uint64_t{5} << 30);
  CHECK(tree.attributes(f).space_used == 0);
  const auto tail = must(tree.read(f, (std::uint64_t{5} << 30) - 10, 100));
  CHECK(text_of(tail.data) == std::string(10, '\0'));
  CHECK(tail.end_of_file);
  must(tree.write(f, std::uint64_t{3} << 30, "middle"));
  CHECK(text_of(must(tree.read(f, (std::uint64_t{3} << 30) - 2, 10)).data) == "\0\0middle\0\0"sv);
}

TEST_CASE("a file reaches to 2^63-1 and no further") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  const std::uint64_t end = limits::file_size;
  CHECK(error_of(tree.write(f, end, "x")) == "FileTooBig");
  CHECK(error_of(tree.write(f, end - 1, "xy")) == "FileTooBig");
  CHECK(error_of(tree.write(f, ~std::uint64_t{0}, "x")) == "FileTooBig");
  CHECK(tree.attributes(f).size == 0);
  must(tree.truncate(f, end));
  CHECK(text_of(must(tree.read(f, end - 1, 10)).data) == "\0"sv);
}

TEST_CASE("reading says where the end is") {
  Tree tree(ANY_ENGINE);
  const std::string text = pattern(GENERATE(100, 20'000), 5);
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, text));
  const auto size = static_cast<std::uint32_t>(text.size());
  const auto read = [&](std::uint64_t offset, std::uint32_t count) {
    const auto result = must(tree.read(f, offset, count));
    return std::pair(text_of(result.data), result.end_of_file);
  };
  CHECK(read(0, size) == std::pair(text, true));
  CHECK(read(0, size - 1) == std::pair(text.substr(0, size - 1), false));
  CHECK(read(10, 20) == std::pair(text.substr(10, 20), false));
  CHECK(read(size - 1, 100) == std::pair(text.substr(size - 1), true));
  CHECK(read(size, 100) == std::pair(std::string(), true));
  CHECK(read(~std::uint64_t{0}, 100) == std::pair(std::string(), true));
  CHECK(read(0, 0) == std::pair(std::string(), false));
}

TEST_CASE("contents are for regular files only") {
  Tree tree(ANY_ENGINE);
  const NodeId l = must(tree.make_symlink(tree.root(), "l", "t")).node.id;
  CHECK(error_of(tree.read(tree.root(), 0, 1)) == "IsDirectory");
  CHECK(error_of(tree.write(tree.root(), 0, "x")) == "IsDirectory");
  CHECK(error_of(tree.commit(tree.root())) == "IsDirectory");
  CHECK(error_of(tree.read(l, 0, 1)) == "InvalidArgument");
  CHECK(error_of(tree.write(l, 0, "x")) == "InvalidArgument");
}

TEST_CASE("permission for contents, with opens and without") {
  Tree tree(ANY_ENGINE, {.root_mode = 0777});
  const std::string text(GENERATE(10, 10'000), 'x');
  tree.who = user(10, 20);
  const NodeId f = tree.file_id(tree.root(), "f", 0000);
  CHECK(error_of(tree.write(f, 0, text)) == "AccessDenied");
  CHECK(error_of(tree.read(f, 0, 1)) == "AccessDenied");
  CHECK(error_of(tree.commit(f)) == "AccessDenied");
  tree.rights = vfs::IoRights::Stateless;
  CHECK(error_of(tree.write(f, 0, text)) == "success");
  CHECK(error_of(tree.read(f, 0, 1)) == "success");
  tree.who = user(11, 21);
  CHECK(error_of(tree.read(f, 0, 1)) == "AccessDenied");
  CHECK(error_of(tree.write(f, 0, text)) == "AccessDenied");
  tree.who = user(10, 20);
  must(tree.setattr(f, {.mode = 0001}));
  tree.who = user(11, 21);
  CHECK(error_of(tree.read(f, 0, 1)) == "success");
}

TEST_CASE("an empty write asks permission and changes nothing") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f", 0600);
  const Attributes before = tree.attributes(f);
  tree.clock.advance_seconds(1);
  CHECK(must(tree.write(f, 1'000'000, "")).count == 0);
  CHECK(tree.attributes(f).change == before.change);
  CHECK(tree.attributes(f).size == 0);
  tree.who = user(1, 1);
  CHECK(error_of(tree.write(f, 0, "")) == "AccessDenied");
}

TEST_CASE("a write moves modify and change time, tells before and after, and reads do not") {
  Tree tree(ANY_ENGINE, {.access_times = false});
  const std::string text(GENERATE(10, 10'000), 'x');
  const auto stability = GENERATE(Stability::Unstable, Stability::FileSync);
  const NodeId f = tree.file_id(tree.root(), "f");
  const Attributes before = tree.attributes(f);
  tree.clock.advance_seconds(1);
  const auto written = must(tree.write(f, 0, text, stability));
  CHECK(written.count == text.size());
  CHECK(written.change.before.change == before.change);
  CHECK(written.change.before.size == 0);
  CHECK(written.change.after.size == text.size());
  CHECK(written.change.after.modify_time == tree.clock.now());
  CHECK(written.change.after.change_time == tree.clock.now());
  CHECK(written.change.after.change > before.change);
  CHECK(tree.attributes(f).change == written.change.after.change);
  tree.clock.advance_seconds(1);
  must(tree.read(f, 0, 10));
  CHECK(tree.attributes(f).modify_time == written.change.after.modify_time);
  CHECK(tree.attributes(f).change == written.change.after.change);
}

TEST_CASE("a write by somebody but root clears set-user-id, and set-group-id with group-execute or if outside of it") {
  Tree tree(ANY_ENGINE);
  const std::string text(GENERATE(10, 10'000), 'x');
  const auto stability = GENERATE(Stability::Unstable, Stability::FileSync);
  const NodeId f = tree.file_id(tree.root(), "f", 06777), g = tree.file_id(tree.root(), "g", 06767);
  must(tree.write(f, 0, text, stability));
  CHECK(tree.attributes(f).mode == 06777);
  tree.who = user(10, 0);
  CHECK(must(tree.write(f, 0, text, stability)).change.after.mode == 0777);
  CHECK(must(tree.write(g, 0, text, stability)).change.after.mode == 02767);
  tree.reopen();
  CHECK(tree.attributes(f).mode == 0777);
  CHECK(tree.attributes(g).mode == 02767);
  tree.who = user(10, 20);
  CHECK(must(tree.write(g, 0, text, stability)).change.after.mode == 0767);
}

TEST_CASE("sizes and times of unstable writes are written back in the background") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  tree.clock.advance_seconds(1);
  must(tree.write(f, 0, std::string(50'000, 'x'), Stability::Unstable));
  const Attributes before = tree.attributes(f);
  tree.maintain();
  tree.reopen();
  const Attributes after = tree.attributes(f);
  CHECK(after.size == 50'000);
  CHECK(after.modify_time == before.modify_time);
  CHECK(after.change == before.change);
  tree.check_clean();
}

TEST_CASE("a change of attributes takes the pending size along") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, std::string(50'000, 'x'), Stability::Unstable));
  CHECK(must(tree.setattr(f, {.mode = 0600})).after.size == 50'000);
  CHECK(tree.contents(f).size() == 50'000);
  tree.check_clean();
}

TEST_CASE("the space used is the data store's for objects and the size for inline contents") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, std::string(100, 'x')));
  CHECK(tree.attributes(f).space_used == 100);
  must(tree.write(f, 0, std::string(100'000, 'x')));
  const auto space = tree.attributes(f).space_used;
  CHECK(space >= 100'000);
  tree.reopen();
  CHECK(tree.attributes(f).space_used == space);
}

TEST_CASE("garbage beyond the end of a file, as a crash leaves it, never becomes contents") {
  Tree tree(ANY_ENGINE);
  Pair f{tree, tree.file_id(tree.root(), "f"), {}};
  f.write(0, pattern(10'000, 1), Stability::FileSync);
  store::ObjectId object = 0;
  must(tree.stores->data().for_each([&](store::ObjectId id, std::uint64_t) { return object = id, true; }));
  must(tree.stores->data().write(object, 10'000, chain_of(std::string(5000, '!')), Blocking::Allowed));
  tree.reopen();
  f.verify();
  f.write(20'000, "x", Stability::Unstable);
  f.verify();
  must(tree.stores->data().write(object, 20'001, chain_of(std::string(5000, '!')), Blocking::Allowed));
  tree.reopen();
  f.truncate(40'000);
  f.verify();
}

}  // namespace ditto::test
