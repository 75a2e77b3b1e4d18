// What an inode in memory costs: what the division of a server's memory counts on.
#include <catch2/catch.hpp>
#include <memory>

#include "support/skip.hpp"
#include "vfs/node_table.hpp"

#ifdef __GLIBC__
#include <malloc.h>
#endif

using namespace ditto;
using namespace ditto::vfs;

TEST_CASE("an inode in memory takes what is said of it") {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
  const auto allocated = [] {
    const struct mallinfo2 info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
  };
  constexpr std::size_t count = 100'000;
  const Rollbacks rollbacks;
  const SharedLists lists;
  const auto table = std::make_unique<NodeTable>(count * 2, rollbacks, lists);
  const std::size_t before = allocated();
  for (std::uint64_t i = 0; i < count; ++i) table->get_or_insert({0, i + 1}, 0);
  REQUIRE(table->size() == count);
  const std::size_t each = (allocated() - before) / count;
  CAPTURE(each);
  if (allocated() == before) return ditto::test::skip("a checker has its own allocator");
  CHECK(each <= node_memory_bytes);
  CHECK(each >= node_memory_bytes / 4 * 3);
#endif
}

TEST_CASE("a table whose capacity falls forgets what is beyond it as others come") {
  const Rollbacks rollbacks;
  const SharedLists lists;
  NodeTable table(64 * 64, rollbacks, lists);
  const auto insert = [&](std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t i = from; i < to; ++i) table.get_or_insert({0, i + 1}, 0);
  };
  insert(0, 64 * 64);
  const std::size_t full = table.size();
  table.set_capacity(64 * 8);
  CHECK(table.capacity() == 64 * 8);
  CHECK(table.size() == full);
  insert(64 * 64, 64 * 256);
  CHECK(table.size() <= 64 * 8);
}
