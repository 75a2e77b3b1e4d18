// Checksums of objects: when quiet files get them, what takes them away and in which order, and that neither a crash
// nor a busy writer ever looks like rot.
#include "vfs/checksums.hpp"

#include <atomic>
#include <thread>

#include "power.hpp"
#include "tree.hpp"
#include "vfs/keys.hpp"
#include "vfs/records.hpp"

namespace ditto::test {

using namespace vfs;
using vfs::Stability;

namespace {

constexpr DittoFsOptions at_once{.verify_reads = true, .quiet_time = std::chrono::seconds(0)};

void transact(Tree& tree, FunctionRef<void(store::KvTransaction&)> body) {
  must(tree.stores->kv().transact([&](store::KvTransaction& kv) -> Result<void> { return body(kv), Result<void>(); },
                                  Blocking::Allowed));
}

store::ObjectId object_of(Tree& tree, NodeId id) {
  store::ObjectId object = 0;
  transact(tree, [&](store::KvTransaction& kv) { object = must(decode_inode(**kv.get(key::inode(id)), id)).object; });
  return object;
}

/// Groups of any object that have a record.
std::vector<std::uint64_t> groups(Tree& tree) {
  std::vector<std::uint64_t> found;
  transact(tree, [&](store::KvTransaction& kv) {
    must(kv.scan(Key(Tag::Checksums), key::end_of(Tag::Checksums), [&](Bytes bytes, Bytes) {
      std::uint64_t object = 0, group = 0;
      REQUIRE(key::parse_numbers(bytes, Tag::Checksums, object, group));
      return found.push_back(group), true;
    }));
  });
  return found;
}

bool listed(Tree& tree, NodeId id) {
  bool found = false;
  transact(tree, [&](store::KvTransaction& kv) { found = must(kv.get(key::unverified(id))).has_value(); });
  return found;
}

CheckSummary summary_of(Tree& tree) {
  CheckSummary summary;
  for (const std::string& line : tree.problems(false, &summary)) UNSCOPED_INFO(line);
  REQUIRE(summary.problems + summary.leftovers == 0);
  return summary;
}

/// The disk changes one bit of an object.
void rot(Tree& tree, NodeId id, std::uint64_t offset) {
  std::byte byte{};
  store::DataStore& data = tree.stores->data();
  must(data.read(object_of(tree, id), offset, MutableBytes(&byte, 1), Blocking::Allowed));
  byte ^= std::byte{1};
  must(data.write(object_of(tree, id), offset, BufferChain(Buffer::copy_of(Bytes(&byte, 1))), Blocking::Allowed));
}

struct Verified {
  Tree tree;
  NodeId id = tree.file_id(tree.root(), "file");

  explicit Verified(Engine engine = Engine::Memory, const DittoFsOptions& options = at_once) : tree(engine, options) {}
  explicit Verified(std::unique_ptr<Stores> stores) : tree(std::move(stores), at_once) {}
  void write(std::uint64_t offset, std::string_view text) { must(tree.write(id, offset, text, Stability::FileSync)); }
  /// All of it is verified.
  void settle() {
    for (int runs = 0; listed(tree, id); ++runs) {
      REQUIRE(runs < 20);
      tree.maintain();
    }
    REQUIRE(summary_of(tree).unverified_bytes == 0);
  }
};

/// A file of so many x, all of it verified and durable, on stores whose disk the test holds in its hands.
struct VerifiedOnPower : Verified {
  explicit VerifiedOnPower(std::size_t size_bytes) : VerifiedOnPower(std::make_unique<PowerStores>()) {
    write(0, std::string(size_bytes, 'x'));
    settle();
  }
  PowerStores& stores;

