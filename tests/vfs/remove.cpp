#include "tree.hpp"

namespace ditto::test {

using vfs::RemoveKind;

TEST_CASE("removing a name tells the node and the directory around it") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.link(f, tree.root(), "g"));
  const Attributes before = tree.attributes(tree.root());
  tree.clock.advance_seconds(3);
  const auto removed = must(tree.remove(tree.root(), "f"));
  CHECK(removed.node.id == f);
  CHECK(removed.node.link_count == 1);
  CHECK(removed.node.change_time == tree.clock.now());
  CHECK(removed.directory.before.change == before.change);
  CHECK(removed.directory.after.change == before.change + 1);
  CHECK(removed.directory.after.modify_time == tree.clock.now());
  CHECK(must(tree.remove(tree.root(), "g")).node.link_count == 0);
  CHECK(error_of(tree.getattr(f)) == "Stale");
  tree.check_clean();
}

TEST_CASE("what unlink and rmdir refuse, in the order of Linux") {
  Tree tree(ANY_ENGINE);
  const NodeId open = tree.directory_id(tree.root(), "open", 0777);
  const NodeId sticky = tree.directory_id(tree.root(), "sticky", 01777);
  const NodeId closed = tree.directory_id(tree.root(), "closed", 0755);
  for (const NodeId in : {open, sticky, closed}) {
    tree.file_id(in, "file");
    tree.directory_id(in, "empty");
    tree.file_id(tree.directory_id(in, "full"), "inside");
  }
  tree.who = user(10, 20);
  const auto unlink = [&](NodeId in, std::string_view name) {
    return error_of(tree.remove(in, name, RemoveKind::NonDirectory));
  };
  const auto rmdir = [&](NodeId in, std::string_view name) {
    return error_of(tree.remove(in, name, RemoveKind::Directory));
  };
  // A name that is not there is told before permission is asked for.
  CHECK(unlink(closed, "none") == "NotFound");
  CHECK(rmdir(closed, "none") == "NotFound");
  CHECK(unlink(closed, "file") == "AccessDenied");
  CHECK(unlink(closed, "empty") == "AccessDenied");
  CHECK(rmdir(closed, "file") == "AccessDenied");
  CHECK(rmdir(closed, "full") == "AccessDenied");
  // The sticky bit comes before the type, the type before what is inside.
  CHECK(unlink(sticky, "file") == "NotPermitted");
  CHECK(unlink(sticky, "empty") == "NotPermitted");
  CHECK(rmdir(sticky, "file") == "NotPermitted");
  CHECK(rmdir(sticky, "full") == "NotPermitted");
  CHECK(unlink(open, "empty") == "IsDirectory");
  CHECK(unlink(open, "full") == "IsDirectory");
  CHECK(rmdir(open, "file") == "NotDirectory");
  CHECK(rmdir(open, "full") == "NotEmpty");
  CHECK(error_of(tree.remove(open, "full", RemoveKind::Any)) == "NotEmpty");
  CHECK(unlink(open, "file") == "success");
  CHECK(rmdir(open, "empty") == "success");
  CHECK(tree.names(open) == std::vector<std::string>{"full"});
  tree.who = Credential::root();
  tree.check_clean();
}

TEST_CASE("a removed directory is stale and takes no new names") {
  Tree tree(ANY_ENGINE);
  const NodeId d = tree.directory_id(tree.root(), "d");
  must(tree.remove(tree.root(), "d"));
  CHECK(error_of(tree.getattr(d)) == "Stale");
  CHECK(error_of(tree.make_file(d, "f")) == "Stale");
  CHECK(error_of(tree.lookup(d, "..")) == "Stale");
  CHECK(error_of(tree.list(d)) == "Stale");
  tree.check_clean();
}

TEST_CASE("an operation that had the node pinned when it was removed finds it stale") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, "x"));
  const auto outcome = tree.on(f, [&](Context& context, vfs::Node& node) -> Result<Attributes> {
    must(tree.remove(tree.root(), "f"));
    CHECK(error_of(tree.fs->read(context, node, 0, 10)) == "Stale");
    CHECK(error_of(tree.fs->write(context, node, 0, chain_of("y"), vfs::Stability::FileSync)) == "Stale");
    CHECK(error_of(tree.fs->setattr(context, node, {.mode = 0}, std::nullopt)) == "Stale");
    CHECK(error_of(tree.fs->hold(context, node)) == "Stale");
    return tree.fs->getattr(context, node);
  });
  CHECK(error_of(outcome) == "Stale");
  tree.maintain();
  tree.check_clean();
}

}  // namespace ditto::test
