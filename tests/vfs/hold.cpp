// Nodes that are removed while somebody has them open.
#include "tree.hpp"

namespace ditto::test {

namespace {

std::size_t objects_in(Tree& tree) {
  std::size_t objects = 0;
  must(tree.stores->data().for_each([&](store::ObjectId, std::uint64_t) { return ++objects, true; }));
  return objects;
}

void hold(Tree& tree, NodeId id) {
  must(tree.on(id, [&](Context& context, vfs::Node& node) { return tree.fs->hold(context, node); }));
}

void release(Tree& tree, NodeId id) {
  must(tree.on(id, [&](Context&, vfs::Node& node) -> Result<void> {
    tree.fs->release(node);
    return {};
  }));
}

}  // namespace

TEST_CASE("a removed node that is held keeps working, with link count 0") {
  Tree tree(ANY_ENGINE);
  const std::string text(GENERATE(10, 10'000), 'x');
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, text));
  hold(tree, f);
  must(tree.remove(tree.root(), "f"));
  CHECK(tree.attributes(f).link_count == 0);
  CHECK(tree.contents(f) == text);
  must(tree.write(f, 0, "changed"));
  must(tree.write(f, 5000, "more", vfs::Stability::Unstable));
  must(tree.commit(f));
  must(tree.setattr(f, {.mode = 0600}));
  CHECK(tree.contents(f).substr(0, 7) == "changed");
  tree.maintain();
  CHECK(tree.contents(f).substr(5000) == (text.size() > 5004 ? "more" + text.substr(5004) : "more"));
  tree.check_clean();
  CHECK(error_of(tree.link(f, tree.root(), "back")) == "NotFound");
  hold(tree, f);
  release(tree, f);
  CHECK(tree.attributes(f).link_count == 0);
  release(tree, f);
  CHECK(error_of(tree.getattr(f)) == "Stale");
  tree.maintain();
  CHECK(objects_in(tree) == 0);
  tree.check_clean();
}

TEST_CASE("a removed directory that is held lists nothing and takes no names") {
  Tree tree(ANY_ENGINE);
  const NodeId d = tree.directory_id(tree.root(), "d");
  const NodeId f = tree.file_id(tree.root(), "f");
  hold(tree, d);
  must(tree.remove(tree.root(), "d"));
  CHECK(must(tree.list(d)).size() == 2);
  CHECK(error_of(tree.make_file(d, "x")) == "NotFound");
  CHECK(error_of(tree.make_directory(d, "x")) == "NotFound");
  CHECK(error_of(tree.link(f, d, "x")) == "NotFound");
  CHECK(error_of(tree.rename(tree.root(), "f", d, "x")) == "NotFound");
  CHECK(error_of(tree.lookup(d, "x")) == "NotFound");
  release(tree, d);
  tree.maintain();
  tree.check_clean();
}

TEST_CASE("a replaced node that is held keeps working too") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  tree.file_id(tree.root(), "g");
  must(tree.write(f, 0, "old"));
  hold(tree, f);
  must(tree.rename(tree.root(), "g", tree.root(), "f"));
  CHECK(tree.contents(f) == "old");
  release(tree, f);
  CHECK(error_of(tree.read(f, 0, 1)) == "Stale");
  tree.maintain();
  tree.check_clean();
}

TEST_CASE("the space of a removed file comes back in the background, not before") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, std::string(100'000, 'x')));
  must(tree.remove(tree.root(), "f"));
  CHECK(objects_in(tree) == 1);
  tree.check_clean();
  tree.maintain();
  CHECK(objects_in(tree) == 0);
  tree.check_clean();
}

TEST_CASE("orphans that a restart finds are reclaimed, those that were held too") {
  Tree tree(ANY_ENGINE);
  const NodeId large = tree.file_id(tree.root(), "large"), held = tree.file_id(tree.root(), "held");
  must(tree.write(large, 0, std::string(100'000, 'x')));
  must(tree.write(held, 0, "small"));
  hold(tree, held);
  must(tree.remove(tree.root(), "large"));
  must(tree.remove(tree.root(), "held"));
  release(tree, held);
  tree.reopen();
  CHECK(error_of(tree.getattr(held)) == "Stale");
  CHECK(error_of(tree.getattr(large)) == "Stale");
  vfs::CheckSummary summary;
  CHECK(tree.problems(false, &summary).empty());
  CHECK(summary.inodes == 3);
  tree.maintain();
  CHECK(objects_in(tree) == 0);
  CHECK(tree.problems(false, &summary).empty());
  CHECK(summary.inodes == 1);
}

TEST_CASE("a file with an empty object or extended attributes leaves nothing behind") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.truncate(f, 1 << 20));
  const NodeId g = tree.file_id(tree.root(), "g");
  must(tree.on(g, [&](Context& context, vfs::Node& node) {
    return tree.fs->setxattr(context, node, "a", bytes_of("b"), vfs::XattrMode::Either);
  }));
  must(tree.remove(tree.root(), "f"));
  must(tree.remove(tree.root(), "g"));
  tree.maintain();
  vfs::CheckSummary summary;
  CHECK(tree.problems(false, &summary).empty());
  CHECK(summary.inodes == 1);
  std::size_t records = 0;
  must(tree.stores->kv().view(
      [&](store::KvReader& reader) {
        return reader.scan(vfs::Key(vfs::Tag::Xattr), vfs::key::end_of(vfs::Tag::Xattr),
                           [&](Bytes, Bytes) { return ++records, true; });
      },
      Blocking::Allowed));
  CHECK(records == 0);
}

TEST_CASE("thousands of removed files are reclaimed") {
  Tree tree(ANY_ENGINE);
  for (int i = 0; i < 3000; ++i) {
    const NodeId f = tree.file_id(tree.root(), "f");
    must(tree.write(f, 5000, "x", vfs::Stability::Unstable));
    must(tree.remove(tree.root(), "f"));
  }
  tree.maintain();
  CHECK(objects_in(tree) == 0);
  tree.check_clean();
}

TEST_CASE("reads and truncations of a file that is being removed do not wait for each other") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, std::string(100'000, 'x')));
  must(tree.on(f, [&](Context&, vfs::Node&) -> Result<void> {
    // Pinned by this call: the inode and its object stay until it is done.
    must(tree.remove(tree.root(), "f"));
    tree.maintain();
    CHECK(objects_in(tree) == 1);
    return {};
  }));
  tree.maintain();
  CHECK(objects_in(tree) == 0);
  tree.check_clean();
}

}  // namespace ditto::test
