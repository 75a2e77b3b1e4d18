// How a store is opened: again, from another version, broken.
#include "power.hpp"
#include "tree.hpp"

namespace ditto::test {

namespace {

std::string open_error(Tree& tree) {
  auto opened = vfs::DittoFs::open(tree.stores->kv(), tree.stores->data(), tree.clock, tree.random, null_log());
  return opened ? "success" : opened.error();
}

void put(Tree& tree, Bytes key, Bytes value) {
  must(tree.stores->kv().transact(
      [&](store::KvTransaction& kv) -> Result<void> {
        kv.put(key, value);
        return {};
      },
      Blocking::Allowed));
}

}  // namespace

TEST_CASE("a store of another format is refused with both versions, and not written to") {
  Tree tree(ANY_ENGINE);
  tree.fs.reset();
  vfs::HeaderRecord header;
  header.format_version = 999;
  put(tree, vfs::key::header(), encode(header));
  CHECK(open_error(tree) == "The store has format version 999; this program knows version 2.");
}

TEST_CASE("a store of an older format is taken over, and older programs are kept from it") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  tree.fs.reset();
  const auto format = [&] {
    std::uint32_t version = 0;
    must(tree.stores->kv().view(
        [&](store::KvReader& reader) -> Result<void> {
          version = must(vfs::decode_header(**reader.get(vfs::key::header()))).format_version;
          return {};
        },
        Blocking::Allowed));
    return version;
  };
  REQUIRE(format() == 2);
  vfs::HeaderRecord header;
  must(tree.stores->kv().view(
      [&](store::KvReader& reader) -> Result<void> {
        header = must(vfs::decode_header(**reader.get(vfs::key::header())));
        return {};
      },
      Blocking::Allowed));
  header.format_version = 1;
  put(tree, vfs::key::header(), encode(header));
  tree.reopen();
  CHECK(format() == 2);
  CHECK(tree.look_id(tree.root(), "f") == f);
  tree.check_clean();
}

TEST_CASE("a store with another case folding is refused") {
  Tree tree(ANY_ENGINE);
  tree.fs.reset();
  put(tree, vfs::key::header(), encode(vfs::HeaderRecord{.folding_version = 7, .store_id = 1, .root = 1}));
  CHECK(open_error(tree) == "The store has case folding version 7; this program knows version 1.");
}

TEST_CASE("a broken header is an error with words") {
  Tree tree(ANY_ENGINE);
  tree.fs.reset();
  put(tree, vfs::key::header(), bytes_of("?"));
  CHECK(open_error(tree) == "The store's header cannot be read or written: Corrupt.");
}

TEST_CASE("a store that cannot be written is an error with words") {
  auto stores = std::make_unique<PowerStores>();
  PowerKv& kv = stores->power_kv;
  Tree tree(std::move(stores));
  tree.fs.reset();
  kv.failing = Error::ReadOnly;
  CHECK(open_error(tree) == "The store's header cannot be read or written: ReadOnly.");
}

TEST_CASE("opening takes a bounded number of transactions, however many files there are") {
  auto stores = std::make_unique<PowerStores>();
  PowerKv& kv = stores->power_kv;
  Tree tree(std::move(stores));
  for (int i = 0; i < 500; ++i) {
    const NodeId f = tree.file_id(tree.root(), std::to_string(i));
    if (i % 2) continue;
    must(tree.write(f, 5000, "x"));
    must(tree.remove(tree.root(), std::to_string(i)));
  }
  tree.fs.reset();
  const Lsn before = kv.last();
  tree.reopen();
  CHECK(kv.last() - before <= 2);
}

TEST_CASE("more nodes than the table keeps come and go, and lose nothing") {
  Tree tree(ANY_ENGINE, {.nodes_in_memory = 64});
  const NodeId d = tree.directory_id(tree.root(), "d");
  std::vector<NodeId> files;
  for (int i = 0; i < 1000; ++i) {
    files.push_back(tree.file_id(d, std::to_string(i)));
    must(tree.write(files.back(), 0, std::to_string(i), vfs::Stability::Unstable));
    if (i % 7 == 0) must(tree.write(files.back(), 5000, "tail", vfs::Stability::Unstable));
  }
  for (int i = 0; i < 1000; ++i) {
    const std::string text = tree.contents(files[i]);
    CHECK(text.substr(0, std::to_string(i).size()) == std::to_string(i));
    CHECK(text.size() == (i % 7 == 0 ? 5004 : std::to_string(i).size()));
  }
  tree.check_clean();
}

TEST_CASE("inodes are counted where the disk does not count files") {
  Tree tree(std::make_unique<PowerStores>());
  const auto used = [&] {
    const auto status = must(tree.call([&](Context& context) { return tree.fs->status(context); }));
    return status.space.total_files - status.space.free_files;
  };
  CHECK(used() == 1);
  tree.file_id(tree.root(), "f");
  CHECK(used() == 2);
  must(tree.remove(tree.root(), "f"));
  CHECK(used() == 1);
}

TEST_CASE("the status of a file system is that of its disk") {
  Tree tree(ANY_ENGINE);
  const auto status = must(tree.call([&](Context& context) { return tree.fs->status(context); }));
  CHECK(status.space.total_bytes > 0);
  CHECK(status.space.free_bytes <= status.space.total_bytes);
  CHECK(status.space.total_files > 0);
  CHECK(status.space.total_files >= status.space.free_files);
}

TEST_CASE("the limits are what is enforced") {
  Tree tree;
  const auto limits = tree.fs->limits();
  CHECK(limits.name_max == 255);
  CHECK(limits.file_size_max == (std::uint64_t{1} << 63) - 1);
  CHECK(limits.case_preserving);
  CHECK_FALSE(limits.case_insensitive);
}

}  // namespace ditto::test
