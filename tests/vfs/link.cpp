#include "tree.hpp"

namespace ditto::test {

TEST_CASE("a link is one more name for the same node") {
  Tree tree(ANY_ENGINE);
  const NodeId d = tree.directory_id(tree.root(), "d");
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, "shared"));
  const Attributes before = tree.attributes(f);
  tree.clock.advance_seconds(2);
  const auto linked = must(tree.link(f, d, "g"));
  CHECK(linked.node.link_count == 2);
  CHECK(linked.node.change_time == tree.clock.now());
  CHECK(linked.node.modify_time == before.modify_time);
  CHECK(linked.node.change == before.change + 1);
  CHECK(linked.directory.after.modify_time == tree.clock.now());
  CHECK(tree.look_id(d, "g") == f);
  must(tree.remove(tree.root(), "f"));
  CHECK(tree.contents(f) == "shared");
  CHECK(tree.attributes(f).link_count == 1);
  tree.check_clean();
}

TEST_CASE("what link refuses, in the order of Linux") {
  Tree tree(ANY_ENGINE, {.link_max = 3});
  const NodeId open = tree.directory_id(tree.root(), "open", 0777);
  const NodeId f = tree.file_id(open, "f");
  CHECK(error_of(tree.link(tree.root(), open, "f")) == "Exists");
  CHECK(error_of(tree.link(open, open, "new")) == "NotPermitted");
  must(tree.link(f, open, "g"));
  must(tree.link(f, open, "h"));
  CHECK(error_of(tree.link(f, open, "i")) == "TooManyLinks");
  CHECK(error_of(tree.link(f, f, "h")) == "NotDirectory");
  tree.who = user(10, 20);
  CHECK(error_of(tree.link(f, tree.root(), "open")) == "Exists");
  CHECK(error_of(tree.link(f, tree.root(), "x")) == "AccessDenied");
  CHECK(error_of(tree.link(open, tree.root(), "x")) == "AccessDenied");
}

TEST_CASE("symlinks and devices have links too") {
  Tree tree(ANY_ENGINE);
  const NodeId l = must(tree.make_symlink(tree.root(), "l", "t")).node.id;
  CHECK(must(tree.link(l, tree.root(), "m")).node.link_count == 2);
  CHECK(must(tree.readlink(tree.look_id(tree.root(), "m"))) == "t");
  tree.check_clean();
}

}  // namespace ditto::test
