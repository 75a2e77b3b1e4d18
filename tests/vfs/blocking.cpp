// What a loop may ask for: it gets an answer or WouldBlock, and WouldBlock means that nothing happened.
#include "power.hpp"
#include "tree.hpp"

namespace ditto::test {

using vfs::Stability;

namespace {

struct Loop {
  Loop() : stores(new PowerStores), tree(std::unique_ptr<Stores>(stores)) { tree.blocking = Blocking::Never; }
  PowerStores* stores;
  Tree tree;
  PowerKv& kv = stores->power_kv;
  PowerData& data = stores->power_data;

  template <class F>
  auto in_pool(F f) {
    tree.blocking = Blocking::Allowed;
    auto result = f();
    tree.blocking = Blocking::Never;
    return result;
  }
};

}  // namespace

TEST_CASE("operations on names, attributes and small contents run on a loop") {
  Loop loop;
  Tree& tree = loop.tree;
  const NodeId d = tree.directory_id(tree.root(), "d");
  const NodeId f = tree.file_id(d, "f");
  must(tree.write(f, 0, "small"));
  must(tree.commit(f));
  CHECK(tree.contents(f) == "small");
  must(tree.setattr(f, {.mode = 0600}));
  must(tree.truncate(f, 3));
  must(tree.truncate(f, 0));
  must(tree.link(f, tree.root(), "g"));
  must(tree.rename(d, "f", tree.root(), "h"));
  must(tree.remove(tree.root(), "g"));
  CHECK(tree.names(tree.root()) == std::vector<std::string>{"d", "h"});
}

TEST_CASE("a write to a warm object runs on a loop when it is unstable, and not when it is stable") {
  Loop loop;
  Tree& tree = loop.tree;
  const NodeId f = tree.file_id(tree.root(), "f");
  loop.in_pool([&] { return must(tree.write(f, 0, std::string(10'000, 'x'))); });
  must(tree.write(f, 0, "unstable", Stability::Unstable));
  CHECK(error_of(tree.write(f, 0, "stable", Stability::FileSync)) == "WouldBlock");
  CHECK(error_of(tree.commit(f)) == "WouldBlock");
  CHECK(text_of(must(tree.read(f, 0, 8)).data) == "unstable");
}

TEST_CASE("cold data is not for a loop") {
  Loop loop;
  Tree& tree = loop.tree;
  const NodeId f = tree.file_id(tree.root(), "f");
  loop.in_pool([&] { return must(tree.write(f, 0, std::string(10'000, 'x'))); });
  loop.data.cold = true;
  const Attributes before = tree.attributes(f);
  CHECK(error_of(tree.read(f, 0, 10)) == "WouldBlock");
  CHECK(error_of(tree.write(f, 0, "y", Stability::Unstable)) == "WouldBlock");
  CHECK(tree.attributes(f).change == before.change);
  CHECK(loop.in_pool([&] { return text_of(must(tree.read(f, 0, 3)).data); }) == "xxx");
}

TEST_CASE("a contended store is not waited for on a loop") {
  Loop loop;
  Tree& tree = loop.tree;
  const NodeId f = tree.file_id(tree.root(), "f");
  loop.kv.contended = true;
  CHECK(error_of(tree.make_file(tree.root(), "g")) == "WouldBlock");
  CHECK(error_of(tree.lookup(tree.root(), "f")) == "WouldBlock");
  CHECK(error_of(tree.list(tree.root())) == "WouldBlock");
  CHECK(error_of(tree.getattr(f)) == "success");
  loop.kv.contended = false;
  CHECK(tree.names(tree.root()) == std::vector<std::string>{"f"});
}

TEST_CASE("a contended inode is not waited for on a loop, and is in the pool") {
  Loop loop;
  Tree& tree = loop.tree;
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.on(f, [&](Context&, vfs::Node& node) -> Result<void> {
    const std::lock_guard lock(static_cast<vfs::Inode&>(node).mutex);
    CHECK(error_of(tree.setattr(f, {.mode = 0})) == "WouldBlock");
    CHECK(error_of(tree.write(f, 0, "x")) == "WouldBlock");
    CHECK(error_of(tree.remove(tree.root(), "f")) == "WouldBlock");
    CHECK(error_of(tree.rename(tree.root(), "f", tree.root(), "g")) == "WouldBlock");
    CHECK(error_of(tree.getattr(f)) == "success");
    CHECK(error_of(tree.lookup(tree.root(), "f")) == "success");
    return {};
  }));
  CHECK(tree.attributes(f).mode == 0644);
  CHECK(error_of(tree.setattr(f, {.mode = 0})) == "success");
}

TEST_CASE("a file that was loaded anew is looked at in the pool before a loop may write behind its end") {
  Loop loop;
  Tree& tree = loop.tree;
  const NodeId f = tree.file_id(tree.root(), "f");
  loop.in_pool([&] { return must(tree.write(f, 0, std::string(10'000, 'x'))); });
  tree.reopen();
  CHECK(error_of(tree.write(f, 20'000, "y", Stability::Unstable)) == "WouldBlock");
  loop.in_pool([&] { return must(tree.write(f, 20'000, "y", Stability::Unstable)); });
  CHECK(error_of(tree.write(f, 30'000, "y", Stability::Unstable)) == "success");
}

}  // namespace ditto::test
