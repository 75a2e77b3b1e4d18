// One way through everything: what the first mount of a client needs.
#include "tree.hpp"

namespace ditto::test {

TEST_CASE("a new store has a root directory that its options describe") {
  Tree tree(ANY_ENGINE, {.root_mode = 01777, .root_owner = vfs::Principal::id(7), .root_group = vfs::Principal::id(8)});
  const Attributes root = tree.attributes(tree.root());
  CHECK(root.type == FileType::Directory);
  CHECK(root.mode == 01777);
  CHECK(root.owner == vfs::Principal::id(7));
  CHECK(root.group == vfs::Principal::id(8));
  CHECK(root.link_count == 2);
  CHECK(root.birth_time == tree.clock.now());
}

TEST_CASE("files and directories are made, found, listed, written, read, changed, moved and removed") {
  Tree tree(ANY_ENGINE);
  const NodeId docs = tree.directory_id(tree.root(), "docs");
  const NodeId file = tree.file_id(docs, "letter");
  CHECK(tree.look_id(docs, "letter") == file);
  CHECK(tree.names(tree.root()) == std::vector<std::string>{"docs"});

  CHECK(must(tree.write(file, 0, "hello")).committed == vfs::Stability::FileSync);
  CHECK(tree.contents(file) == "hello");
  must(tree.write(file, 6, "world", vfs::Stability::Unstable));
  must(tree.commit(file));
  CHECK(tree.contents(file) == std::string_view("hello\0world", 11));

  const std::string large(100'000, 'x');
  must(tree.write(file, 5000, large, vfs::Stability::Unstable));
  CHECK(tree.attributes(file).size == 105'000);
  must(tree.commit(file));
  const std::string all = tree.contents(file);
  CHECK(all.substr(0, 11) == std::string_view("hello\0world", 11));
  CHECK(all.substr(11, 4989) == std::string(4989, '\0'));
  CHECK(all.substr(5000) == large);

  CHECK(must(tree.setattr(file, {.mode = 0600})).after.mode == 0600);
  must(tree.truncate(file, 3));
  CHECK(tree.contents(file) == "hel");
  must(tree.rename(docs, "letter", tree.root(), "note"));
  CHECK(tree.names(docs).empty());
  CHECK(tree.look_id(tree.root(), "note") == file);
  CHECK(must(tree.remove(tree.root(), "note")).node.link_count == 0);
  CHECK(error_of(tree.getattr(file)) == "Stale");
  must(tree.remove(tree.root(), "docs", vfs::RemoveKind::Directory));
  CHECK(tree.names(tree.root()).empty());
}

TEST_CASE("everything is there after the store was closed and opened") {
  Tree tree(ANY_ENGINE);
  const NodeId directory = tree.directory_id(tree.root(), "d");
  const NodeId small = tree.file_id(directory, "small"), large = tree.file_id(directory, "large");
  must(tree.write(small, 0, "abc"));
  must(tree.write(large, 10'000, "def"));
  const NodeId link = must(tree.make_symlink(directory, "link", "../elsewhere")).node.id;
  const Attributes before = tree.attributes(large);
  tree.reopen();
  CHECK(tree.names(directory) == std::vector<std::string>{"large", "link", "small"});
  CHECK(tree.contents(small) == "abc");
  CHECK(tree.contents(large) == std::string(10'000, '\0') + "def");
  CHECK(must(tree.readlink(link)) == "../elsewhere");
  CHECK(tree.attributes(large).change == before.change);
  CHECK(tree.attributes(large).modify_time == before.modify_time);
}

}  // namespace ditto::test
