#include "tree.hpp"

namespace ditto::test {

using vfs::NameMatch;

TEST_CASE("dot is the directory, dot-dot its parent, the root's parent the root") {
  Tree tree(ANY_ENGINE);
  const NodeId d = tree.directory_id(tree.root(), "d");
  CHECK(tree.look_id(d, ".") == d);
  CHECK(tree.look_id(d, "..") == tree.root());
  CHECK(tree.look_id(tree.root(), "..") == tree.root());
}

TEST_CASE("an exact lookup takes the bytes, a folded one the same bytes first, then the same letters") {
  Tree tree(ANY_ENGINE);
  const NodeId first = tree.file_id(tree.root(), "ReadMe"), second = tree.file_id(tree.root(), "README");
  CHECK(error_of(tree.lookup(tree.root(), "readme")) == "NotFound");
  CHECK(must(tree.lookup(tree.root(), "readme", NameMatch::CaseFolded)).id == first);
  CHECK(must(tree.lookup(tree.root(), "README", NameMatch::CaseFolded)).id == second);
  CHECK(must(tree.lookup(tree.root(), "ReadMe", NameMatch::CaseFolded)).id == first);
  must(tree.remove(tree.root(), "ReadMe"));
  CHECK(must(tree.lookup(tree.root(), "readme", NameMatch::CaseFolded)).id == second);
  const NodeId umlaut = tree.file_id(tree.root(), "Übung");
  CHECK(must(tree.lookup(tree.root(), "üBUNG", NameMatch::CaseFolded)).id == umlaut);
}

TEST_CASE("names whose hashes collide are found each by itself, exactly and folded") {
  Tree tree(ANY_ENGINE, {.name_hash_mask = 1});
  std::vector<NodeId> ids;
  for (int i = 0; i < 200; ++i) ids.push_back(tree.file_id(tree.root(), "Name" + std::to_string(i)));
  for (int i = 0; i < 200; ++i) {
    const std::string number = std::to_string(i);
    CHECK(tree.look_id(tree.root(), "Name" + number) == ids[i]);
    CHECK(must(tree.lookup(tree.root(), "nAME" + number, NameMatch::CaseFolded)).id == ids[i]);
    CHECK(error_of(tree.lookup(tree.root(), "name" + number)) == "NotFound");
  }
  // A freed place in the chain is taken again, and the others stay where they were.
  const auto before = must(tree.list(tree.root()));
  must(tree.remove(tree.root(), "Name50"));
  tree.file_id(tree.root(), "New");
  const auto after = must(tree.list(tree.root()));
  REQUIRE(after.size() == before.size());
  std::size_t moved = 0;
  for (const Listed& was : before) {
    moved += std::none_of(after.begin(), after.end(),
                          [&](const Listed& is) { return is.name == was.name && is.cookie == was.cookie; });
  }
  CHECK(moved == 1);
  tree.check_clean();
}

TEST_CASE("a chain of colliding names ends at 1,024") {
  Tree tree(ANY_ENGINE, {.name_hash_mask = 0});
  for (std::uint64_t i = 0; i < vfs::NameHash::max_chain; ++i) tree.file_id(tree.root(), std::to_string(i));
  CHECK(error_of(tree.make_file(tree.root(), "one more")) == "NoSpace");
  CHECK(error_of(tree.link(tree.look_id(tree.root(), "1"), tree.root(), "one more")) == "NoSpace");
  must(tree.rename(tree.root(), "1", tree.root(), "another"));
  must(tree.remove(tree.root(), "500"));
  tree.file_id(tree.root(), "one more");
  CHECK(tree.names(tree.root()).size() == vfs::NameHash::max_chain);
  tree.check_clean();
}

TEST_CASE("a deep tree is walked down and up") {
  Tree tree(ANY_ENGINE);
  NodeId at = tree.root();
  std::vector<NodeId> way{at};
  for (int depth = 0; depth < 200; ++depth) way.push_back(at = tree.directory_id(at, "d"));
  for (std::size_t i = way.size() - 1; i > 0; --i) CHECK(tree.look_id(way[i], "..") == way[i - 1]);
  CHECK(error_of(tree.rename(way[1], "d", way[199], "x")) == "InvalidArgument");
  tree.check_clean();
}

TEST_CASE("access tells the part that is granted") {
  Tree tree(ANY_ENGINE, {.root_mode = 0777});
  tree.who = user(10, 20);
  const NodeId f = tree.file_id(tree.root(), "f", 0640);
  using vfs::Access;
  const auto asked = Access::ReadData | Access::WriteData | Access::Execute;
  const auto of = [&](const Credential& who) {
    tree.who = who;
    return must(tree.on(f, [&](Context& context, vfs::Node& node) { return tree.fs->access(context, node, asked); }));
  };
  CHECK(of(user(10, 20)) == (Access::ReadData | Access::WriteData));
  CHECK(of(user(11, 20)) == Access::ReadData);
  CHECK(of(user(11, 21)) == Access::None);
  CHECK(of(Credential::root()) == (Access::ReadData | Access::WriteData));
}

}  // namespace ditto::test
