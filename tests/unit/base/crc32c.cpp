// The checksum against the vectors of RFC 3720, appendix B.4, and the processor's instruction against the table.
#include "base/crc32c.hpp"

#include <catch2/catch.hpp>
#include <numeric>
#include <vector>

#include "support/seeded_random.hpp"

using namespace ditto;

TEST_CASE("the vectors of RFC 3720") {
  std::vector<std::byte> bytes(32);
  CHECK(crc32c(bytes) == 0x8a9136aa);
  std::ranges::fill(bytes, std::byte{0xff});
  CHECK(crc32c(bytes) == 0x62a8ab43);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i);
  CHECK(crc32c(bytes) == 0x46dd794e);
  CHECK(crc32c(bytes_of("123456789")) == 0xe3069283);
  CHECK(crc32c({}) == 0);
}

TEST_CASE("a checksum continues where another ended, with and without the instruction") {
  test::SeededRandom random(1);
  std::vector<std::byte> bytes(300);
  random.fill(bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Bytes all = Bytes(bytes).first(size);
    const std::uint32_t whole = crc32c(all);
    CHECK(whole == detail::crc32c_portable(all, 0));
    const std::size_t cut = size / 3;
    CHECK(whole == crc32c(all.subspan(cut), crc32c(all.first(cut))));
  }
}
