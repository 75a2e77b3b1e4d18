// One slice and its chunk: sharing, growing, and the pools that chunks come from and go back to.
#include "base/buffer.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <semaphore>
#include <thread>
#include <vector>

#include "base/chunk_depot.hpp"
#include "base/free_list.hpp"
#include "base/pool.hpp"

using ditto::Buffer;

TEST_CASE("an empty buffer has nothing", "[base]") {
  const Buffer none{};
  CHECK(none.empty());
  CHECK(none.capacity() == 0);
  CHECK(!none.unique());
}

TEST_CASE("data is aligned, to a page for large buffers", "[base]") {
  for (std::size_t size : {0U, 1U, 100U, 4096U, 4608U, 5000U, 65536U, 70000U, 1U << 20, (1U << 20) + 4096U, 5U << 20}) {
    INFO("size " << size);
    Buffer buffer = Buffer::allocate(size);
    CHECK(buffer.size() == size);
    CHECK(buffer.capacity() >= size);
    const auto address = reinterpret_cast<std::uintptr_t>(buffer.data());
    CHECK(address % (buffer.capacity() >= (1U << 20) ? 4096 : alignof(std::max_align_t)) == 0);
    std::fill_n(buffer.data(), buffer.capacity(), std::byte{1});
  }
}

TEST_CASE("a call with a header and a payload of the usual sizes fits in one chunk", "[base]") {
  CHECK(Buffer::allocate(1).capacity() >= 4096 + 300);
  CHECK(Buffer::allocate(5000).capacity() >= 65536 + 300);
  CHECK(Buffer::allocate(70000).capacity() >= (1U << 20) + 300);
}

TEST_CASE("slices share their chunk, copies of bytes do not", "[base]") {
  Buffer whole = Buffer::copy_of(ditto::bytes_of("hello world"));
  CHECK(whole.unique());
  Buffer part = whole.slice(6, 5);
  CHECK(!whole.unique());
  CHECK(part.data() == whole.data() + 6);
  CHECK(ditto::text_of(part.bytes()) == "world");
  whole = Buffer();
  CHECK(part.unique());
  CHECK(ditto::text_of(part.bytes()) == "world");

  Buffer other = part;
  CHECK(other.data() == part.data());
  Buffer moved = std::move(other);
  CHECK(other.empty());  // NOLINT(bugprone-use-after-move): a moved-from buffer is empty
  CHECK(!moved.unique());
  other = moved;
  moved = std::move(other);
  CHECK(ditto::text_of(moved.bytes()) == "world");
}

TEST_CASE("a slice grows within its chunk and loses its front", "[base]") {
  Buffer buffer = Buffer::copy_of(ditto::bytes_of("abcdef"));
  const auto* front = buffer.data();
  const std::size_t capacity = buffer.capacity();
  buffer.remove_prefix(2);
  CHECK(ditto::text_of(buffer.bytes()) == "cdef");
  CHECK(buffer.capacity() == capacity - 2);
  buffer.resize(buffer.capacity());
  CHECK(buffer.data() + buffer.size() == front + capacity);
  buffer.resize(1);
  CHECK(ditto::text_of(buffer.bytes()) == "c");
}

TEST_CASE("a freed chunk is used again by its thread", "[base]") {
  const ditto::DepotLoan loan(std::size_t{2} << 20);
  for (std::size_t size : {1000U, 50'000U, 1U << 20}) {
    INFO("size " << size);
    Buffer buffer = Buffer::allocate(size);
    const auto* data = buffer.data();
    Buffer slice = buffer.slice(10, 20);
    buffer = Buffer();
    slice = Buffer();
    // A sanitizer gets every chunk back, to see what is used after it was freed.
    if (ditto::detail::keep_freed_blocks) {
      CHECK(Buffer::allocate(size).data() == data);
    } else {
      CHECK(Buffer::allocate(size).unique());
    }
  }
}

TEST_CASE("large chunks that another thread drops come back without fresh pages", "[base]") {
  // As in a cold read: one thread makes and fills every chunk, another drops it.
  const ditto::DepotLoan loan(std::size_t{16} << 20);
  std::counting_semaphore<> dropped(0);
  ditto::BlockingPool dropper(1);
  const auto make = [&](int rounds) {
    for (int i = 0; i < rounds; ++i) {
      std::vector<Buffer> in_flight;
      for (int j = 0; j < 10; ++j) {
        in_flight.push_back(Buffer::allocate(1 << 20));
        std::fill_n(in_flight.back().data(), in_flight.back().size(), std::byte{1});
      }
      ditto::post(dropper, [&dropped, held = std::move(in_flight)]() mutable {
        held.clear();
        dropped.release();
      });
      dropped.acquire();
    }
  };
  const auto faults = [] {
    rusage usage{};
    ::getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_minflt;
  };
  make(4);
  const auto before = faults();
  make(10);
  // 100 fresh chunks would be 25,600 pages.
  if (ditto::detail::keep_freed_blocks) {
    CHECK(faults() - before < 1000);
  } else {
    CHECK(faults() - before >= 0);
  }
}

TEST_CASE("the lists of freed chunks are bounded", "[base]") {
  const ditto::DepotLoan loan(std::size_t{4} << 20);
  // More than any list keeps; what matters is that all of it comes and goes, and that nothing leaks or is handed out
  // twice.
  std::vector<Buffer> many;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 400; ++i) {
      many.push_back(Buffer::allocate(64));
      many.back().data()[0] = static_cast<std::byte>(i);
    }
    for (int i = 0; i < 40; ++i) many.push_back(Buffer::allocate(1 << 20));
    for (int i = 0; i < 400; ++i) {
      if (many[static_cast<std::size_t>(i)].data()[0] != static_cast<std::byte>(i))
        FAIL("chunk " << i << " was given twice");
    }
    many.clear();
  }
  CHECK(many.empty());
}

TEST_CASE("slices of one chunk may be dropped by several threads", "[base]") {
  for (int round = 0; round < 50; ++round) {
    Buffer buffer = Buffer::copy_of(ditto::bytes_of("shared"));
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([slice = buffer] {
        for (int copies = 0; copies < 100; ++copies) {
          Buffer again = slice;
          if (again.size() != 6) std::abort();
        }
      });
    }
    for (auto& thread : threads) thread.join();
    CHECK(ditto::text_of(buffer.bytes()) == "shared");
  }
}

TEST_CASE("chunks outlive the thread that made them", "[base]") {
  Buffer made;
  std::thread([&] {
    {
      Buffer freed = Buffer::allocate(10);
    }
    made = Buffer::copy_of(ditto::bytes_of("from afar"));
  }).join();
  CHECK(ditto::text_of(made.bytes()) == "from afar");
}

namespace {
struct HeldToTheEnd {
  Buffer buffer;
};
thread_local HeldToTheEnd held;
}  // namespace

TEST_CASE("a thread-local buffer is freed after the thread's pools are gone", "[base]") {
  bool done = false;
  std::thread([&] {
    held.buffer = Buffer::allocate(10);  // made before the pool's own thread-local, so destroyed after it
    {
      Buffer first = Buffer::allocate(10);
    }
    done = true;
  }).join();
  CHECK(done);
}
