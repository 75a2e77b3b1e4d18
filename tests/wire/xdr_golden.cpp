// Bytes against the text of RFC 4506. Each golden is written by hand from the section named beside it.
#include <catch2/catch.hpp>

#include "wire/golden.hpp"
#include "wire/sample_types.hpp"
#include "wire/xdr.hpp"

namespace ditto::test {
namespace {

/// `value` is written as `hex`, and `hex` is read as something that is written as `hex`.
template <class T>
T same(const T& value, std::string_view hex) {
  CHECK(to_hex(xdr::encode(value)) == packed(hex));
  static BufferChain kept;  // what the result may show bytes of
  kept = chain_of(hex);
  auto back = xdr::decode<T>(kept);
  REQUIRE(back);
  CHECK(to_hex(xdr::encode(*back)) == packed(hex));
  return *back;
}

template <class T>
bool refused(std::string_view hex) {
  const BufferChain chain = chain_of(hex);
  return !xdr::decode<T>(chain);
}

}  // namespace

TEST_CASE("integers are big-endian two's complement of four or eight bytes", "[wire]") {
  CHECK(same(std::int32_t{-2}, "fffffffe") == -2);  // RFC 4506, 4.1
  CHECK(same(std::int32_t{0x01020304}, "01020304") == 0x01020304);
  CHECK(same(std::uint32_t{0xfffffffe}, "fffffffe") == 0xfffffffe);                           // 4.2
  CHECK(same(std::int64_t{-1}, "ffffffff ffffffff") == -1);                                   // 4.5
  CHECK(same(std::uint64_t{0x0102030405060708}, "01020304 05060708") == 0x0102030405060708);  // 4.5
}

TEST_CASE("an enumeration is its number, and one that lists its values has no other", "[wire]") {
  CHECK(same(Fruit::Plum, "00000007") == Fruit::Plum);  // 4.3
  CHECK(refused<Fruit>("00000003"));
  CHECK(same(Status{99}, "00000063") == Status{99});
}

TEST_CASE("a bool is 0 or 1 and nothing else", "[wire]") {
  CHECK(same(true, "00000001"));  // 4.4
  CHECK(!same(false, "00000000"));
  CHECK(refused<bool>("00000002"));
  CHECK(refused<bool>("ffffffff"));
  CHECK(refused<bool>("01000000"));
}

TEST_CASE("opaque data is padded to four bytes", "[wire]") {
  xdr::fixed_opaque<5> five{};
  five.fill(std::byte{0xab});
  same(five, "ababab abab 000000");                                                    // 4.9
  CHECK(same(xdr::opaque<8>(hex_bytes("010203")), "00000003 010203 00").size() == 3);  // 4.10
  CHECK(same(xdr::opaque<8>(), "00000000").empty());
  CHECK(same(xdr::opaque<400>::copy_of(hex_bytes("0102030405")), "00000005 0102030405 000000").size() == 5);
}

TEST_CASE("a string is its length, its bytes and padding", "[wire]") {
  // 4.11; the file of section 7: "sillyprog" as its name.
  CHECK(same(xdr::string<255>::lend("sillyprog"), "00000009 73696c6c 7970726f 67000000").view() == "sillyprog");
  CHECK(same(xdr::string<255>::lend("john"), "00000004 6a6f686e").view() == "john");
}

TEST_CASE("arrays are their elements, counted when their length varies", "[wire]") {
  same(std::array<std::uint32_t, 2>{1, 2}, "00000001 00000002");  // 4.12
  xdr::array<std::uint32_t, 4> some;
  some.push_back(5);
  some.push_back(6);
  CHECK(same(some, "00000002 00000005 00000006").size() == 2);  // 4.13
}

TEST_CASE("a union is its discriminant and the arm that it names", "[wire]") {
  Basket plum{.fruit = Fruit::Plum};  // 4.15
  plum.stone.fill(std::byte{0x11});
  CHECK(same(plum, "00000007 11111111 11111111").fruit == Fruit::Plum);

  Maybe yes;
  yes.resok.data.assign(hex_bytes("aa"));
  CHECK(same(yes, "00000000 00000001 aa000000").resok.data.size() == 1);
  CHECK(same(Maybe{.status = Status::Denied}, "0000000d").status == Status::Denied);
  CHECK(same(Maybe{.status = Status{77}}, "0000004d").status == Status{77});

  // Default arms, void and not; an arm that is void.
  Choices choices{.status = Status::Denied, .time = 9, .kind = 2, .follows = true, .next = 4};
  same(choices, "0000000d 00000000 00000009  00000002  00000001 00000004");
  choices = {.kind = 7, .text = xdr::string<20>::lend("x")};
  same(choices, "00000000  00000007 00000001 78000000  00000000");
}

TEST_CASE("optional data is a bool and what it announces", "[wire]") {
  same(std::optional<std::uint32_t>(), "00000000");  // 4.19
  same(std::optional<std::uint32_t>(3), "00000001 00000003");
  CHECK(refused<std::optional<std::uint32_t>>("00000002 00000003"));
}

TEST_CASE("a linked list is optional data in a row", "[wire]") {
  // 4.19, stringlist: each entry after a TRUE, a FALSE at the end.
  xdr::ListBuilder<Entry, 4096> entries;
  REQUIRE(entries.add({.id = 1, .name = xdr::string<255>::lend("a"), .cookie = 2}));
  REQUIRE(entries.add({.id = 3, .name = xdr::string<255>::lend("bcde"), .cookie = 4}));
  same(Listing{.verifier = 8, .entries = entries.finish(), .end = true},
       "00000000 00000008"
       "00000001 00000000 00000001 00000001 61000000 00000000 00000002"
       "00000001 00000000 00000003 00000004 62636465 00000000 00000004"
       "00000000 00000001");
  same(Listing{}, "00000000 00000000 00000000 00000000");
}

TEST_CASE("padding that is not zero is read all the same", "[wire]") {
  // 4.9 says that the residual bytes are zero. Old clients send what lay in their buffers; nothing rests on these
  // bytes, so to refuse them would only break such clients. Ours are always zero.
  const BufferChain fixed = chain_of("ababababab ffffff");
  CHECK(xdr::decode<xdr::fixed_opaque<5>>(fixed));
  const BufferChain text = chain_of("00000001 41 010203");
  const auto string = xdr::decode<xdr::string<4>>(text);
  REQUIRE(string);
  CHECK(string->view() == "A");
  CHECK(to_hex(xdr::encode(*string)) == packed("00000001 41000000"));
  const BufferChain data = chain_of("00000002 4142 0102");
  CHECK(xdr::decode<xdr::payload<8>>(data));
}

TEST_CASE("bounds are known at compile time", "[wire]") {
  STATIC_REQUIRE(xdr::bound<Numbers>() == 4 + 4 + 8 + 8 + 4 + 4 + 4);
  STATIC_REQUIRE(xdr::min_size<Numbers>() == xdr::bound<Numbers>());
  STATIC_REQUIRE(xdr::bound<Empty>() == 0);
  STATIC_REQUIRE(xdr::bound<Handle>() == 68);
  STATIC_REQUIRE(xdr::min_size<Handle>() == 4);
  STATIC_REQUIRE(xdr::bound<Fixed>() == 8 + 8 + 4 + 12 + 2 * 36);
  STATIC_REQUIRE(xdr::bound<Wide>() == 1600 + 2052);
  STATIC_REQUIRE(xdr::bound<Write>() == 68 + 8 + 4 + (1 << 20));
  STATIC_REQUIRE(xdr::bound<Lookup>() == 68 + 4 + 256);
  STATIC_REQUIRE(xdr::bound<Maybe>() == 4 + 68);
  STATIC_REQUIRE(xdr::min_size<Maybe>() == 4);
  STATIC_REQUIRE(xdr::bound<Basket>() == 4 + 36);
  STATIC_REQUIRE(xdr::min_size<Basket>() == 4 + 8);
  STATIC_REQUIRE(xdr::bound<Listing>() == 8 + 4096 + 4 + 4);
}

}  // namespace ditto::test
