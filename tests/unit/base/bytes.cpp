#include "base/bytes.hpp"

#include <array>
#include <catch2/catch.hpp>

TEST_CASE("big-endian loads and stores need no alignment", "[base]") {
  std::array<std::byte, 9> memory{};
  ditto::store_be(memory.data() + 1, std::uint64_t{0x0102030405060708});
  CHECK(memory[1] == std::byte{1});
  CHECK(memory[8] == std::byte{8});
  CHECK(ditto::load_be<std::uint64_t>(memory.data() + 1) == 0x0102030405060708);
  CHECK(ditto::load_be<std::uint32_t>(memory.data() + 3) == 0x03040506);
  CHECK(ditto::load_be<std::uint16_t>(memory.data() + 7) == 0x0708);
  CHECK(ditto::load_be<std::uint8_t>(memory.data() + 2) == 2);
}

TEST_CASE("text and bytes view each other", "[base]") {
  CHECK(ditto::text_of(ditto::bytes_of("caf\xc3\xa9")) == "caf\xc3\xa9");
  CHECK(ditto::bytes_of("").empty());
}
