// What every DataStore promises: sparse objects that read as zeros where nobody wrote. Run on every engine.
#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "base/limits.hpp"
#include "store/data_engines.hpp"

using namespace ditto;
using namespace ditto::test;

namespace {

constexpr std::uint64_t KiB = 1 << 10;
constexpr std::uint64_t MiB = 1 << 20;

#ifdef DITTO_TEST_WITHOUT_HOLES
template <class Engine>
constexpr bool knows_holes = std::is_same_v<Engine, MemoryDataEngine>;
#else
template <class Engine>
constexpr bool knows_holes = true;
#endif

}  // namespace

TEMPLATE_TEST_CASE("an object that nobody wrote is empty", "[data]", MemoryDataEngine, LocalDataEngine) {
  TestType engine;
  DataStore& data = engine.data();
  CHECK(read(data, 1, 0, 10).empty());
  CHECK(data.size(1) == 0);
  CHECK(data.space_used(1) == 0);
  CHECK(data.next_hole(1, 0) == 0);
  CHECK(data.next_data(1, 0).error() == Error::NotFound);
  CHECK(data.sync(1).has_value());
  CHECK(data.remove(1).has_value());
  CHECK(data.punch(1, 0, 100).has_value());
  CHECK(data.truncate(1, 0).has_value());
  std::size_t objects = 0;
  CHECK(data.for_each([&](ObjectId, std::uint64_t) { return ++objects, true; }).has_value());
  CHECK(objects == 0);
}

