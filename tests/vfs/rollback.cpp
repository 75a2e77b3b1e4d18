// The store takes changes back: a full disk, a failed sync. Nothing that was answered is lost, nothing that was not
// answered stays.
#include "power.hpp"
#include "tree.hpp"

namespace ditto::test {

using vfs::Stability;

namespace {

struct Full {
  Full() : stores(new PowerStores), tree(std::unique_ptr<Stores>(stores)) {}
  PowerStores* stores;
  Tree tree;
  PowerKv& kv = stores->power_kv;
  void take_back() { kv.take_back(Error::NoSpace); }
};

}  // namespace

TEST_CASE("what is taken back was never there, and what was before is there again") {
  Full full;
  Tree& tree = full.tree;
  const NodeId d = tree.directory_id(tree.root(), "d");
  const NodeId f = tree.file_id(d, "f");
  must(tree.write(f, 0, "before"));
  const Attributes was_f = tree.attributes(f), was_d = tree.attributes(d);
  full.kv.holding = true;
  tree.clock.advance_seconds(1);
  const NodeId made = tree.file_id(d, "made");
  must(tree.write(f, 0, "after!"));
  must(tree.setattr(f, {.mode = 0600}));
  must(tree.rename(d, "f", tree.root(), "g"));
  must(tree.make_directory(d, "sub"));
  CHECK(tree.attributes(d).link_count == 3);
  full.take_back();
  CHECK(tree.names(d) == std::vector<std::string>{"f"});
  CHECK(tree.names(tree.root()) == std::vector<std::string>{"d"});
  CHECK(tree.contents(f) == "before");
  CHECK(tree.attributes(f).mode == was_f.mode);
  CHECK(tree.attributes(f).change_time == was_f.change_time);
  CHECK(tree.attributes(d).link_count == 2);
  CHECK(tree.attributes(d).change == was_d.change);
  CHECK(error_of(tree.getattr(made)) == "Stale");
  tree.check_clean();
}

TEST_CASE("a removal that is taken back brings the node back") {
  Full full;
  Tree& tree = full.tree;
  const std::string text(GENERATE(5, 10'000), 'x');
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, text));
  full.kv.holding = true;
  must(tree.remove(tree.root(), "f"));
  CHECK(error_of(tree.getattr(f)) == "Stale");
  full.take_back();
  CHECK(tree.look_id(tree.root(), "f") == f);
  CHECK(tree.contents(f) == text);
  tree.maintain();
  CHECK(tree.contents(f) == text);
  tree.check_clean();
}

TEST_CASE("numbers are not used again for something else after they were taken back") {
  Full full;
  Tree& tree = full.tree;
  const NodeId f = tree.file_id(tree.root(), "f");
  full.kv.holding = true;
  const NodeId first = tree.file_id(tree.root(), "a");
  // Seen by whoever wrote unstably, for whom nothing waits.
  const std::uint64_t shown = must(tree.write(f, 0, "x", Stability::Unstable)).change.after.change;
  full.take_back();
  CHECK(tree.file_id(tree.root(), "a") != first);
  CHECK(must(tree.setattr(f, {.mode = 0600})).after.change > shown);
}

TEST_CASE("the verifier changes when something is taken back, so that clients send unstable data again") {
  Full full;
  Tree& tree = full.tree;
  const NodeId f = tree.file_id(tree.root(), "f");
  full.kv.holding = true;
  must(tree.write(f, 0, "x", Stability::Unstable));
  const auto before = tree.fs->write_verifier();
  full.take_back();
  CHECK(tree.fs->write_verifier() != before);
  CHECK(tree.contents(f).empty());
  must(tree.write(f, 0, "x", Stability::Unstable));
  must(tree.commit(f));
  CHECK(tree.contents(f) == "x");
}

TEST_CASE("sizes that were pending stay pending when the transaction that took them along is undone") {
  Full full;
  Tree& tree = full.tree;
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, std::string(10'000, 'x')));
  must(tree.write(f, 10'000, std::string(10'000, 'y'), Stability::Unstable));
  full.kv.holding = true;
  must(tree.setattr(f, {.mode = 0600}));
  full.take_back();
  CHECK(tree.attributes(f).size == 20'000);
  CHECK(tree.attributes(f).mode == 0644);
  CHECK(tree.contents(f).substr(10'000) == std::string(10'000, 'y'));
  full.kv.holding = false;
  tree.maintain();
  tree.reopen();
  CHECK(tree.attributes(f).size == 20'000);
  tree.check_clean();
}

TEST_CASE("a size that was recorded durably before is not brought back over a later one") {
  Full full;
  Tree& tree = full.tree;
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, std::string(20'000, 'x'), Stability::Unstable));
  full.kv.holding = true;
  must(tree.commit(f));
  must(tree.truncate(f, 6000));
  full.kv.sync();
  must(tree.setattr(f, {.mode = 0600}));
  full.take_back();
  CHECK(tree.attributes(f).size == 6000);
}

TEST_CASE("a shrink that is taken back never reaches the object") {
  Full full;
  Tree& tree = full.tree;
  const NodeId f = tree.file_id(tree.root(), "f"), g = tree.file_id(tree.root(), "g");
  for (const NodeId id : {f, g}) must(tree.write(id, 0, std::string(20'000, 'x')));
  full.kv.holding = true;
  must(tree.truncate(f, 5000));
  must(tree.truncate(g, 0));
  full.take_back();
  tree.maintain();
  for (const NodeId id : {f, g}) CHECK(tree.contents(id) == std::string(20'000, 'x'));
  must(tree.write(f, 30'000, "y"));
  CHECK(tree.contents(f).substr(0, 20'000) == std::string(20'000, 'x'));
  tree.check_clean();
}

TEST_CASE("what a full disk refuses changes nothing, in memory neither") {
  Full full;
  Tree& tree = full.tree;
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, "abc"));
  const Attributes was_f = tree.attributes(f), was_root = tree.attributes(tree.root());
  full.kv.failing = Error::NoSpace;
  tree.clock.advance_seconds(1);
  CHECK(error_of(tree.make_file(tree.root(), "g")) == "NoSpace");
  CHECK(error_of(tree.write(f, 0, "xyz")) == "NoSpace");
  CHECK(error_of(tree.write(f, 0, std::string(10'000, 'x'))) == "NoSpace");
  CHECK(error_of(tree.setattr(f, {.mode = 0})) == "NoSpace");
  CHECK(error_of(tree.truncate(f, 0)) == "NoSpace");
  CHECK(error_of(tree.rename(tree.root(), "f", tree.root(), "g")) == "NoSpace");
  CHECK(error_of(tree.link(f, tree.root(), "g")) == "NoSpace");
  CHECK(error_of(tree.remove(tree.root(), "f")) == "NoSpace");
  CHECK(tree.attributes(f).change == was_f.change);
  CHECK(tree.attributes(tree.root()).change == was_root.change);
  CHECK(tree.contents(f) == "abc");
  tree.maintain();
  full.kv.failing.reset();
  CHECK(tree.names(tree.root()) == std::vector<std::string>{"f"});
  CHECK(tree.contents(f) == "abc");
  tree.check_clean();
}

TEST_CASE("sizes that cannot be written back stay pending until they can") {
  Full full;
  Tree& tree = full.tree;
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, std::string(10'000, 'x'), Stability::Unstable));
  full.kv.failing = Error::NoSpace;
  tree.maintain();
  CHECK(tree.attributes(f).size == 10'000);
  full.kv.failing.reset();
  tree.maintain();
  tree.reopen();
  CHECK(tree.attributes(f).size == 10'000);
}

TEST_CASE("many rollbacks, one after the other") {
  Full full;
  Tree& tree = full.tree;
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, std::string(10'000, 'x')));
  full.kv.holding = true;
  for (int i = 0; i < 200; ++i) {
    must(tree.truncate(f, 1000 + i));
    must(tree.make_file(tree.root(), "g"));
    full.take_back();
    REQUIRE(tree.attributes(f).size == 10'000);
  }
  CHECK(tree.names(tree.root()) == std::vector<std::string>{"f"});
  CHECK(tree.contents(f) == std::string(10'000, 'x'));
  tree.check_clean();
}

}  // namespace ditto::test
