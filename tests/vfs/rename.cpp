#include "tree.hpp"

namespace ditto::test {

TEST_CASE("a rename moves a name, within a directory and across") {
  Tree tree(ANY_ENGINE);
  const NodeId d = tree.directory_id(tree.root(), "d");
  const NodeId f = tree.file_id(tree.root(), "f");
  const Attributes before = tree.attributes(f);
  tree.clock.advance_seconds(1);
  const auto within = must(tree.rename(tree.root(), "f", tree.root(), "g"));
  CHECK(within.from.before.change == within.to.before.change);
  CHECK(within.from.after.change == within.to.after.change);
  CHECK(within.from.after.change == within.from.before.change + 1);
  CHECK(within.node.id == f);
  CHECK(within.node.change_time == tree.clock.now());
  CHECK(within.node.modify_time == before.modify_time);
  CHECK_FALSE(within.replaced);
  const auto across = must(tree.rename(tree.root(), "g", d, "h"));
  CHECK(across.from.after.modify_time == tree.clock.now());
  CHECK(across.to.after.modify_time == tree.clock.now());
  CHECK(tree.names(tree.root()) == std::vector<std::string>{"d"});
  CHECK(tree.look_id(d, "h") == f);
  tree.check_clean();
}

TEST_CASE("a rename replaces what has the name, in one step") {
  Tree tree(ANY_ENGINE);
  const NodeId a = tree.file_id(tree.root(), "a"), b = tree.file_id(tree.root(), "b");
  must(tree.write(b, 0, std::string(10'000, 'b')));
  const std::uint64_t cookie = [&] {
    for (const Listed& entry : must(tree.list(tree.root()))) {
      if (entry.name == "b") return entry.cookie;
    }
    return std::uint64_t{0};
  }();
  const auto renamed = must(tree.rename(tree.root(), "a", tree.root(), "b"));
  CHECK(renamed.replaced == b);
  CHECK(tree.look_id(tree.root(), "b") == a);
  CHECK(error_of(tree.getattr(b)) == "Stale");
  // Whoever lists the directory meanwhile sees the name once.
  const auto entries = must(tree.list(tree.root()));
  REQUIRE(entries.size() == 3);
  CHECK(entries[2].cookie == cookie);
  tree.maintain();
  tree.check_clean();
}

TEST_CASE("a replaced file with another name keeps it") {
  Tree tree(ANY_ENGINE);
  const NodeId a = tree.file_id(tree.root(), "a"), b = tree.file_id(tree.root(), "b");
  must(tree.link(b, tree.root(), "c"));
  must(tree.rename(tree.root(), "a", tree.root(), "b"));
  CHECK(tree.attributes(b).link_count == 1);
  CHECK(tree.look_id(tree.root(), "c") == b);
  CHECK(tree.look_id(tree.root(), "b") == a);
  tree.check_clean();
}

TEST_CASE("a directory that moves takes its dot-dot and its parents' link counts along") {
  Tree tree(ANY_ENGINE);
  const NodeId a = tree.directory_id(tree.root(), "a"), b = tree.directory_id(tree.root(), "b");
  const NodeId d = tree.directory_id(a, "d");
  CHECK(must(tree.lookup(d, "..")).id == a);
  must(tree.rename(a, "d", b, "e"));
  CHECK(must(tree.lookup(d, "..")).id == b);
  CHECK(must(tree.lookup(d, ".")).id == d);
  CHECK(tree.attributes(a).link_count == 2);
  CHECK(tree.attributes(b).link_count == 3);
  const auto entries = must(tree.list(d));
  CHECK(entries[1].id == b);
  must(tree.rename(b, "e", tree.root(), "e"));
  CHECK(must(tree.lookup(d, "..")).id == tree.root());
  CHECK(must(tree.lookup(tree.root(), "..")).id == tree.root());
  tree.check_clean();
  tree.reopen();
  CHECK(must(tree.lookup(d, "..")).id == tree.root());
}

TEST_CASE("a directory replaces an empty directory, and counts stay right") {
  Tree tree(ANY_ENGINE);
  const NodeId a = tree.directory_id(tree.root(), "a"), b = tree.directory_id(tree.root(), "b");
  const NodeId from = tree.directory_id(a, "from");
  tree.file_id(from, "inside");
  const NodeId to = tree.directory_id(b, "to");
  must(tree.rename(a, "from", b, "to"));
  CHECK(error_of(tree.getattr(to)) == "Stale");
  CHECK(tree.attributes(a).link_count == 2);
  CHECK(tree.attributes(b).link_count == 3);
  CHECK(tree.names(tree.look_id(b, "to")) == std::vector<std::string>{"inside"});
  must(tree.make_directory(b, "from"));
  must(tree.rename(b, "from", b, "from2"));
  must(tree.make_directory(b, "gone"));
  must(tree.rename(b, "from2", b, "gone"));
  CHECK(tree.attributes(b).link_count == 4);
  tree.check_clean();
}

TEST_CASE("renaming a name to itself or to another name of the same node does nothing") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  const NodeId d = tree.directory_id(tree.root(), "d");
  must(tree.link(f, d, "g"));
  const auto root_before = tree.attributes(tree.root()), node_before = tree.attributes(f);
  tree.clock.advance_seconds(1);
  CHECK_FALSE(must(tree.rename(tree.root(), "f", tree.root(), "f")).replaced);
  CHECK_FALSE(must(tree.rename(tree.root(), "f", d, "g")).replaced);
  CHECK_FALSE(must(tree.rename(tree.root(), "d", tree.root(), "d")).replaced);
  CHECK(tree.attributes(tree.root()).change == root_before.change);
  CHECK(tree.attributes(f).change == node_before.change);
  CHECK(tree.look_id(tree.root(), "f") == f);
  CHECK(tree.look_id(d, "g") == f);
  // It does nothing for those who may do nothing, too.
  tree.who = user(10, 20);
  CHECK(error_of(tree.rename(tree.root(), "f", d, "g")) == "success");
}

TEST_CASE("a directory does not move into itself or below") {
  Tree tree(ANY_ENGINE);
  const NodeId a = tree.directory_id(tree.root(), "a");
  const NodeId b = tree.directory_id(a, "b");
  const NodeId c = tree.directory_id(b, "c");
  CHECK(error_of(tree.rename(tree.root(), "a", a, "x")) == "InvalidArgument");
  CHECK(error_of(tree.rename(tree.root(), "a", c, "x")) == "InvalidArgument");
  CHECK(error_of(tree.rename(tree.root(), "a", a, "b")) == "InvalidArgument");
  CHECK(error_of(tree.rename(a, "b", c, "x")) == "InvalidArgument");
  // Nor does anything replace a directory that it is in, whatever it is.
  const NodeId f = tree.file_id(c, "f");
  CHECK(error_of(tree.rename(b, "c", tree.root(), "a")) == "NotEmpty");
  CHECK(error_of(tree.rename(c, "f", tree.root(), "a")) == "NotEmpty");
  CHECK(tree.look_id(c, "f") == f);
  tree.check_clean();
}

TEST_CASE("what rename refuses about types and contents") {
  Tree tree(ANY_ENGINE);
  tree.file_id(tree.root(), "file");
  tree.directory_id(tree.root(), "empty");
  tree.directory_id(tree.root(), "other");
  const NodeId full = tree.directory_id(tree.root(), "full");
  tree.file_id(full, "x");
  const auto move = [&](std::string_view from, std::string_view to) {
    return error_of(tree.rename(tree.root(), from, tree.root(), to));
  };
  CHECK(move("none", "x") == "NotFound");
  CHECK(move("none", "file") == "NotFound");
  CHECK(move("file", "empty") == "IsDirectory");
  CHECK(move("file", "full") == "IsDirectory");
  CHECK(move("empty", "file") == "NotDirectory");
  CHECK(move("empty", "full") == "NotEmpty");
  CHECK(move("full", "empty") == "success");
  CHECK(error_of(tree.rename(tree.root(), "file", tree.look_id(tree.root(), "file"), "y")) == "NotDirectory");
  tree.check_clean();
}

TEST_CASE("what rename asks permission for") {
  Tree tree(ANY_ENGINE);
  const NodeId open = tree.directory_id(tree.root(), "open", 0777);
  const NodeId closed = tree.directory_id(tree.root(), "closed", 0755);
  const NodeId sticky = tree.directory_id(tree.root(), "sticky", 01777);
  for (const NodeId in : {open, closed, sticky}) {
    tree.file_id(in, "theirs");
    tree.directory_id(in, "dir");
  }
  tree.who = user(10, 20);
  tree.file_id(open, "mine");
  tree.file_id(sticky, "mine");
  CHECK(error_of(tree.rename(closed, "none", open, "x")) == "NotFound");
  CHECK(error_of(tree.rename(closed, "theirs", open, "x")) == "AccessDenied");
  CHECK(error_of(tree.rename(open, "mine", closed, "x")) == "AccessDenied");
  CHECK(error_of(tree.rename(open, "mine", closed, "theirs")) == "AccessDenied");
  CHECK(error_of(tree.rename(sticky, "theirs", open, "x")) == "NotPermitted");
  CHECK(error_of(tree.rename(open, "mine", sticky, "theirs")) == "NotPermitted");
  CHECK(error_of(tree.rename(sticky, "mine", open, "x")) == "success");
  // A directory's dot-dot is written to when it moves elsewhere, not when it is only called something else.
  CHECK(error_of(tree.rename(open, "dir", sticky, "x")) == "AccessDenied");
  CHECK(error_of(tree.rename(open, "dir", open, "dir2")) == "success");
}

TEST_CASE("a rename that changes case only keeps the entry's key") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "readme");
  const NodeId d = tree.directory_id(tree.root(), "folder");
  const auto cookies = [&] {
    std::vector<std::uint64_t> all;
    for (const Listed& entry : must(tree.list(tree.root()))) all.push_back(entry.cookie);
    return all;
  };
  const auto before = cookies();
  must(tree.rename(tree.root(), "readme", tree.root(), "ReadMe"));
  must(tree.rename(tree.root(), "folder", tree.root(), "FOLDER"));
  CHECK(cookies() == before);
  CHECK(tree.names(tree.root()) == std::vector<std::string>{"FOLDER", "ReadMe"});
  CHECK(tree.look_id(tree.root(), "ReadMe") == f);
  CHECK(must(tree.lookup(d, "..")).id == tree.root());
  CHECK(error_of(tree.lookup(tree.root(), "readme")) == "NotFound");
  tree.check_clean();
}

TEST_CASE("a directory does not move where its parent's link count is at the limit") {
  Tree tree(ANY_ENGINE, {.link_max = 3});
  const NodeId a = tree.directory_id(tree.root(), "a");
  const NodeId b = tree.directory_id(a, "b");
  tree.directory_id(b, "c");
  CHECK(error_of(tree.rename(b, "c", a, "c")) == "TooManyLinks");
  must(tree.rename(a, "b", a, "b2"));
  tree.check_clean();
}

}  // namespace ditto::test
