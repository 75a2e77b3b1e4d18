// A disk that gives back other bytes than were written: whoever reads them hears Corrupt, the log names the inode, and
// the check finds them; everything else is served.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "store/data/local/object_folders.hpp"
#include "store/store.hpp"
#include "store/temporary_folder.hpp"
#include "support/recording_log.hpp"
#include "tree.hpp"

namespace ditto::test {
namespace {

using vfs::Stability;

/// A store on disk that a test damages while it is closed.
class RottenStores final : public Stores {
 public:
  RottenStores() { open(); }
  store::KvStore& kv() override { return store_->kv; }
  store::DataStore& data() override { return store_->data; }
  void reopen() override {
    store_.reset();
    if (!damage_.empty()) flip(damage_);
    damage_.clear();
    if (object_ != 0) flip_in_object();
    object_ = 0;
    open();
  }
  /// Before the next opening one bit changes where `bytes` lie in the metadata file.
  void damage(std::string bytes) { damage_ = std::move(bytes); }
  /// Before the next opening one bit changes at `offset` of an object.
  void damage_object(store::ObjectId object, std::uint64_t offset) {
    object_ = object;
    offset_ = static_cast<off_t>(offset);
  }

  RecordingLog log;

 private:
  void open() {
    auto opened = store::open_local_store(folder_.path(), log);
    REQUIRE(opened.has_value());
    store_ = std::move(*opened);
  }

  // Every copy: LMDB leaves old pages behind.
  void flip(const std::string& bytes) const {
    const std::string path = folder_ / "metadata.mdb";
    std::ifstream in(path, std::ios::binary);
    const std::string file((std::istreambuf_iterator<char>(in)), {});
    const int fd = ::open(path.c_str(), O_WRONLY);
    REQUIRE(fd >= 0);
    int copies = 0;
    for (auto at = file.find(bytes); at != std::string::npos; at = file.find(bytes, at + 1), ++copies) {
      const char changed = static_cast<char>(file[at] ^ 0x10);
      REQUIRE(::pwrite(fd, &changed, 1, static_cast<off_t>(at)) == 1);
    }
    ::close(fd);
    REQUIRE(copies > 0);
  }

  void flip_in_object() const {
    const std::string path = folder_ / ("objects/" + store::local::object_path(object_));
    const int fd = ::open(path.c_str(), O_RDWR);
    REQUIRE(fd >= 0);
    char byte = 0;
    REQUIRE(::pread(fd, &byte, 1, offset_) == 1);
    byte = static_cast<char>(byte ^ 0x10);
    REQUIRE(::pwrite(fd, &byte, 1, offset_) == 1);
    ::close(fd);
  }

  TemporaryFolder folder_;
  std::unique_ptr<store::Store> store_;
  std::string damage_;
  store::ObjectId object_ = 0;
  off_t offset_ = 0;
};

struct Rotten {
  Rotten() : stores(new RottenStores), tree(std::unique_ptr<Stores>(stores)) {
    id = tree.file_id(tree.root(), "file");
    must(tree.write(id, 0, "contents that rot", Stability::FileSync));
    other = tree.file_id(tree.root(), "other");
    must(tree.write(other, 0, "sound contents", Stability::FileSync));
  }
  std::string inode() const { return "inode " + std::to_string(id.inode); }

  RottenStores* stores;
  Tree tree;
  NodeId id, other;
};

}  // namespace

TEST_CASE("contents that rot are told, and never served") {
  Rotten rotten;
  rotten.stores->damage("contents that rot");
  rotten.tree.reopen();
  CHECK(error_of(rotten.tree.read(rotten.id, 0, 100)) == "Corrupt");
  CHECK(error_of(rotten.tree.write(rotten.id, 3, "x", Stability::FileSync)) == "Corrupt");
  CHECK(rotten.stores->log.count(LogLevel::Error, "the contents of " + rotten.inode()) == 2);
  CHECK(rotten.tree.attributes(rotten.id).size == 17);
  CHECK(rotten.tree.contents(rotten.other) == "sound contents");
  const auto problems = rotten.tree.problems();
  CHECK(std::ranges::any_of(problems, [&](const std::string& line) {
    return line.find("the contents of " + rotten.inode() + ": damaged on the disk") != std::string::npos;
  }));
  // It goes as any other file does.
  must(rotten.tree.remove(rotten.tree.root(), "file"));
  rotten.tree.maintain();
  rotten.tree.check_clean();
}

TEST_CASE("an entry that rots hides its directory's chain, not the rest, and the check goes on behind it") {
  Rotten rotten;
  // The entry's value ends with its name; the key is not looked at.
  rotten.stores->damage("other");
  rotten.tree.reopen();
  CHECK(error_of(rotten.tree.lookup(rotten.tree.root(), "other")) == "Corrupt");
  CHECK(error_of(rotten.tree.lookup(rotten.tree.root(), "file")) == "success");
  CHECK(rotten.stores->log.count(LogLevel::Error, "an entry of the directory with inode") > 0);
  vfs::CheckSummary summary;
  const auto problems = rotten.tree.problems(false, &summary);
  CHECK(summary.inodes == 3);
  CHECK(std::ranges::any_of(problems, [](const std::string& line) {
    return line.find("an entry of the directory with inode") != std::string::npos;
  }));
}

TEST_CASE("an object that rots is found by the check, and not served where reads are verified") {
  const bool verify = GENERATE(true, false);
  auto* stores = new RottenStores;
  Tree tree(std::unique_ptr<Stores>(stores), {.verify_reads = verify, .quiet_time = std::chrono::seconds(0)});
  const NodeId id = tree.file_id(tree.root(), "file");
  must(tree.write(id, 0, std::string(300'000, 'x')));
  tree.maintain();
  store::ObjectId object = 0;
  must(tree.stores->data().for_each([&](store::ObjectId each, std::uint64_t) { return object = each, true; }));
  const std::uint64_t at = GENERATE(0, 65'535, 65'536, 299'999);
  const std::uint64_t from = at - at % vfs::chunk_bytes;
  const std::uint64_t to = std::min<std::uint64_t>(from + vfs::chunk_bytes, 300'000);
  stores->damage_object(object, at);
  tree.reopen();
  const std::string told = vfs::damage_of(id.inode, from, to);
  CHECK(tree.problems() == std::vector<std::string>{told});
  CHECK(error_of(tree.read(id, from + 10, 10)) == (verify ? "Corrupt" : "success"));
  CHECK(error_of(tree.read(id, 0, 300'000)) == (verify ? "Corrupt" : "success"));
  CHECK(tree.log.count(LogLevel::Error, told) == (verify ? 2 : 0));
  // Other chunks are served.
  const auto other = must(tree.read(id, from == 131'072 ? 0 : 131'072, 65'536));
  CHECK(text_of(other.data) == std::string(65'536, 'x'));
  // What is written anew is what was written, from then on.
  must(tree.write(id, from, std::string(to - from, 'y')));
  CHECK(text_of(must(tree.read(id, from, static_cast<std::uint32_t>(to - from))).data) == std::string(to - from, 'y'));
  tree.maintain();
  vfs::CheckSummary summary;
  CHECK(tree.problems(false, &summary).empty());
  CHECK(summary.verified_bytes == 300'000);
}

}  // namespace ditto::test
