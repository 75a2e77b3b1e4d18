#include "state/share_mode.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <string>

using namespace ditto::state;

TEST_CASE("the eight by eight table of share modes") {
  // Rows: what the second open wants to do; columns: what the first one denies, while it reads. x: refused. The other
  // direction is the same by symmetry.
  constexpr std::array<const char*, 8> table{
      //-  r  w rw  d rd wd rwd
      ". . . . . . . .",  // nothing
      ". x . x . x . x",  // read
      ". . x x . . x x",  // write
      ". x x x . x x x",  // read, write
      ". . . . x x x x",  // delete
      ". x . x x x x x",  // read, delete
      ". . x x x x x x",  // write, delete
      ". x x x x x x x",  // all
  };
  for (unsigned access = 0; access < 8; ++access) {
    for (unsigned deny = 0; deny < 8; ++deny) {
      const ShareMode first{Share::Read, Share(deny)}, second{Share(access), Share::None};
      const bool refused = table[access][std::size_t{2} * deny] == 'x';
      INFO("access " << access << " beside deny " << deny);
      CHECK(compatible(first, second) == !refused);
      CHECK(compatible(second, first) == !refused);
    }
  }
}

TEST_CASE("deny bits count both ways, and only beside access") {
  for (unsigned a = 0; a < 64; ++a) {
    for (unsigned b = 0; b < 64; ++b) {
      const ShareMode one{Share(a % 8), Share(a / 8)}, two{Share(b % 8), Share(b / 8)};
      const bool clash = ((a % 8) & (b / 8)) != 0 || ((b % 8) & (a / 8)) != 0;
      const bool counts = a % 8 != 0 && b % 8 != 0;
      CHECK(compatible(one, two) == !(clash && counts));
    }
  }
}
