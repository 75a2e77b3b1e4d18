// Which files a delegation was recalled of a moment ago.
#include "nfs/v4/callbacks/recalled_lately.hpp"

#include <catch2/catch.hpp>

using namespace ditto;
using nfs4::RecalledLately;

namespace {

constexpr state::Moment start = 1000 * state::one_second;

state::FileKey file(std::uint64_t inode) { return {.store = 0x1234'5678'9abc'def0, .inode = inode}; }

}  // namespace

TEST_CASE("a file rests after a recall, as long as it says, and rests anew after the next") {
  RecalledLately recalled;
  CHECK_FALSE(recalled.has(file(1), start));
  recalled.note(file(1), start);
  CHECK(recalled.has(file(1), start));
  CHECK(recalled.has(file(1), start + RecalledLately::rests_for - 1));
  CHECK_FALSE(recalled.has(file(1), start + RecalledLately::rests_for));
  recalled.note(file(1), start + state::one_second);
  CHECK(recalled.has(file(1), start + RecalledLately::rests_for));
}

TEST_CASE("no file rests for another one's recall, however many there are") {
  RecalledLately recalled;
  constexpr std::uint64_t many = 10'000;
  for (std::uint64_t inode = 1; inode <= many; ++inode) recalled.note(file(inode), start);
  std::size_t wrongly = 0, known = 0;
  for (std::uint64_t inode = 1; inode <= many; ++inode) known += recalled.has(file(inode), start);
  for (std::uint64_t inode = many + 1; inode <= 11 * many; ++inode) wrongly += recalled.has(file(inode), start);
  CHECK(wrongly == 0);
  // As many as there is room for, less those that fell together.
  CHECK(known > 3000);
  CHECK(recalled.has(file(many), start));
}
