// How the Verifier goes about it: a little at a time, over several runs, without getting in anybody's way.
#include "vfs/ditto/verifier.hpp"

#include "tree.hpp"
#include "vfs/checksums.hpp"

namespace ditto::test {

using namespace vfs;

namespace {

/// Each look at it takes so long that a run does one thing only.
class SlowClock final : public Clock {
 public:
  Timestamp now() const noexcept override { return {1'700'000'000, 0}; }
  std::uint64_t monotonic_ns() const noexcept override { return now_ns_ += 300'000'000; }

 private:
  mutable std::atomic<std::uint64_t> now_ns_{0};
};

struct Slow {
  SlowClock clock;
  Tree tree;
  NodeId id = tree.file_id(tree.root(), "file");

  explicit Slow(std::size_t nodes_in_memory = 65536) {
    for (std::uint64_t group = 0; group < 5; ++group) write(group * group_bytes, std::string(5000, 'x'));
    tree.fs.reset();
    auto opened = DittoFs::open(tree.stores->kv(), tree.stores->data(), clock, tree.random, tree.log,
                                {.nodes_in_memory = nodes_in_memory,
                                 .quiet_time = std::chrono::seconds(0),
                                 .inline_limit = Tree::inline_limit});
    REQUIRE(opened.has_value());
    tree.fs = std::move(*opened);
  }
  void write(std::uint64_t offset, std::string_view text) { must(tree.write(id, offset, text)); }
  CheckSummary summary() {
    CheckSummary found;
    CHECK(tree.problems(false, &found).empty());
    return found;
  }
  int runs_until_verified() {
    for (int runs = 0; runs < 100; ++runs) {
      if (summary().unverified_bytes == 0) return runs;
      tree.maintain();
    }
    return -1;
  }
};

}  // namespace

TEST_CASE("a file takes as many runs as it needs") {
  Slow slow;
  // One to find it, one to begin it, and one for each group.
  CHECK(slow.runs_until_verified() == 7);
}

TEST_CASE("a write in the middle ends it; what was verified stays, the rest is taken up again") {
  Slow slow;
  for (int i = 0; i < 5; ++i) slow.tree.maintain();
  const auto before = slow.summary();
  CHECK(before.verified_bytes == 3 * group_bytes);
  slow.write(4 * group_bytes + 10, "y");
  CHECK(slow.summary().verified_bytes == before.verified_bytes);
  slow.tree.maintain();
  CHECK(slow.summary().verified_bytes == before.verified_bytes);
  CHECK(slow.runs_until_verified() > 0);
}

TEST_CASE("a file that is removed in the middle goes like any other, and one that is cut is looked at anew") {
  Slow slow;
  for (int i = 0; i < 5; ++i) slow.tree.maintain();
  SECTION("removed") { must(slow.tree.remove(slow.tree.root(), "file")); }
  SECTION("cut to nothing") { must(slow.tree.truncate(slow.id, 0)); }
  SECTION("cut") { must(slow.tree.truncate(slow.id, group_bytes + 1)); }
  slow.summary();
  CHECK(slow.runs_until_verified() >= 0);
  for (int i = 0; i < 3; ++i) slow.tree.maintain();
  slow.summary();
  std::size_t objects = 0;
  must(slow.tree.stores->data().for_each([&](store::ObjectId, std::uint64_t) { return ++objects, true; }));
  CHECK(objects == (slow.tree.getattr(slow.id) && slow.tree.attributes(slow.id).size != 0 ? 1 : 0));
}

TEST_CASE("the file system closes in the middle of it") {
  Slow slow;
  for (int i = 0; i < 5; ++i) slow.tree.maintain();
  slow.tree.reopen();
  slow.tree.check_clean();
}

TEST_CASE("many files are verified in the order of the list, those that are not quiet left out") {
  Tree tree(Engine::Memory, {.nodes_in_memory = 64, .quiet_time = std::chrono::seconds(30)});
  std::vector<NodeId> ids;
  for (int i = 0; i < 500; ++i) {
    ids.push_back(tree.file_id(tree.root(), std::to_string(i)));
    must(tree.write(ids.back(), 0, std::string(5000, 'x')));
  }
  tree.clock.advance_seconds(30);
  for (int i = 0; i < 500; i += 100) must(tree.write(ids[static_cast<std::size_t>(i)], 0, "y"));
  tree.maintain();
  CheckSummary summary;
  CHECK(tree.problems(false, &summary).empty());
  CHECK(summary.verified_bytes == 495 * 5000);
  tree.clock.advance_seconds(30);
  tree.maintain();
  CHECK(tree.problems(false, &summary).empty());
  CHECK(summary.verified_bytes == 500 * 5000);
}

}  // namespace ditto::test
