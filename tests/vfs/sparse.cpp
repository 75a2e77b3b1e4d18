// Holes and room: what is found, what is punched and reserved, what it waits for, and what a crash leaves of it.
#include "power.hpp"
#include "support/seeds.hpp"
#include "tree.hpp"
#include "vfs/checksums.hpp"

namespace ditto::test {

using vfs::Content;
using vfs::Stability;

namespace {

constexpr std::uint64_t page = store::MemoryData::page_bytes;

Result<vfs::Sought> seek(Tree& tree, NodeId id, std::uint64_t offset, Content what) {
  return tree.on(id, [&](Context& context, vfs::Node& node) { return tree.fs->seek(context, node, offset, what); });
}
Result<vfs::Change> allocate(Tree& tree, NodeId id, std::uint64_t offset, std::uint64_t length) {
  return tree.on(id,
                 [&](Context& context, vfs::Node& node) { return tree.fs->allocate(context, node, offset, length); });
}
Result<vfs::Change> deallocate(Tree& tree, NodeId id, std::uint64_t offset, std::uint64_t length) {
  return tree.on(id,
                 [&](Context& context, vfs::Node& node) { return tree.fs->deallocate(context, node, offset, length); });
}

std::string punched(std::string text, std::uint64_t from, std::uint64_t to) {
  std::fill(text.begin() + static_cast<std::ptrdiff_t>(from), text.begin() + static_cast<std::ptrdiff_t>(to), '\0');
  return text;
}

struct Power {
  Power() : stores(new PowerStores), tree(std::unique_ptr<Stores>(stores)) {}
  PowerStores* stores;
  Tree tree;
  PowerKv& kv = stores->power_kv;
  PowerData& data = stores->power_data;
};

}  // namespace

TEST_CASE("a punched range reads as zeros, gives its room back, and is found as a hole") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  const std::string text(5 * page, 'x');
  must(tree.write(f, 0, text));
  const Attributes before = tree.attributes(f);
  const vfs::Change change = must(deallocate(tree, f, page, 2 * page));
  CHECK(change.before.change == before.change);
  CHECK(change.after.change > before.change);
  CHECK(tree.contents(f) == punched(text, page, 3 * page));
  const Attributes after = tree.attributes(f);
  CHECK(after.change == change.after.change);
  CHECK(after.size == text.size());
  CHECK(after.space_used < before.space_used);
  CHECK(must(seek(tree, f, 0, Content::Hole)).offset == page);
  CHECK(must(seek(tree, f, page, Content::Data)).offset == 3 * page);
  CHECK(must(seek(tree, f, 3 * page, Content::Hole)).at_end);
  tree.reopen();
  CHECK(tree.contents(f) == punched(text, page, 3 * page));
  tree.check_clean();
}

TEST_CASE("what is not a whole block, and what is kept inline, is zeroed") {
  Tree tree(ANY_ENGINE);
  const NodeId small = tree.file_id(tree.root(), "small"), large = tree.file_id(tree.root(), "large");
  for (const auto& [id, size] : {std::pair{small, std::size_t{3000}}, {large, std::size_t{200'000}}}) {
    const std::string text(size, 'x');
    must(tree.write(id, 0, text));
    must(deallocate(tree, id, 100, 50));
    CHECK(tree.contents(id) == punched(text, 100, 150));
    must(deallocate(tree, id, size - 10, ~std::uint64_t{0}));
    CHECK(tree.contents(id) == punched(punched(text, 100, 150), size - 10, size));
    const std::uint64_t change = tree.attributes(id).change;
    must(deallocate(tree, id, size, 1));
    CHECK(tree.attributes(id).change == change);
    CHECK(error_of(deallocate(tree, id, 0, 0)) == "InvalidArgument");
  }
  CHECK(tree.attributes(small).space_used == 3000);
  tree.check_clean();
}

TEST_CASE("holes are found where an object ends before its file, and never behind the end of the file") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, std::string(page, 'x')));
  must(tree.truncate(f, 4 * page));
  CHECK(must(seek(tree, f, 10, Content::Hole)).offset == page);
  CHECK(must(seek(tree, f, 2 * page, Content::Hole)).offset == 2 * page);
  const vfs::Sought none = must(seek(tree, f, 2 * page, Content::Data));
  CHECK(none.at_end);
  CHECK(none.offset == 4 * page);
  must(tree.truncate(f, page - 10));
  CHECK(must(seek(tree, f, 0, Content::Hole)).offset == page - 10);
  CHECK(must(seek(tree, f, page, Content::Data)).offset == page - 10);
}

