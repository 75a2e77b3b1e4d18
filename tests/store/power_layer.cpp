// What a disk may hold after a power cut, by power_cut: what was synced always, what was not by chance.
#include "store/power_files.hpp"

#include <linux/falloc.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#include <array>
#include <atomic>
#include <optional>
#include <set>
#include <thread>
#include <vector>

using namespace ditto;
using namespace ditto::test;

namespace {

constexpr std::uint64_t seeds = 200;
constexpr std::size_t sector = 512;

std::string filled(std::size_t size, char with) { return std::string(size, with); }

/// What `look` says about images of this moment, by different seeds.
template <class Look>
auto seen(const Moment& moment, Look look, const Damage& damage = {}) {
  std::set<decltype(look(Files()))> found;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) found.insert(look(image(moment, seed, damage)));
  return found;
}

auto contents_of(const std::string& name) {
  return [name](const Files& files) { return files.contains(name) ? files.at(name) : "absent"; };
}

auto names() {
  return [](const Files& files) {
    std::string all;
    for (const auto& [name, contents] : files) all += name + " ";
    return all;
  };
}

}  // namespace

TEST_CASE("what was there before is durable, and an image of it is the same", "[power]") {
  const TemporaryFolder folder(fast_disk());
  std::filesystem::create_directories(folder / "a/b/c");
  std::ofstream(folder / "a/b/file") << filled(100'000, 'x') << "end";
  std::ofstream(folder / "empty");
  std::filesystem::create_hard_link(folder / "a/b/file", folder / "again");
  std::ofstream(folder / "sparse") << "s";
  std::filesystem::resize_file(folder / "sparse", 1'000'000);
  std::ofstream(folder / "metadata.mdb-lock") << "nobody needs it";
  Files files = read_files(folder.path());
  const WatchedFolder watched(folder.path());
  CHECK(watched.capture().unsynced() == 0);
  CHECK(files.erase("metadata.mdb-lock") == 1);
  for (std::uint64_t seed = 1; seed <= 10; ++seed) CHECK(image(watched.capture(), seed) == files);
}

TEST_CASE("a write that was not synced may be there, may be torn, and may be missing", "[power]") {
  Disk disk(filled(4 * sector, 'a'));
  const auto file = open_file(disk / "old", O_WRONLY);
  write_at(file, 0, filled(4 * sector, 'b'));
  CHECK(disk.watched.capture().unsynced() == 1);
  CHECK(disk.durable()["old"] == filled(4 * sector, 'a'));
  CHECK(disk.after(1, everything)["old"] == filled(4 * sector, 'b'));
  const auto found = seen(disk.watched.capture(), contents_of("old"));
  CHECK(found.contains(filled(4 * sector, 'a')));
  CHECK(found.contains(filled(4 * sector, 'b')));
  CHECK(found.size() > 4);
  for (const std::string& contents : found) {
    REQUIRE(contents.size() == 4 * sector);
    for (std::size_t at = 0; at < contents.size(); at += sector) {
      CHECK(contents.substr(at, sector) == filled(sector, contents[at]));
    }
  }
  const auto whole = seen(disk.watched.capture(), contents_of("old"), {.torn = false});
  CHECK(whole == std::set{filled(4 * sector, 'a'), filled(4 * sector, 'b')});
}

TEST_CASE("what was synced is always there", "[power]") {
  Disk disk;
  const auto file = open_file(disk / "old", O_RDWR);
  write_at(file, 0, "new");
  write_at(file, 10'000, "far");
  sync(file);
  CHECK(disk.watched.capture().unsynced() == 0);
  const std::string expected = "new" + filled(9'997, '\0') + "far";
  CHECK(seen(disk.watched.capture(), contents_of("old")) == std::set{expected});
  // Nor does a change after it touch it.
  write_at(file, 1, "E");
  const auto found = seen(disk.watched.capture(), contents_of("old"));
  CHECK(found == std::set{expected, "nEw" + expected.substr(3)});
}

TEST_CASE("writes come to the disk in any combination, or up to some moment", "[power]") {
  Disk disk(filled(3 * 4096, '.'));
  const auto file = open_file(disk / "old", O_RDWR);
  for (int i = 0; i < 3; ++i) write_at(file, i * 4096, std::to_string(i));
  const auto present = [](const Files& files) {
    std::string which;
    for (int i = 0; i < 3; ++i) which += files.at("old")[static_cast<std::size_t>(i) * 4096];
    return which;
  };
  const Moment moment = disk.watched.capture();
  CHECK(seen(moment, present, {.unsynced = Unsynced::Subset}).size() == 8);
  CHECK(seen(moment, present, {.unsynced = Unsynced::Prefix}) == std::set<std::string>{"...", "0..", "01.", "012"});
}

TEST_CASE("a size and what was written are there by themselves", "[power]") {
  Disk disk("");
  const auto file = open_file(disk / "old", O_RDWR);
  write_at(file, 0, filled(sector, 'x'));
  const auto grown = seen(disk.watched.capture(), contents_of("old"));
  CHECK(grown == std::set{std::string(), filled(sector, '\0'), filled(sector, 'x')});
  sync(file);
  REQUIRE(::ftruncate(file.get(), 3) == 0);
  REQUIRE(::ftruncate(file.get(), 6) == 0);
  const auto resized = seen(disk.watched.capture(), contents_of("old"));
  CHECK(resized == std::set{filled(sector, 'x'), std::string("xxx"), "xxx" + filled(3, '\0')});
  REQUIRE(::fsync(file.get()) == 0);
  CHECK(disk.durable()["old"] == "xxx" + filled(3, '\0'));
}

TEST_CASE("a write through O_DSYNC is durable with its size, and nothing else is", "[power]") {
  Disk disk(filled(4096, 'a'));
  const auto file = open_file(disk / "old", O_RDWR);
  const auto through = open_file(disk / "old", O_WRONLY | O_DSYNC);
  write_at(file, 0, "1");
  write_at(file, 2, "1");
  write_at(through, 0, "2");
  const std::size_t points = disk.watched.sync_points();
  write_at(through, 5000, "2");
  CHECK(disk.watched.sync_points() == points + 1);
  for (const std::string& contents : seen(disk.watched.capture(), contents_of("old"))) {
    REQUIRE(contents.size() == 5001);
    CHECK(contents[0] == '2');
    CHECK(contents[5000] == '2');
    CHECK((contents[2] == '1' || contents[2] == 'a'));
  }
  CHECK(disk.durable()["old"][2] == 'a');
  const iovec piece{const_cast<char*>("3"), 1};
  REQUIRE(::pwritev2(file.get(), &piece, 1, 9, RWF_DSYNC) == 1);
  CHECK(disk.durable()["old"][9] == '3');
  sync(file);
  CHECK(disk.durable()["old"].substr(0, 3) == "2a1");
}

TEST_CASE("every way of writing is seen", "[power]") {
  Disk disk;
  std::array<iovec, 2> pieces{{{const_cast<char*>("ab"), 2}, {const_cast<char*>("cd"), 2}}};
  {
    const auto file = open_file(disk / "new");
    REQUIRE(::write(file.get(), "1234", 4) == 4);
    REQUIRE(::writev(file.get(), pieces.data(), 2) == 4);
    REQUIRE(::lseek(file.get(), 2, SEEK_SET) == 2);
    REQUIRE(::write(file.get(), "x", 1) == 1);
    REQUIRE(::pwritev(file.get(), pieces.data(), 2, 20) == 4);
    REQUIRE(::pwritev2(file.get(), pieces.data(), 2, -1, 0) == 4);
    const auto append = open_file(disk / "new", O_WRONLY | O_APPEND);
    REQUIRE(::write(append.get(), "end", 3) == 3);
    const store::Descriptor same(::dup(append.get()));
    REQUIRE(::write(same.get(), "!", 1) == 1);
    REQUIRE(::fallocate(file.get(), 0, 0, 40) == 0);
    REQUIRE(::posix_fallocate(file.get(), 0, 8192) == 0);
    REQUIRE(::fallocate(file.get(), FALLOC_FL_KEEP_SIZE, 0, 100'000) == 0);
    REQUIRE(::fallocate(file.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 1, 2) == 0);
    off_t from = 20, to = 5000;
    REQUIRE(::copy_file_range(file.get(), &from, file.get(), &to, 4, 0) == 4);
    REQUIRE(::fallocate(file.get(), FALLOC_FL_KEEP_SIZE, 0, 5000) == 0);
  }
  REQUIRE(::truncate((disk / "old").c_str(), 1) == 0);
  const store::Descriptor created(::creat((disk / "created").c_str(), 0600));
  const Files files = read_files(disk.root);
  CHECK(files.at("new").size() == 8192);
  CHECK(files.at("old") == "o");
  CHECK(disk.after(1, everything) == files);
  CHECK(disk.durable() == Files{{"old", "old"}});
  for (const char* name : {"new", "old"}) sync(open_file(disk / name, O_RDWR));
  sync_folder(disk.root);
  CHECK(disk.durable() == files);
}

TEST_CASE("zeros that were punched may be missing, and are durable with the rest", "[power]") {
  Disk disk(filled(8192, 'x'));
  const auto file = open_file(disk / "old", O_RDWR);
  REQUIRE(::fallocate(file.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 100, 8092) == 0);
  const std::string punched = filled(100, 'x') + filled(8092, '\0');
  CHECK(seen(disk.watched.capture(), contents_of("old")) == std::set{filled(8192, 'x'), punched});
  sync(file);
  CHECK(disk.durable()["old"] == punched);
}

TEST_CASE("a new file's name is there when its folder was synced, and only then for sure", "[power]") {
  Disk disk;
  const auto file = open_file(disk / "new");
  write_at(file, 0, "new");
  sync(file);
  const Moment moment = disk.watched.capture();
  CHECK(moment.unsynced() == 1);
  CHECK(seen(moment, contents_of("new"), {.names = Names::SyncedFolder}) == std::set<std::string>{"absent", "new"});
  CHECK(seen(moment, contents_of("new"), {.names = Names::AnySync}) == std::set<std::string>{"new"});
  CHECK(seen(moment, contents_of("new")) == std::set<std::string>{"absent", "new"});
  sync_folder(disk.root);
  CHECK(seen(disk.watched.capture(), contents_of("new")) == std::set<std::string>{"new"});
}

TEST_CASE("a folder's sync makes what is in it durable, not its own name", "[power]") {
  Disk disk;
  REQUIRE(::mkdir((disk / "folder").c_str(), 0700) == 0);
  sync(open_file(disk / "folder/file"));
  sync_folder(disk / "folder");
  CHECK(disk.durable() == Files{{"old", "old"}});
  sync_folder(disk.root);
  CHECK(disk.durable() == Files{{"old", "old"}, {"folder/", ""}, {"folder/file", ""}});
}

TEST_CASE("a rename is there as a whole, and for sure with the folder's sync", "[power]") {
  Disk disk;
  {
    const auto file = open_file(disk / "old.new");
    write_at(file, 0, "new");
    sync(file);
  }
  sync_folder(disk.root);
  REQUIRE(::rename((disk / "old.new").c_str(), (disk / "old").c_str()) == 0);
  CHECK(seen(disk.watched.capture(), contents_of("old")) == std::set<std::string>{"new", "old"});
  CHECK(seen(disk.watched.capture(), names()) == std::set<std::string>{"old ", "old old.new "});
  sync_folder(disk.root);
  CHECK(seen(disk.watched.capture(), contents_of("old")) == std::set<std::string>{"new"});
  CHECK(disk.durable().size() == 1);
}

TEST_CASE("names persist in order", "[power]") {
  Disk disk;
  open_file(disk / "a");
  open_file(disk / "b");
  REQUIRE(::unlink((disk / "old").c_str()) == 0);
  REQUIRE(::link((disk / "a").c_str(), (disk / "c").c_str()) == 0);
  CHECK(seen(disk.watched.capture(), names(), {.names = Names::SyncedFolder}) ==
        std::set<std::string>{"old ", "a old ", "a b old ", "a b ", "a b c "});
}

TEST_CASE("a removed file may come back whole until its folder is synced", "[power]") {
  Disk disk;
  REQUIRE(::unlink((disk / "old").c_str()) == 0);
  CHECK(seen(disk.watched.capture(), contents_of("old")) == std::set<std::string>{"old", "absent"});
  sync_folder(disk.root);
  CHECK(disk.durable().empty());
  // Another file of the same name is another file.
  write_at(open_file(disk / "old"), 0, "2");
  CHECK(disk.durable().empty());
}

TEST_CASE("a rename between folders brings what came before it in both", "[power]") {
  Disk disk;
  REQUIRE(::mkdir((disk / "a").c_str(), 0700) == 0);
  REQUIRE(::mkdir((disk / "b").c_str(), 0700) == 0);
  sync_folder(disk.root);
  open_file(disk / "a/file");
  open_file(disk / "b/other");
  REQUIRE(::rename((disk / "a/file").c_str(), (disk / "b/other").c_str()) == 0);
  open_file(disk / "a/later");
  sync_folder(disk / "b");
  CHECK(disk.durable() == Files{{"a/", ""}, {"b/", ""}, {"b/other", ""}, {"old", "old"}});
  REQUIRE(::rename((disk / "a").c_str(), (disk / "b/a").c_str()) == 0);
  sync_folder(disk / "b/a");
  sync_folder(disk.root);
  CHECK(disk.durable() == Files{{"b/", ""}, {"b/a/", ""}, {"b/a/later", ""}, {"b/other", ""}, {"old", "old"}});
  REQUIRE(::unlink((disk / "b/a/later").c_str()) == 0);
  REQUIRE(::rmdir((disk / "b/a").c_str()) == 0);
  sync_folder(disk / "b");
  CHECK(disk.durable() == Files{{"b/", ""}, {"b/other", ""}, {"old", "old"}});
}

TEST_CASE("a moment stays as it was", "[power]") {
  Disk disk;
  const auto file = open_file(disk / "old", O_RDWR);
  std::vector<Moment> moments;
  for (char value = 'a'; value <= 'z'; ++value) {
    write_at(file, 0, std::string(5000, value));
    moments.push_back(disk.watched.capture());
    sync(file);
  }
  for (std::size_t i = 0; i < moments.size(); ++i) {
    const char before = static_cast<char>('a' + i - 1);
    CHECK(image(moments[i], 1, nothing_unsynced)["old"] == (i == 0 ? "old" : std::string(5000, before)));
    CHECK(image(moments[i], 1, everything)["old"] == std::string(5000, static_cast<char>(before + 1)));
  }
}

TEST_CASE("a seed always gives the same image", "[power]") {
  const auto run = [] {
    Disk disk;
    const auto file = open_file(disk / "new");
    for (int i = 0; i < 30; ++i) {
      write_at(file, i * 700, filled(1500, static_cast<char>('a' + i)));
      if (i % 10 == 5) sync(file);
      open_file(disk / std::to_string(i));
    }
    std::vector<Files> images;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) images.push_back(disk.after(seed));
    return images;
  };
  CHECK(run() == run());
}

TEST_CASE("the power is cut before a sync, after it, and in between nothing is lost", "[power]") {
  for (const bool done : {false, true}) {
    Disk disk;
    std::optional<Moment> cut;
    disk.watched.on_sync([&](const SyncPoint& point) {
      CHECK(point.path == "old");
      if (point.number == 3 && point.done == done) cut = disk.watched.cut();
    });
    const auto file = open_file(disk / "old", O_RDWR);
    int synced = 0;
    for (char value = '1'; value <= '5'; ++value) {
      if (::pwrite(file.get(), &value, 1, 0) == 1 && ::fdatasync(file.get()) == 0) ++synced;
    }
    CHECK(synced == (done ? 3 : 2));
    CHECK(image(*cut, 1, nothing_unsynced)["old"] == (done ? "3ld" : "2ld"));
    CHECK(::ftruncate(file.get(), 0) == -1);
    CHECK(errno == EIO);
    CHECK(::open((disk / "new").c_str(), O_CREAT | O_RDWR, 0600) == -1);
    disk.watched.freeze(false);
    sync(file);
  }
}

TEST_CASE("threads write and sync at once, and what was synced is there", "[power]") {
  Disk disk;
  std::vector<std::thread> threads;
  std::array<std::atomic<int>, 4> synced{};
  for (std::size_t i = 0; i < synced.size(); ++i) {
    threads.emplace_back([&, i] {
      const store::Descriptor file(::open((disk / std::to_string(i)).c_str(), O_RDWR | O_CREAT, 0600));
      const store::Descriptor folder(::open(disk.root.c_str(), O_RDONLY | O_DIRECTORY));
      bool ok = ::fsync(folder.get()) == 0;
      for (char value = 1; ok && value <= 100; ++value) {
        ok = ::pwrite(file.get(), &value, 1, 0) == 1 && ::fdatasync(file.get()) == 0;
        if (ok) synced[i] = value;
      }
    });
  }
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    std::array<int, 4> before{};
    for (std::size_t i = 0; i < before.size(); ++i) before[i] = synced[i];
    const Files files = disk.after(seed);
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (before[i] > 0) CHECK(files.at(std::to_string(i))[0] >= before[i]);
    }
  }
  for (auto& thread : threads) thread.join();
  for (const auto& value : synced) CHECK(value == 100);
}

TEST_CASE("other folders are none of its business", "[power]") {
  const TemporaryFolder other(fast_disk());
  Disk disk;
  const auto file = open_file(other / "file");
  write_at(file, 0, "x");
  disk.watched.freeze();
  sync(file);
  REQUIRE(::rename((other / "file").c_str(), (other / "name").c_str()) == 0);
  CHECK(disk.watched.capture().unsynced() == 0);
  CHECK(disk.watched.sync_points() == 0);
  CHECK(read_file(other / "name") == "x");
}
