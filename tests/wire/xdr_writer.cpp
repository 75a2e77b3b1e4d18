// The Writer's chain: what is linked, what is copied, going back, filling in later, and growth.
#include "wire/xdr_writer.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>

#include "wire/golden.hpp"
#include "wire/laws.hpp"
#include "wire/sample_types.hpp"

namespace ditto::test {

TEST_CASE("a payload is linked, and its padding follows in the writer's own chunk", "[wire]") {
  Buffer memory = Buffer::allocate(6);
  std::fill_n(memory.data(), 6, std::byte{0x77});
  Write write;
  write.data.chain.append(memory.slice(0, 2));
  write.data.chain.append(memory.slice(3, 3));
  const BufferChain written = xdr::encode(write);
  CHECK(to_hex(written) == packed("00000000 00000000 00000000 00000005 7777777777 000000"));
  REQUIRE(written.buffers().size() == 4);
  CHECK(written.buffers()[1].data() == memory.data());
  CHECK(written.buffers()[2].data() == memory.data() + 3);
  CHECK(written.buffers()[3].data() == written.buffers()[0].data() + written.buffers()[0].size());
}

TEST_CASE("a small reply is one slice of one chunk", "[wire]") {
  const BufferChain written = xdr::encode(Numbers{});
  REQUIRE(written.buffers().size() == 1);
  CHECK(written.buffers()[0].unique());
}

TEST_CASE("a number can be filled in later", "[wire]") {
  xdr::Writer writer;
  auto first = writer.reserve_u32();
  writer(std::uint32_t{1});
  writer.link(chain_of("aabbccdd"));
  auto second = writer.reserve_u32();
  CHECK(writer.size() == 16);
  writer.patch(second, 0x55);
  writer.patch(first, 0x80000000U | 12);
  CHECK(to_hex(writer.finish()) == "8000000c00000001aabbccdd00000055");
}

TEST_CASE("a writer can be used again after finish", "[wire]") {
  xdr::Writer writer;
  CHECK(writer.finish().empty());
  writer(true);
  CHECK(writer.finish().size() == 4);
  CHECK(writer.size() == 0);
  writer(false);
  CHECK(to_hex(writer.finish()) == "00000000");
}

TEST_CASE("going back leaves the bytes as if nothing had been written", "[wire]") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    INFO("seed " << seed);
    xdr::Sampler draw(seed);
    xdr::Writer plain;
    xdr::Writer returning;
    const std::size_t steps = draw.below(6);
    for (std::size_t step = 0; step < steps; ++step) {
      const auto kept = xdr::sample<Everything>(draw.next());
      plain(kept);
      returning(kept);
      const auto mark = returning.mark();
      const std::size_t junk = draw.below(draw.coin() ? 3 : 20);
      for (std::size_t i = 0; i < junk; ++i) returning(xdr::sample<Everything>(draw.next()));
      if (draw.coin()) returning.put(std::vector(draw.below(200'000), std::byte{0xee}));
      returning.rollback(mark);
      REQUIRE(returning.size() == plain.size());
    }
    REQUIRE(returning.finish() == plain.finish());
  }
}

TEST_CASE("a long encoding grows by chunks", "[wire]") {
  xdr::Writer writer;
  for (std::uint32_t i = 0; i < 100'000; ++i) writer(i);
  const BufferChain written = writer.finish();
  REQUIRE(written.size() == 400'000);
  CHECK(written.buffers().size() < 12);
  xdr::Reader reader(written);
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    std::uint32_t value = ~i;
    reader(value);
    if (value != i) FAIL("number " << i << " is " << value);
  }
  CHECK(reader.finish());
}

TEST_CASE("a value that its type does not allow is a mistake of ours", "[wire]") {
  CHECK_THROWS_AS(xdr::string<3>::lend("four"), std::logic_error);
  CHECK_THROWS_AS(xdr::opaque<3>(hex_bytes("01020304")), std::logic_error);
  CHECK_THROWS_AS(xdr::opaque<200>::copy_of(std::vector<std::byte>(201)), std::logic_error);
  xdr::Writer writer;
  CHECK_THROWS_AS(writer(xdr::payload<3>(chain_of("01020304"))), std::logic_error);
  xdr::array<std::uint32_t, 1> two;
  two.push_back(1);
  two.push_back(2);
  CHECK_THROWS_AS(writer(two), std::logic_error);
  CHECK_THROWS_AS(writer(Basket{.fruit = Fruit{3}}), std::logic_error);
}

TEST_CASE("opaques copy what they are given", "[wire]") {
  auto bytes = hex_bytes("010203");
  xdr::opaque<64> small(bytes);
  auto large = xdr::opaque<400>::copy_of(bytes);
  auto lent = xdr::opaque<400>::lend(bytes);
  bytes[0] = std::byte{9};
  CHECK(small.bytes()[0] == std::byte{1});
  CHECK(large.bytes()[0] == std::byte{1});
  CHECK(lent.bytes()[0] == std::byte{9});
  CHECK(small != xdr::opaque<64>(bytes));
}

TEST_CASE("what was written since a mark is shown as it is, and what follows goes behind it") {
  xdr::Writer writer;
  writer(std::uint32_t{1});
  const auto mark = writer.mark();
  CHECK(writer.since(mark).empty());
  writer(std::uint32_t{2});
  writer.link(chain_of("0000000a"));
  writer(std::uint32_t{3});
  const BufferChain shown = writer.since(mark);
  CHECK(to_hex(shown) ==
        "00000002"
        "0000000a"
        "00000003");
  writer(std::uint32_t{4});
  CHECK(to_hex(shown) ==
        "00000002"
        "0000000a"
        "00000003");
  CHECK(to_hex(writer.finish()) ==
        "00000001"
        "00000002"
        "0000000a"
        "00000003"
        "00000004");
}

}  // namespace ditto::test
