// Where a node is, for people to read.
#include "tree.hpp"

namespace ditto::test {
namespace {

std::string path_of(Tree& tree, NodeId id, NodeId top) {
  const auto path = tree.on(id, [&](Context& context, vfs::Node& node) { return tree.fs->path(context, node, top); });
  return path ? *path : error_of(path);
}

}  // namespace

TEST_CASE("a path leads from a directory down to a node, by the name that it was last found by") {
  Tree tree(ANY_ENGINE);
  const NodeId a = tree.directory_id(tree.root(), "a"), b = tree.directory_id(a, "b"), f = tree.file_id(b, "f");
  CHECK(path_of(tree, tree.root(), tree.root()) == "/");
  CHECK(path_of(tree, b, tree.root()) == "/a/b");
  (void)tree.look_id(b, "f");
  CHECK(path_of(tree, f, tree.root()) == "/a/b/f");
  CHECK(path_of(tree, f, a) == "/b/f");
  CHECK(path_of(tree, a, a) == "/");
  must(tree.link(f, a, "g"));
  (void)tree.look_id(a, "g");
  CHECK(path_of(tree, f, tree.root()) == "/a/g");
  must(tree.rename(a, "b", tree.root(), "c"));
  CHECK(path_of(tree, b, tree.root()) == "/c");
}

TEST_CASE("what is not known, or not below, has no path") {
  Tree tree(ANY_ENGINE);
  const NodeId a = tree.directory_id(tree.root(), "a"), b = tree.directory_id(tree.root(), "b");
  const NodeId f = tree.file_id(a, "f");
  CHECK(path_of(tree, a, b) == "NotFound");
  must(tree.rename(a, "f", b, "f"));
  must(tree.on(f, [&](Context& context, vfs::Node& node) { return tree.fs->hold(context, node); }));
  (void)tree.look_id(b, "f");
  CHECK(path_of(tree, f, tree.root()) == "/b/f");
  must(tree.remove(b, "f"));
  CHECK(path_of(tree, f, tree.root()) == "NotFound");
  tree.reopen();
  CHECK(path_of(tree, a, tree.root()) == "/a");
}

TEST_CASE("a stream has the path of its file") {
  Tree tree;
  const NodeId f = tree.file_id(tree.root(), "f");
  (void)tree.look_id(tree.root(), "f");
  const NodeId streams = tree.streams_id(f), s = tree.file_id(streams, "s");
  CHECK(path_of(tree, streams, tree.root()) == "/f");
  CHECK(path_of(tree, s, tree.root()) == "/f");
}

}  // namespace ditto::test
