// What each answer rests on: which of them wait for the disk, and which must not.
#include "power.hpp"
#include "tree.hpp"

namespace ditto::test {

using vfs::Stability;

namespace {

struct Held {
  Held() : stores(new PowerStores), tree(std::unique_ptr<Stores>(stores)) {}
  PowerStores* stores;
  Tree tree;
  PowerKv& kv = stores->power_kv;

  /// From here on nothing becomes durable by itself.
  void hold() { kv.holding = true; }
  bool waits() const { return tree.token > kv.durable(); }
};

}  // namespace

TEST_CASE("changes and what sees them wait until they are durable; what rests on nothing new does not") {
  Held held;
  Tree& tree = held.tree;
  const NodeId old = tree.file_id(tree.root(), "old"), other = tree.directory_id(tree.root(), "other");
  held.hold();
  const NodeId made = tree.file_id(tree.root(), "new");
  CHECK(held.waits());
  must(tree.getattr(old));
  CHECK_FALSE(held.waits());
  must(tree.getattr(other));
  CHECK_FALSE(held.waits());
  must(tree.getattr(made));
  CHECK(held.waits());
  must(tree.getattr(tree.root()));
  CHECK(held.waits());
  must(tree.lookup(tree.root(), "new"));
  CHECK(held.waits());
  must(tree.list(tree.root()));
  CHECK(held.waits());
  must(tree.list(other));
  CHECK_FALSE(held.waits());
  must(tree.lookup(other, "."));
  CHECK_FALSE(held.waits());
  held.kv.sync();
  must(tree.list(tree.root()));
  CHECK_FALSE(held.waits());
}

TEST_CASE("errors rest on what they saw too") {
  Held held;
  Tree& tree = held.tree;
  const NodeId gone = tree.file_id(tree.root(), "gone");
  const NodeId d = tree.directory_id(tree.root(), "d");
  held.hold();
  must(tree.remove(tree.root(), "gone"));
  CHECK(error_of(tree.lookup(tree.root(), "gone")) == "NotFound");
  CHECK(held.waits());
  CHECK(error_of(tree.getattr(gone)) == "Stale");
  CHECK(held.waits());
  CHECK(error_of(tree.remove(tree.root(), "gone")) == "NotFound");
  CHECK(held.waits());
  held.kv.sync();
  tree.file_id(tree.root(), "taken");
  CHECK(error_of(tree.make_file(tree.root(), "taken")) == "Exists");
  CHECK(held.waits());
  tree.file_id(d, "inside");
  CHECK(error_of(tree.remove(tree.root(), "d")) == "NotEmpty");
  CHECK(held.waits());
  held.kv.sync();
  CHECK(error_of(tree.lookup(d, "never there")) == "NotFound");
  CHECK_FALSE(held.waits());
}

TEST_CASE("a small stable write waits, an unstable one does not, its COMMIT does") {
  Held held;
  Tree& tree = held.tree;
  const NodeId f = tree.file_id(tree.root(), "f");
  held.hold();
  const auto unstable = must(tree.write(f, 0, "one", Stability::Unstable));
  CHECK(unstable.committed == Stability::Unstable);
  CHECK_FALSE(held.waits());
  CHECK(tree.attributes(f).size == 3);
  CHECK_FALSE(held.waits());
  must(tree.commit(f));
  CHECK(held.waits());
  held.kv.sync();
  must(tree.commit(f));
  CHECK_FALSE(held.waits());
  CHECK(must(tree.write(f, 0, "two", Stability::FileSync)).committed == Stability::FileSync);
  CHECK(held.waits());
}

TEST_CASE("a large unstable write records its size and times, which nobody waits for; COMMIT syncs the data") {
  Held held;
  Tree& tree = held.tree;
  const NodeId f = tree.file_id(tree.root(), "f");
  held.hold();
  for (const std::uint64_t offset : {0, 10'000}) {
    must(tree.write(f, offset, std::string(10'000, 'x'), Stability::Unstable));
    CHECK_FALSE(held.waits());
    CHECK(tree.kept == held.kv.last());
  }
  must(tree.getattr(f));
  CHECK_FALSE(held.waits());
  CHECK(held.stores->power_data.syncs == 0);
  must(tree.commit(f));
  CHECK(held.waits());
  CHECK(held.stores->power_data.syncs == 1);
  held.kv.sync();
  must(tree.commit(f));
  CHECK_FALSE(held.waits());
  CHECK(held.stores->power_data.syncs == 1);
}

TEST_CASE("on an asynchronous share nothing is synced before the answer, and soon after") {
  Held held;
  Tree& tree = held.tree;
  const NodeId f = tree.file_id(tree.root(), "f");
  held.hold();
  tree.async = true;
  tree.blocking = Blocking::Never;
  CHECK(must(tree.write(f, 0, std::string(10'000, 'x'), Stability::FileSync)).committed == Stability::FileSync);
  must(tree.write(f, 10'000, std::string(10'000, 'x'), Stability::Unstable));
  must(tree.commit(f));
  CHECK(held.stores->power_data.syncs == 0);
  tree.blocking = Blocking::Allowed;
  tree.maintain();
  CHECK(held.stores->power_data.syncs == 1);
  tree.maintain();
  CHECK(held.stores->power_data.syncs == 1);
}

TEST_CASE("a write that takes set-id bits away waits, whatever was asked for") {
  Held held;
  Tree& tree = held.tree;
  const NodeId f = tree.file_id(tree.root(), "f", 04777);
  must(tree.write(f, 0, std::string(10'000, 'x')));
  held.hold();
  tree.who = user(10, 20);
  must(tree.write(f, 0, "y", Stability::Unstable));
  CHECK(held.waits());
  CHECK(tree.attributes(f).mode == 0777);
}

TEST_CASE("a large stable write syncs the data before it records the size, and waits") {
  Held held;
  Tree& tree = held.tree;
  const NodeId f = tree.file_id(tree.root(), "f");
  held.hold();
  CHECK(must(tree.write(f, 0, std::string(10'000, 'x'), Stability::DataSync)).committed == Stability::FileSync);
  CHECK(held.waits());
  CHECK(held.stores->power_data.syncs == 1);
}

TEST_CASE("small contents move to an object only once they are durable there") {
  Held held;
  Tree& tree = held.tree;
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, std::string(4000, 'a')));
  held.hold();
  must(tree.write(f, 4000, std::string(4000, 'b'), Stability::Unstable));
  CHECK(held.stores->power_data.syncs == 1);
  CHECK_FALSE(held.waits());
  must(tree.commit(f));
  CHECK(held.waits());
}

TEST_CASE("an object is shrunk or removed only once the change that allows it is durable") {
  Held held;
  Tree& tree = held.tree;
  const NodeId f = tree.file_id(tree.root(), "f"), g = tree.file_id(tree.root(), "g"),
               h = tree.file_id(tree.root(), "h");
  for (const NodeId id : {f, g, h}) must(tree.write(id, 0, std::string(50'000, 'x')));
  held.hold();
  must(tree.truncate(f, 10'000));
  const Lsn shrunk = tree.token;
  must(tree.truncate(g, 0));
  must(tree.remove(tree.root(), "h"));
  CHECK(held.stores->power_data.destroyed.empty());
  CHECK(tree.contents(f) == std::string(10'000, 'x'));
  CHECK(held.kv.durable() < shrunk);
  SECTION("in the background") {
    tree.maintain();
    CHECK(held.kv.waited >= shrunk);
    CHECK(held.stores->power_data.destroyed.size() == 3);
  }
  SECTION("by the next write, which waits for it in the pool and does not on a loop") {
    tree.blocking = Blocking::Never;
    CHECK(error_of(tree.write(f, 20'000, "y", Stability::Unstable)) == "WouldBlock");
    CHECK(error_of(tree.truncate(f, 40'000)) == "WouldBlock");
    CHECK(held.stores->power_data.destroyed.empty());
    tree.blocking = Blocking::Allowed;
    must(tree.write(f, 20'000, "y", Stability::Unstable));
    CHECK(held.kv.durable() >= shrunk);
    CHECK(held.stores->power_data.destroyed.size() == 1);
    CHECK(tree.contents(f) == std::string(10'000, 'x') + std::string(10'000, '\0') + "y");
  }
  SECTION("a file cut to nothing is written anew without waiting") {
    must(tree.write(g, 0, "new", Stability::Unstable));
    must(tree.write(g, 0, std::string(10'000, 'n'), Stability::Unstable));
    CHECK(tree.contents(g) == std::string(10'000, 'n'));
  }
}

TEST_CASE("access times never make anybody wait") {
  Held held;
  Tree& tree = held.tree;
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, "x"));
  held.hold();
  tree.clock.advance_seconds(1);
  const Lsn before = held.kv.last();
  must(tree.read(f, 0, 1));
  must(tree.list(tree.root()));
  CHECK_FALSE(held.waits());
  CHECK(held.kv.last() == before);
  tree.maintain();
  CHECK(held.kv.last() > before);
  must(tree.getattr(f));
  CHECK_FALSE(held.waits());
}

TEST_CASE("the incarnation is durable before the file system is there, and the verifier is new with it") {
  Held held;
  const auto first = held.tree.fs->write_verifier();
  const auto incarnation = held.tree.fs->incarnation();
  held.hold();
  held.tree.reopen();
  CHECK(held.tree.fs->incarnation() == incarnation + 1);
  CHECK(held.tree.fs->write_verifier() != first);
  CHECK(held.kv.durable() == held.kv.last());
}

TEST_CASE("a failed sync changes the verifier and is told") {
  Held held;
  Tree& tree = held.tree;
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, std::string(10'000, 'x'), Stability::Unstable));
  const auto before = tree.fs->write_verifier();
  held.stores->power_data.failing_sync = Error::Io;
  CHECK(error_of(tree.commit(f)) == "Io");
  CHECK(tree.fs->write_verifier() != before);
  CHECK(error_of(tree.write(f, 0, std::string(10'000, 'x'), Stability::FileSync)) == "Io");
  held.stores->power_data.failing_sync.reset();
  must(tree.commit(f));
}

TEST_CASE("a write that failed half-way leaves no bytes behind the end") {
  Held held;
  Tree& tree = held.tree;
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, std::string(10'000, 'x')));
  held.stores->power_data.failing_write = Error::NoSpace;
  CHECK(error_of(tree.write(f, 10'000, std::string(10'000, '!'), Stability::Unstable)) == "NoSpace");
  held.stores->power_data.failing_write.reset();
  CHECK(tree.attributes(f).size == 10'000);
  must(tree.truncate(f, 30'000));
  CHECK(tree.contents(f) == std::string(10'000, 'x') + std::string(20'000, '\0'));
  tree.check_clean();
}

}  // namespace ditto::test
