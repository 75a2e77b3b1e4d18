// What LocalData does beyond the contract: never blocking, descriptors, syncs and their errors, reopening.
#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "store/data_engines.hpp"
#include "support/power_cut/sync_gate.hpp"

using namespace ditto;
using namespace ditto::test;

namespace {

constexpr std::size_t MiB = 1 << 20;

/// A store with descriptors for everything.
struct Roomy {
  TemporaryFolder folder;
  store::DiskSpace space{folder.path(), system_clock()};
  std::unique_ptr<store::LocalData> data = std::move(*store::LocalData::open(folder.path(), space));
};

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator descriptors("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(descriptors), end(descriptors)));
}

Result<std::size_t> try_read(DataStore& data, ObjectId object, std::size_t size) {
  std::string text(size, '?');
  return data.read(object, 0, std::as_writable_bytes(std::span(text)), Blocking::Never);
}

}  // namespace

TEST_CASE("without blocking, only what is open and in memory is read", "[data][local]") {
  Roomy store;
  write(*store.data, 1, 0, pattern(10'000, 1));
  CHECK(try_read(*store.data, 1, 20'000) == 10'000);
  CHECK(try_read(*store.data, 2, 10).error() == Error::WouldBlock);
  auto reopened = store::LocalData::open(store.folder.path(), store.space);
  CHECK(try_read(**reopened, 1, 10).error() == Error::WouldBlock);
  CHECK(read(**reopened, 1, 0, 10) == pattern(10'000, 1).substr(0, 10));
  CHECK(try_read(**reopened, 1, 10) == 10);
}

TEST_CASE("without blocking, only small writes to open objects are taken, and others have no effect", "[data][local]") {
  Roomy store;
  DataStore& data = *store.data;
  const std::string small = pattern(store::max_nonblocking_write_bytes, 1);
  CHECK(data.write(1, 0, chain_of(small), Blocking::Never).error() == Error::WouldBlock);
  CHECK(data.size(1) == 0);
  write(data, 1, 0, "x");
  CHECK(data.write(1, 0, chain_of(small), Blocking::Never).has_value());
  CHECK(data.write(1, small.size(), chain_of(small + "x"), Blocking::Never).error() == Error::WouldBlock);
  CHECK(data.size(1) == small.size());
  CHECK(read(data, 1, 0, 2 * small.size()) == small);
}

TEST_CASE("while too much is unsynced, small writes may wait too, until a sync or a write-back", "[data][local]") {
  Roomy store;
  DataStore& data = *store.data;
  const BufferChain block(Buffer::copy_of(bytes_of(pattern(4 * MiB, 1))));
  // The same range again and again: what counts is what was written.
  const auto write_the_most = [&] {
    for (std::uint64_t done = 0; done < store::max_unsynced_bytes; done += block.size()) {
      REQUIRE(data.write(1, 0, block, Blocking::Allowed).has_value());
    }
  };
  write_the_most();
  write(data, 2, 0, "one more");
  REQUIRE_FALSE(data.write(2, 0, chain_of("x"), Blocking::Never).has_value());
  REQUIRE(data.write(2, 0, chain_of("x"), Blocking::Allowed).has_value());
  REQUIRE(data.sync(1).has_value());
  CHECK(data.write(2, 0, chain_of("y"), Blocking::Never).has_value());
  write_the_most();
  REQUIRE_FALSE(data.write(2, 0, chain_of("x"), Blocking::Never).has_value());
  REQUIRE(data.write(1, 0, block, Blocking::Allowed).has_value());
  CHECK(data.write(2, 0, chain_of("z"), Blocking::Never).has_value());
}

TEST_CASE("descriptors stay within their bound, and evicting one with unsynced writes syncs it", "[data][local]") {
  TemporaryFolder folder;
  store::DiskSpace space(folder.path(), system_clock());
  auto data = std::move(*store::LocalData::open(folder.path(), space, 64));
  const std::size_t before = open_descriptors();
  const std::size_t syncs_before = syncs();
  for (ObjectId object = 1; object <= 200; ++object) write(*data, object, 0, "x");
  CHECK(open_descriptors() <= before + 64);
  CHECK(open_descriptors() > before + 16);
  CHECK(syncs() - syncs_before >= 200 - 64);
  // Clean ones go without a sync.
  for (ObjectId object = 1; object <= 200; ++object) REQUIRE(data->sync(object).has_value());
  const std::size_t syncs_clean = syncs();
  for (ObjectId object = 1; object <= 200; ++object) CHECK(read(*data, object, 0, 2) == "x");
  CHECK(syncs() == syncs_clean);
}

TEST_CASE("a failed sync is told once", "[data][local]") {
  Roomy store;
  write(*store.data, 1, 0, "x");
  fail_syncs(1, EIO);
  CHECK(store.data->sync(1).error() == Error::Io);
  CHECK(store.data->sync(1).has_value());
}

TEST_CASE("an error found when a descriptor was evicted waits for the object's next sync", "[data][local]") {
  TemporaryFolder folder;
  store::DiskSpace space(folder.path(), system_clock());
  auto data = std::move(*store::LocalData::open(folder.path(), space, 1));  // one in each shard
  for (ObjectId object = 1; object <= 100; ++object) {
    fail_syncs(1000, EIO);
    write(*data, object, 0, "x");
  }
  fail_syncs(0, 0);
  int failed = 0, succeeded = 0;
  for (ObjectId object = 1; object <= 100; ++object) {
    const auto synced = data->sync(object);
    CHECK((synced || synced.error() == Error::Io));
    ++(synced ? succeeded : failed);
  }
  CHECK(failed >= 100 - 32);
  CHECK(succeeded > 0);
  for (ObjectId object = 1; object <= 100; ++object) CHECK(data->sync(object).has_value());
}

TEST_CASE("objects are found again after reopening, and foreign files are not objects", "[data][local]") {
  LocalDataEngine engine;
  for (ObjectId object : {ObjectId{1}, ObjectId{256}, ObjectId{0xabcdef0123456789}, ~ObjectId{0}}) {
    write(engine.data(), object, 0, std::to_string(object));
    REQUIRE(engine.data().sync(object).has_value());
  }
  CHECK(std::filesystem::exists(engine.folder() + "/89/abcdef0123456789"));
  for (const char* foreign : {"/01/README", "/01/0000000000000002", "/01/zzzzzzzzzzzzzzzz", "/01/00000000000000001"}) {
    std::ofstream file(engine.folder() + foreign);
    REQUIRE(file.is_open());
  }
  std::filesystem::create_directory(engine.folder() + "/01/0000000000000101");
  engine.reopen();
  std::size_t count = 0;
  REQUIRE(engine.data()
              .for_each([&](ObjectId object, std::uint64_t size) {
                ++count;
                CHECK(size == std::to_string(object).size());
                CHECK(read(engine.data(), object, 0, 100) == std::to_string(object));
                return true;
              })
              .has_value());
  CHECK(count == 4);
}

TEST_CASE("a root that is not there is refused in words", "[data][local]") {
  TemporaryFolder folder;
  store::DiskSpace space(folder.path(), system_clock());
  const auto opened = store::LocalData::open(folder / "missing", space);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().find("missing cannot be opened") != std::string::npos);
}