 private:
  explicit VerifiedOnPower(std::unique_ptr<PowerStores> owned) : VerifiedOnPower{*owned, std::move(owned)} {}
  VerifiedOnPower(PowerStores& power, std::unique_ptr<Stores> owned) : Verified(std::move(owned)), stores(power) {}
};

}  // namespace

TEST_CASE("a record of checksums says what it covers, and no other bytes are taken for those") {
  const std::string text(chunk_bytes + 100, 'x');
  GroupChecksums sums{.change = 7};
  sums.cover(0, bytes_of(text).first(chunk_bytes));
  sums.cover(1, bytes_of(text).subspan(chunk_bytes));
  CHECK(sums.covered == chunk_bytes + 100);
  CHECK(sums.count() == 2);
  CHECK(sums.covered_of(1) == 100);
  CHECK(sums.covered_of(2) == 0);
  CHECK(sums.match(1, bytes_of(text).first(chunk_bytes)));
  CHECK_FALSE(sums.match(1, bytes_of(std::string(100, 'y'))));
  CHECK(sums.match(1, bytes_of(std::string(99, 'y'))));
  CHECK(sums.match(2, bytes_of(text)));
  CHECK(damage_of(7, chunk_bytes, 2 * chunk_bytes) == "inode 7: bytes 65536 to 131071 are not what was written");
}

TEST_CASE("contents get checksums once nobody has written to them for a while") {
  Verified file(ANY_ENGINE, {.quiet_time = std::chrono::seconds(30)});
  file.write(0, std::string(100'000, 'x'));
  CHECK(listed(file.tree, file.id));
  for (int i = 0; i < 3; ++i) {
    file.tree.clock.advance_seconds(29);
    file.tree.maintain();
    CHECK(summary_of(file.tree).unverified_bytes == 100'000);
    file.write(50'000, "y");
  }
  file.tree.clock.advance_seconds(30);
  file.tree.maintain();
  CHECK(summary_of(file.tree).verified_bytes == 100'000);
  CHECK(summary_of(file.tree).unverified_bytes == 0);
  CHECK_FALSE(listed(file.tree, file.id));
  file.tree.reopen();
  CHECK(summary_of(file.tree).verified_bytes == 100'000);
}

TEST_CASE("files that were written before a restart are verified after it; small ones are none of this") {
  Verified file(ANY_ENGINE);
  const NodeId small = file.tree.file_id(file.tree.root(), "small");
  must(file.tree.write(small, 0, "inline"));
  file.write(0, std::string(4000, 'x'));
  CHECK_FALSE(listed(file.tree, file.id));
  SECTION("by a write") { file.write(4000, std::string(4000, 'x')); }
  SECTION("by what moves its contents") { must(file.tree.truncate(file.id, 8000)); }
  CHECK_FALSE(listed(file.tree, small));
  file.tree.reopen();
  file.settle();
  CHECK(summary_of(file.tree).verified_bytes == 8000);
}

TEST_CASE("groups without data get no checksums and hide none") {
  Verified file(ANY_ENGINE);
  file.write(2 * group_bytes + 5, "data");
  must(file.tree.truncate(file.id, 1000 * group_bytes));
  file.settle();
  CHECK(groups(file.tree) == std::vector<std::uint64_t>{2});
  file.write(0, std::string(5000, 'x'));
  CHECK(groups(file.tree) == std::vector<std::uint64_t>{2});
  file.settle();
  CHECK(groups(file.tree) == std::vector<std::uint64_t>{0, 2});
  CHECK(text_of(must(file.tree.read(file.id, 2 * group_bytes, 10)).data) == "\0\0\0\0\0data\0"sv);
}

TEST_CASE("a write takes away the checksums of the groups that it touches and no others") {
  Verified file(ANY_ENGINE);
  for (std::uint64_t group = 0; group < 4; ++group) file.write(group * group_bytes, std::string(5000, 'x'));
  file.settle();
  CHECK(groups(file.tree).size() == 4);
  file.write(2 * group_bytes - 10, std::string(20, 'y'));
  CHECK(groups(file.tree) == std::vector<std::uint64_t>{0, 3});
  CHECK(listed(file.tree, file.id));
  file.write(10, "y");
  CHECK(groups(file.tree) == std::vector<std::uint64_t>{3});
  file.settle();
  CHECK(groups(file.tree).size() == 4);
}

TEST_CASE("the checksums are gone, durably, before the bytes change; a loop is not what waits for it") {
  VerifiedOnPower file(100'000);
  PowerStores& stores = file.stores;
  stores.power_kv.holding = true;
  file.tree.blocking = Blocking::Never;
  CHECK(error_of(file.tree.write(file.id, 0, "y", Stability::Unstable)) == "WouldBlock");
  CHECK(groups(file.tree).size() == 1);
  // The write itself fails: what is durable then was so before.
  stores.power_data.failing_write = Error::Io;
  file.tree.blocking = Blocking::Allowed;
  CHECK(error_of(file.tree.write(file.id, 0, "yy", Stability::Unstable)) == "Io");
  stores.power_kv.take_back(Error::Io);
  CHECK(groups(file.tree).empty());
  CHECK(listed(file.tree, file.id));
  // Half of it is there.
  stores.power_data.failing_write.reset();
  CHECK(text_of(must(file.tree.read(file.id, 0, 3)).data) == "yxx");
  stores.power_kv.holding = false;
  file.settle();
}

TEST_CASE("a second write waits too while what the first one took away is not durable") {
  VerifiedOnPower file(100'000);
  PowerStores& stores = file.stores;
  stores.power_kv.holding = true;
  stores.power_kv.failing_wait = Error::Io;
  CHECK(error_of(file.tree.write(file.id, 0, "y", Stability::Unstable)) == "Io");
  CHECK(groups(file.tree).empty());
  file.tree.blocking = Blocking::Never;
  CHECK(error_of(file.tree.write(file.id, 1, "z", Stability::Unstable)) == "WouldBlock");
  stores.power_kv.sync();
  must(file.tree.write(file.id, 1, "z", Stability::Unstable));
  file.tree.blocking = Blocking::Allowed;
  CHECK(file.tree.contents(file.id).starts_with("xzx"));
  stores.power_kv.failing_wait.reset();
  stores.power_kv.holding = false;
}

TEST_CASE("growing takes no checksums away: a write behind it waits until they are gone, durably") {
  VerifiedOnPower file(5000);
  PowerStores& stores = file.stores;
  stores.power_kv.holding = true;
  must(file.tree.truncate(file.id, 9000));
  CHECK(groups(file.tree).size() == 1);
  file.tree.blocking = Blocking::Never;
  CHECK(error_of(file.tree.write(file.id, 0, "y", Stability::Unstable)) == "WouldBlock");
  CHECK(file.tree.contents(file.id).starts_with("xxx"));
  file.tree.blocking = Blocking::Allowed;
  stores.power_kv.holding = false;
}

TEST_CASE("where they cannot be taken away nothing is written") {
  VerifiedOnPower file(100'000);
  PowerStores& stores = file.stores;
  stores.power_kv.failing = Error::NoSpace;
  CHECK(error_of(file.tree.write(file.id, 0, "y", Stability::Unstable)) == "NoSpace");
  stores.power_kv.failing.reset();
  CHECK(summary_of(file.tree).verified_bytes == 100'000);
  CHECK(file.tree.contents(file.id) == std::string(100'000, 'x'));
}

TEST_CASE("nor does a write take them away that is not permitted") {
  Verified file;
  file.write(0, std::string(100'000, 'x'));
  file.settle();
  file.tree.who = user(1, 1);
  CHECK(error_of(file.tree.write(file.id, 0, "y")) == "AccessDenied");
  CHECK(groups(file.tree).size() == 1);
}

TEST_CASE("appending leaves what is verified as it is, never waits, and is verified in its turn") {
  Verified file;
  file.write(0, std::string(100'000, 'x'));
  file.settle();
  file.tree.blocking = Blocking::Never;
  must(file.tree.write(file.id, 100'000, std::string(50'000, 'y'), Stability::Unstable));
  must(file.tree.write(file.id, 160'000, std::string(10, 'y'), Stability::Unstable));
  file.tree.blocking = Blocking::Allowed;
  CHECK(groups(file.tree).size() == 1);
  CHECK(summary_of(file.tree).verified_bytes == 100'000);
  file.settle();
  CHECK(summary_of(file.tree).verified_bytes == 160'010);
}

TEST_CASE("new checksums never speak for what rotted under the old ones") {
  Verified file;
  file.write(0, std::string(100'000, 'x'));
  file.settle();
  rot(file.tree, file.id, 99'999);
  file.write(100'000, std::string(50'000, 'y'));
  file.tree.maintain();
  const std::string told = damage_of(file.id.inode, chunk_bytes, 100'000);
  CHECK(file.tree.log.count(LogLevel::Error, damage_of(file.id.inode, chunk_bytes, 2 * chunk_bytes)) == 1);
  CHECK(file.tree.problems() == std::vector<std::string>{told});
  CHECK(error_of(file.tree.read(file.id, 99'999, 1)) == "Corrupt");
}

TEST_CASE("cutting and growing: what was cut off is not spoken for, what stays is, and nothing is left behind") {
  Verified file(ANY_ENGINE);
  for (std::uint64_t group = 0; group < 3; ++group) file.write(group * group_bytes, std::string(5000, 'x'));
  file.settle();
  SECTION("inside of a group") {
    must(file.tree.truncate(file.id, group_bytes + 100));
    CHECK(groups(file.tree) == std::vector<std::uint64_t>{0});
    summary_of(file.tree);
    must(file.tree.truncate(file.id, 3 * group_bytes));
    summary_of(file.tree);
    file.settle();
    CHECK(groups(file.tree) == std::vector<std::uint64_t>{0, 1});
  }
  SECTION("between groups") {
    must(file.tree.truncate(file.id, 2 * group_bytes));
    CHECK(groups(file.tree) == std::vector<std::uint64_t>{0, 1});
    file.settle();
    CHECK(groups(file.tree) == std::vector<std::uint64_t>{0, 1});
  }
  SECTION("growing") {
    must(file.tree.truncate(file.id, 3 * group_bytes + 1));
    CHECK(groups(file.tree).size() == 3);
    file.write(3 * group_bytes, "x");
    file.settle();
    CHECK(groups(file.tree).size() == 4);
  }
  SECTION("to nothing") {
    must(file.tree.truncate(file.id, 0));
    CHECK_FALSE(listed(file.tree, file.id));
    summary_of(file.tree);
    file.write(0, std::string(5000, 'y'));
    file.settle();
    CHECK(groups(file.tree).size() == 1);
  }
  SECTION("removed, or replaced by a rename") {
    if (GENERATE(true, false)) {
      must(file.tree.remove(file.tree.root(), "file"));
    } else {
      file.tree.file_id(file.tree.root(), "other");
      must(file.tree.rename(file.tree.root(), "other", file.tree.root(), "file"));
    }
    summary_of(file.tree);
    file.tree.maintain();
    CHECK(groups(file.tree).empty());
  }
  file.tree.reopen();
  summary_of(file.tree);
}

TEST_CASE("a file that is renamed and linked keeps its checksums") {
  Verified file;
  file.write(0, std::string(5000, 'x'));
  file.settle();
  must(file.tree.rename(file.tree.root(), "file", file.tree.root(), "moved"));
  must(file.tree.link(file.id, file.tree.root(), "again"));
  must(file.tree.setattr(file.id, {.mode = 0600}));
  CHECK(summary_of(file.tree).verified_bytes == 5000);
  CHECK_FALSE(listed(file.tree, file.id));
}

TEST_CASE("a huge file is cut at once; records that stay behind count for nothing and go before others come") {
  Verified file;
  constexpr std::uint64_t many = 300;
  file.write(0, std::string(5000, 'x'));
  file.settle();
  // As if the file had data everywhere, and checksums that nothing fits.
  const store::ObjectId object = object_of(file.tree, file.id);
  must(file.tree.truncate(file.id, many * group_bytes));
  file.tree.fs.reset();
  transact(file.tree, [&](store::KvTransaction& kv) {
    InodeRecord record = must(decode_inode(**kv.get(key::inode(file.id)), file.id));
    record.checksum_groups = many;
    kv.put(key::inode(file.id), encode(record));
    GroupChecksums wrong{.covered = group_bytes};
    for (std::uint64_t group = 1; group < many; ++group) kv.put(key::checksums(object, group), encode(wrong));
  });
  file.tree.reopen();
  SECTION("by cutting it") {
    must(file.tree.truncate(file.id, 6000));
    CHECK_FALSE(groups(file.tree).empty());
    summary_of(file.tree);
    must(file.tree.truncate(file.id, many * group_bytes));
    file.write(200 * group_bytes, std::string(100, 'x'));
    CHECK(text_of(must(file.tree.read(file.id, 200 * group_bytes, 200)).data) ==
          std::string(100, 'x') + std::string(100, '\0'));
    file.settle();
    CHECK(groups(file.tree) == std::vector<std::uint64_t>{0, 200});
  }
  SECTION("by removing it") {
    must(file.tree.remove(file.tree.root(), "file"));
    file.tree.maintain();
    CHECK(groups(file.tree).empty());
    summary_of(file.tree);
  }
  SECTION("by cutting it to nothing") {
    must(file.tree.truncate(file.id, 0));
    file.tree.maintain();
    CHECK(groups(file.tree).empty());
    summary_of(file.tree);
  }
}

TEST_CASE("a record of checksums that cannot be read stands in nobody's way") {
  Verified file;
  file.write(0, std::string(100'000, 'x'));
  file.settle();
  const Key key = key::checksums(object_of(file.tree, file.id), 0);
  transact(file.tree, [&](store::KvTransaction& kv) { kv.put(key, bytes_of("?")); });
  CHECK(file.tree.contents(file.id) == std::string(100'000, 'x'));
  SECTION("repair takes it away") {
    CHECK(file.tree.problems(true).size() == 1);
    summary_of(file.tree);
  }
  SECTION("a write takes it away") {
    file.write(0, "y");
    CHECK(groups(file.tree).empty());
    file.settle();
  }
}

TEST_CASE("checksums and notes of what is gone are leftovers that a repair removes") {
  Verified file;
  file.write(0, std::string(100'000, 'x'));
  file.settle();
  const GroupChecksums any{.covered = 100};
  const auto plant = GENERATE(key::checksums(4711, 0), key::unverified({0, 4711}), key::unverified({0, 1}));
  transact(file.tree, [&](store::KvTransaction& kv) { kv.put(plant, encode(any)); });
  CheckSummary summary;
  CHECK(file.tree.problems(false, &summary).size() == 1);
  CHECK(summary.leftovers == 1);
  file.tree.problems(true);
  summary_of(file.tree);
}

TEST_CASE("checksums that do not count any more, and such beyond the end, are told and removed") {
  Verified file;
  file.write(0, std::string(100'000, 'x'));
  file.settle();
  const store::ObjectId object = object_of(file.tree, file.id);
  transact(file.tree, [&](store::KvTransaction& kv) {
    kv.put(key::checksums(object, 0), encode(GroupChecksums{.covered = 100'001}));
    kv.put(key::checksums(object, 7), encode(GroupChecksums{.covered = 100}));
  });
  CheckSummary summary;
  file.tree.problems(true, &summary);
  CHECK(summary.leftovers == 1);
  CHECK(summary.problems == 1);
  CHECK(groups(file.tree).empty());
}

}  // namespace ditto::test