TEMPLATE_TEST_CASE("reads end at the object's end", "[data]", MemoryDataEngine, LocalDataEngine) {
  TestType engine;
  DataStore& data = engine.data();
  const std::string text = pattern(100'000, 1);
  write(data, 7, 0, text);
  CHECK(data.size(7) == text.size());
  CHECK(read(data, 7, 0, text.size()) == text);
  CHECK(read(data, 7, 65'530, 20) == text.substr(65'530, 20));
  CHECK(read(data, 7, 99'990, 100) == text.substr(99'990));
  CHECK(read(data, 7, 100'000, 100).empty());
  CHECK(read(data, 7, limits::file_size, 100).empty());
  CHECK(read(data, 7, ~std::uint64_t{0}, 100).empty());
  write(data, 7, 50'000, "in the middle");
  CHECK(read(data, 7, 49'999, 15) == text[49'999] + std::string("in the middle") + text[50'013]);
  CHECK(data.size(7) == text.size());
  CHECK(data.write(7, 5, BufferChain(), Blocking::Allowed).has_value());
  CHECK(data.write(8, 5, BufferChain(), Blocking::Allowed).has_value());
  CHECK(data.size(8) == 0);
  CHECK(data.size(7) == text.size());
}

TEMPLATE_TEST_CASE("what lies between writes reads as zeros and is a hole", "[data]", MemoryDataEngine,
                   LocalDataEngine) {
  TestType engine;
  DataStore& data = engine.data();
  write(data, 3, 1 * MiB, pattern(4096, 1));
  write(data, 3, 5 * MiB, "end");
  CHECK(read(data, 3, 0, 4096) == zeros(4096));
  CHECK(read(data, 3, 1 * MiB - 10, 20) == zeros(10) + pattern(4096, 1).substr(0, 10));
  CHECK(read(data, 3, 3 * MiB, 100) == zeros(100));
  CHECK(read(data, 3, 5 * MiB, 100) == "end");
  CHECK(*data.space_used(3) > 0);
  CHECK(*data.space_used(3) < 1 * MiB);
  CHECK(data.next_data(3, 1 * MiB + 100) == 1 * MiB + 100);
  CHECK(data.next_hole(3, 5 * MiB) == 5 * MiB + 3);
  CHECK(data.next_hole(3, 9 * MiB) == 5 * MiB + 3);
  CHECK(data.next_data(3, 5 * MiB + 3).error() == Error::NotFound);
  CHECK(data.next_data(3, limits::file_size + 1).error() == Error::NotFound);
  if (!knows_holes<TestType>) return;
  CHECK(data.next_hole(3, 0) == 0);
  const auto first = data.next_data(3, 0);
  REQUIRE(first.has_value());
  CHECK(*first <= 1 * MiB);
  CHECK(*first > 0);
  const auto hole = data.next_hole(3, 1 * MiB);
  REQUIRE(hole.has_value());
  CHECK(*hole >= 1 * MiB + 4096);
  CHECK(*hole <= 2 * MiB);
  const auto second = data.next_data(3, *hole);
  REQUIRE(second.has_value());
  CHECK(*second <= 5 * MiB);
  CHECK(*second > 4 * MiB);
}

TEMPLATE_TEST_CASE("room that is reserved changes no byte, and takes the end along", "[data]", MemoryDataEngine,
                   LocalDataEngine) {
  TestType engine;
  DataStore& data = engine.data();
  const std::string text = pattern(100 * KiB, 3);
  write(data, 5, 0, text);
  const auto reserved = data.allocate(5, 10 * KiB, 20 * KiB);
  if (!knows_holes<TestType>) {  // a system without Linux's calls promises nothing
    CHECK(reserved == fail(Error::NotSupported));
    CHECK(read(data, 5, 0, 2 * MiB) == text);
    return;
  }
  REQUIRE(reserved.has_value());
  CHECK(data.size(5) == text.size());
  REQUIRE(data.allocate(5, 50 * KiB, 1 * MiB).has_value());
  CHECK(data.size(5) == 50 * KiB + 1 * MiB);
  CHECK(read(data, 5, 0, 2 * MiB) == text + zeros(1 * MiB - 50 * KiB));
  CHECK(*data.space_used(5) >= 50 * KiB + 1 * MiB);
  REQUIRE(data.allocate(6, 0, 1).has_value());
  CHECK(data.size(6) == 1);
  REQUIRE(data.allocate(7, 5, 0).has_value());
  CHECK(data.size(7) == 0);
  CHECK(data.allocate(6, 1, ~std::uint64_t{0}) == fail(Error::FileTooBig));
  CHECK(data.allocate(6, 0, std::uint64_t{1} << 60) == fail(Error::NoSpace));
  CHECK(data.size(6) == 1);
}

TEMPLATE_TEST_CASE("a punched range reads as zeros and the end stays", "[data]", MemoryDataEngine, LocalDataEngine) {
  TestType engine;
  DataStore& data = engine.data();
  const std::string text = pattern(1 * MiB, 2);
  write(data, 4, 0, text);
  REQUIRE(data.sync(4).has_value());
  const std::uint64_t used = *data.space_used(4);
  CHECK(used >= text.size());
  REQUIRE(data.punch(4, 100, 50).has_value());
  REQUIRE(data.punch(4, 200 * KiB + 1, 400 * KiB).has_value());
  CHECK(data.size(4) == text.size());
  std::string expected = text;
  expected.replace(100, 50, 50, '\0');
  expected.replace(200 * KiB + 1, 400 * KiB, 400 * KiB, '\0');
  CHECK(read(data, 4, 0, 1 * MiB) == expected);
  if (knows_holes<TestType>) CHECK(*data.space_used(4) < used);
  REQUIRE(data.punch(4, 900 * KiB, ~std::uint64_t{0} - 900 * KiB).has_value());
  REQUIRE(data.punch(4, 5 * MiB, 10).has_value());
  CHECK(data.size(4) == text.size());
  CHECK(read(data, 4, 900 * KiB, 1 * MiB) == zeros(124 * KiB));
  REQUIRE(data.punch(4, 0, 1 * MiB).has_value());
  CHECK(data.size(4) == text.size());
  CHECK(read(data, 4, 0, 2 * MiB) == zeros(1 * MiB));
  if (knows_holes<TestType>) CHECK(data.next_data(4, 0).error() == Error::NotFound);
}

TEMPLATE_TEST_CASE("truncation cuts and extends, and cut bytes never come back", "[data]", MemoryDataEngine,
                   LocalDataEngine) {
  TestType engine;
  DataStore& data = engine.data();
  const std::string text = pattern(200'000, 3);
  write(data, 5, 0, text);
  REQUIRE(data.truncate(5, 100'001).has_value());
  CHECK(data.size(5) == 100'001);
  CHECK(read(data, 5, 0, 200'000) == text.substr(0, 100'001));
  REQUIRE(data.truncate(5, 200'000).has_value());
  CHECK(read(data, 5, 0, 300'000) == text.substr(0, 100'001) + zeros(99'999));
  REQUIRE(data.truncate(5, 0).has_value());
  CHECK(data.size(5) == 0);
  REQUIRE(data.truncate(5, 10).has_value());
  CHECK(read(data, 5, 0, 100) == zeros(10));
  // An absent object comes to be by it.
  REQUIRE(data.truncate(6, 3 * MiB).has_value());
  CHECK(data.size(6) == 3 * MiB);
  CHECK(*data.space_used(6) < 1 * MiB);
  CHECK(read(data, 6, 3 * MiB - 5, 100) == zeros(5));
}

TEMPLATE_TEST_CASE("offsets end where file sizes do", "[data]", MemoryDataEngine, LocalDataEngine) {
  TestType engine;
  DataStore& data = engine.data();
  CHECK(data.write(1, limits::file_size, chain_of("xy"), Blocking::Allowed).error() == Error::FileTooBig);
  CHECK(data.write(1, ~std::uint64_t{0}, chain_of("xy"), Blocking::Allowed).error() == Error::FileTooBig);
  CHECK(data.truncate(1, limits::file_size + 1).error() == Error::FileTooBig);
  CHECK(data.clone_range(1, 0, 2, limits::file_size, 2).error() == Error::FileTooBig);
  CHECK(data.clone_range(1, limits::file_size, 2, 0, 2).error() == Error::InvalidArgument);
  CHECK(data.size(1) == 0);
  write(data, 1, std::uint64_t{1} << 40, "far away");
  CHECK(read(data, 1, (std::uint64_t{1} << 40) - 2, 100) == zeros(2) + "far away");
  CHECK(*data.space_used(1) < 1 * MiB);
}

TEMPLATE_TEST_CASE("cloned ranges read as their source, holes and end included", "[data]", MemoryDataEngine,
                   LocalDataEngine) {
  TestType engine;
  DataStore& data = engine.data();
  const std::string text = pattern(64 * KiB, 4);
  write(data, 1, 0, text);
  write(data, 1, 1 * MiB, text);
  const std::uint64_t source_size = 1 * MiB + text.size();
  REQUIRE(data.clone_range(1, 0, 2, 0, source_size).has_value());
  CHECK(data.size(2) == source_size);
  CHECK(read(data, 2, 0, 2 * MiB) == read(data, 1, 0, 2 * MiB));
  if (knows_holes<TestType>) CHECK(*data.space_used(2) < 512 * KiB);

  // Unaligned, over what is there, over a hole of the source, beyond its end, from nothing, and within one object.
  write(data, 3, 0, pattern(2 * MiB, 5));
  std::string expected = pattern(2 * MiB, 5);
  REQUIRE(data.clone_range(1, 1000, 3, 3001, 100 * KiB).has_value());
  expected.replace(3001, 100 * KiB, read(data, 1, 1000, 100 * KiB));
  CHECK(read(data, 3, 0, 3 * MiB) == expected);
  REQUIRE(data.clone_range(1, source_size - 10, 3, 2 * MiB - 5, 100).has_value());
  expected.resize(2 * MiB - 5);
  expected += text.substr(text.size() - 10) + zeros(90);
  CHECK(read(data, 3, 0, 3 * MiB) == expected);
  REQUIRE(data.clone_range(99, 0, 3, 10, 20).has_value());
  expected.replace(10, 20, 20, '\0');
  REQUIRE(data.clone_range(3, 0, 3, 1 * MiB, 300 * KiB).has_value());
  expected.replace(1 * MiB, 300 * KiB, expected.substr(0, 300 * KiB));
  CHECK(read(data, 3, 0, 3 * MiB) == expected);
  REQUIRE(data.clone_range(3, 0, 3, 1 * MiB, 0).has_value());
  // The source's later changes are its own.
  write(data, 1, 0, "changed");
  CHECK(read(data, 2, 0, 64 * KiB) == text);
}

TEMPLATE_TEST_CASE("a removed object is gone, whoever reads it meanwhile", "[data]", MemoryDataEngine,
                   LocalDataEngine) {
  TestType engine;
  DataStore& data = engine.data();
  const std::string text = pattern(1 * MiB, 6);
  write(data, 8, 0, text);
  std::atomic<bool> running = true;
  std::atomic<int> reads = 0, wrong = 0;
  std::thread reader([&] {
    while (running) {
      const std::string got = read(data, 8, 0, 2 * MiB);
      if (!got.empty() && got != text) ++wrong;
      ++reads;
    }
  });
  while (reads < 20) std::this_thread::yield();
  REQUIRE(data.remove(8).has_value());
  const int before = reads;
  while (reads < before + 3) std::this_thread::yield();
  CHECK(read(data, 8, 0, 100).empty());
  CHECK(data.size(8) == 0);
  running = false;
  reader.join();
  CHECK(wrong == 0);
  CHECK(data.remove(8).has_value());
}

TEMPLATE_TEST_CASE("more objects than descriptors, and each is visited once", "[data]", MemoryDataEngine,
                   LocalDataEngine) {
  TestType engine;
  DataStore& data = engine.data();
  constexpr unsigned objects = 150;
  for (unsigned i = 1; i <= objects; ++i) write(data, i * 1000003ull, i, std::to_string(i));
  for (unsigned i = 1; i <= objects; ++i) {
    CHECK(read(data, i * 1000003ull, i, 20) == std::to_string(i));
    if (i % 3 == 0) CHECK(data.sync(i * 1000003ull).has_value());
    if (i % 5 == 0) CHECK(data.remove(i * 1000003ull).has_value());
  }
  std::map<ObjectId, std::uint64_t> found;
  REQUIRE(data.for_each([&](ObjectId object, std::uint64_t size) { return found.emplace(object, size).second; })
              .has_value());
  CHECK(found.size() == objects - objects / 5);
  for (unsigned i = 1; i <= objects; ++i) {
    const auto entry = found.find(i * 1000003ull);
    if (i % 5 == 0) {
      CHECK(entry == found.end());
    } else {
      REQUIRE(entry != found.end());
      CHECK(entry->second == i + std::to_string(i).size());
    }
  }
  unsigned visited = 0;
  REQUIRE(data.for_each([&](ObjectId, std::uint64_t) { return ++visited < 10; }).has_value());
  CHECK(visited == 10);
}

TEMPLATE_TEST_CASE("objects used by many threads at once keep their bytes", "[data]", MemoryDataEngine,
                   LocalDataEngine) {
  TestType engine;
  DataStore& data = engine.data();
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (unsigned thread = 1; thread <= 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (unsigned i = 0; i < 150; ++i) {
        // All threads meet in these objects, each in a range of its own; others are its own.
        const ObjectId shared = i % 40;
        const ObjectId own = 1000 * thread + i % 60;
        const std::string text = pattern(5000, thread * 1000 + i);
        for (const ObjectId object : {shared, own}) {
          if (!data.write(object, thread * 10'000, chain_of(text), Blocking::Allowed)) ++wrong;
          if (read(data, object, thread * 10'000, text.size()) != text) ++wrong;
        }
        if (i % 7 == 0 && !data.sync(shared)) ++wrong;
        if (i % 11 == 0 && (!data.remove(own) || data.size(own) != 0)) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEMPLATE_TEST_CASE("the room of the store is told", "[data]", MemoryDataEngine, LocalDataEngine) {
  TestType engine;
  const auto space = engine.data().space();
  REQUIRE(space.has_value());
  CHECK(space->total_bytes > 0);
  CHECK(space->free_bytes <= space->total_bytes);
  CHECK(space->available_bytes <= space->free_bytes);
  CHECK(space->free_files <= space->total_files);
}

TEST_CASE("a memory store has a bound and gives back what is removed", "[data]") {
  store::MemoryData data(4 * store::MemoryData::page_bytes);
  write(data, 1, 0, pattern(4 * store::MemoryData::page_bytes, 1));
  CHECK(data.write(1, 10 * MiB, chain_of("x"), Blocking::Allowed).error() == Error::NoSpace);
  CHECK(data.write(2, 0, chain_of("x"), Blocking::Allowed).error() == Error::NoSpace);
  CHECK(data.space()->available_bytes == 0);
  REQUIRE(data.punch(1, 0, store::MemoryData::page_bytes).has_value());
  write(data, 2, 0, "x");
  REQUIRE(data.remove(1).has_value());
  CHECK(data.space()->available_bytes == 3 * store::MemoryData::page_bytes);
}