TEST_CASE("room is reserved, the file grows to it, and bytes stay") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, "0123456789"));
  must(allocate(tree, f, 4, 2));
  CHECK(tree.contents(f) == "0123456789");
  CHECK(tree.attributes(f).space_used >= 4096);
  const std::uint64_t change = tree.attributes(f).change;
  must(allocate(tree, f, 8, 100'000));
  CHECK(tree.attributes(f).change > change);
  CHECK(tree.contents(f) == "0123456789" + std::string(99'998, '\0'));
  CHECK(tree.attributes(f).space_used >= 100'008);
  must(tree.truncate(f, 5));
  must(allocate(tree, f, 0, 20));
  CHECK(tree.contents(f) == "01234" + std::string(15, '\0'));
  CHECK(error_of(allocate(tree, f, 0, 0)) == "InvalidArgument");
  CHECK(error_of(allocate(tree, f, 1, ~std::uint64_t{0})) == "FileTooBig");
  CHECK(error_of(allocate(tree, f, 0, std::uint64_t{1} << 60)) == "NoSpace");
  CHECK(tree.contents(f).size() == 20);
  tree.reopen();
  CHECK(tree.contents(f) == "01234" + std::string(15, '\0'));
  tree.check_clean();
}

TEST_CASE("holes and room are for regular files and for whoever may write or read them") {
  Tree tree;
  const NodeId d = tree.directory_id(tree.root(), "d"), f = tree.file_id(tree.root(), "f", 0640),
               l = must(tree.make_symlink(tree.root(), "l", "f")).node.id;
  CHECK(error_of(deallocate(tree, d, 0, 1)) == "IsDirectory");
  CHECK(error_of(allocate(tree, d, 0, 1)) == "IsDirectory");
  CHECK(error_of(seek(tree, d, 0, Content::Data)) == "IsDirectory");
  CHECK(error_of(deallocate(tree, l, 0, 1)) == "InvalidArgument");
  CHECK(error_of(allocate(tree, l, 0, 1)) == "InvalidArgument");
  CHECK(error_of(seek(tree, l, 0, Content::Data)) == "InvalidArgument");
  must(tree.write(f, 0, std::string(10'000, 'x')));
  tree.who = user(1000, 1000);
  CHECK(error_of(deallocate(tree, f, 0, 1)) == "AccessDenied");
  CHECK(error_of(allocate(tree, f, 0, 1)) == "AccessDenied");
  CHECK(error_of(seek(tree, f, 0, Content::Data)) == "AccessDenied");
  tree.who = Credential::root();
  CHECK(tree.contents(f) == std::string(10'000, 'x'));
}

TEST_CASE("set-id bits go with a hole and with room, unless root makes them") {
  Tree tree;
  const NodeId f = tree.file_id(tree.root(), "f", 06777);
  must(tree.write(f, 0, std::string(10'000, 'x')));
  must(deallocate(tree, f, 0, 10));
  must(allocate(tree, f, 0, 10));
  CHECK(tree.attributes(f).mode == 06777);
  tree.who = user(1000, 1000);
  SECTION("deallocate") { must(deallocate(tree, f, 0, 10)); }
  SECTION("allocate") { must(allocate(tree, f, 0, 10)); }
  CHECK(tree.attributes(f).mode == 0777);
}

TEST_CASE("an object is punched in the pool, and only once it is durable that the file is another one") {
  Power power;
  Tree& tree = power.tree;
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, std::string(50'000, 'x')));
  power.kv.holding = true;
  tree.blocking = Blocking::Never;
  CHECK(error_of(deallocate(tree, f, 0, 1000)) == "WouldBlock");
  CHECK(error_of(allocate(tree, f, 0, 1000)) == "WouldBlock");
  tree.blocking = Blocking::Allowed;
  SECTION("it is done when it can be") {
    const Lsn before = power.kv.last();
    must(deallocate(tree, f, 0, 1000));
    CHECK(power.data.destroyed.size() == 1);
    CHECK(power.kv.waited > before);
    CHECK(power.kv.durable() < tree.token);  // the answer waits, too
    power.kv.sync();
    CHECK(tree.contents(f) == std::string(1000, '\0') + std::string(49'000, 'x'));
  }
  SECTION("nothing is lost when it cannot become so") {
    power.kv.failing_wait = Error::Io;
    CHECK(error_of(deallocate(tree, f, 0, 1000)) == "Io");
    CHECK(power.data.destroyed.empty());
    power.kv.take_back(Error::Io);
    power.kv.failing_wait.reset();
    CHECK(tree.contents(f) == std::string(50'000, 'x'));
  }
}

TEST_CASE("who reads while an object is punched never gets old bytes under the new change counter") {
  Power power;
  Tree& tree = power.tree;
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, std::string(50'000, 'x')));
  const std::uint64_t before = tree.attributes(f).change;
  std::uint64_t meanwhile = 0;
  power.data.before_punch = [&] { meanwhile = tree.attributes(f).change; };
  must(deallocate(tree, f, 0, 1000));
  CHECK(meanwhile == before);
  CHECK(tree.attributes(f).change > before);
}

TEST_CASE("a hole that was answered is there after the power went, and nobody else's bytes are gone") {
  for_each_seed(200, [](std::uint64_t seed) {
    SeededRandom random(seed);
    Power power;
    Tree& tree = power.tree;
    const NodeId f = tree.file_id(tree.root(), "f");
    std::string text(60'000, 'x');
    must(tree.write(f, 0, text));
    for (int i = 0; i < 5; ++i) {
      const std::uint64_t from = random.below(text.size()), length = 1 + random.below(30'000);
      if (random.below(2) == 0) {
        must(deallocate(tree, f, from, length));
        text = punched(text, from, std::min<std::uint64_t>(text.size(), from + length));
      } else {
        must(tree.write(f, from, std::string(length, static_cast<char>('a' + i))));
        text.resize(std::max<std::size_t>(text.size(), from + length), '\0');
        std::fill_n(text.begin() + static_cast<std::ptrdiff_t>(from), length, static_cast<char>('a' + i));
      }
    }
    power.kv.sync();
    power.data.cut_power(random);
    tree.reopen();
    CHECK(tree.contents(f) == text);
    tree.check_clean();
  });
}

TEST_CASE("checksums of a hole go before it does, and those beside it stay") {
  Tree tree(Engine::Memory, {.verify_reads = true, .quiet_time = std::chrono::seconds(1)});
  const NodeId f = tree.file_id(tree.root(), "f");
  const std::string text(3 * vfs::group_bytes, 'x');
  must(tree.write(f, 0, text));
  const auto verified_bytes = [&] {
    vfs::CheckSummary found;
    CHECK(tree.problems(false, &found).empty());
    return found.verified_bytes;
  };
  const auto verify = [&] {
    for (int runs = 0; runs < 100 && verified_bytes() != text.size(); ++runs) {
      tree.clock.advance_seconds(60);
      tree.maintain();
    }
    REQUIRE(verified_bytes() == text.size());
  };
  verify();
  must(deallocate(tree, f, vfs::group_bytes + 10, 100));
  CHECK(verified_bytes() == 2 * vfs::group_bytes);
  CHECK(tree.contents(f) == punched(text, vfs::group_bytes + 10, vfs::group_bytes + 110));
  must(deallocate(tree, f, 0, text.size()));
  CHECK(verified_bytes() == 0);
  CHECK(tree.contents(f) == std::string(text.size(), '\0'));
  must(tree.write(f, 0, text));
  verify();
}

}  // namespace ditto::test
