// What traces show.
#include "wire/xdr_print.hpp"

#include <catch2/catch.hpp>

#include "wire/golden.hpp"
#include "wire/sample_types.hpp"

namespace ditto::test {

TEST_CASE("values print as one readable line", "[wire]") {
  CHECK(xdr::print(Numbers{.u32 = 1, .i32 = -2, .flag = true, .fruit = Fruit::Pear, .status = Status::Denied}) ==
        "Numbers{1, -2, 0, 0, true, Pear, 13}");
  CHECK(xdr::print(Empty{}) == "Empty{}");

  Write write{.offset = 4096, .data = chain_of("0102030405")};
  write.file.data.assign(hex_bytes("0a0b"));
  CHECK(xdr::print(write) == "Write{Handle{#0a0b}, 4096, <5 bytes>}");

  Lookup lookup{.name = xdr::string<255>::lend("a\"b\n\xff")};
  CHECK(xdr::print(lookup) == "Lookup{Handle{#}, \"a\\\"b\\x0a\\xff\"}");
}

TEST_CASE("unions print the arm that counts", "[wire]") {
  CHECK(xdr::print(Maybe{}) == "Maybe{0, Handle{#}}");
  CHECK(xdr::print(Maybe{.status = Status::Denied}) == "Maybe{13}");
  CHECK(xdr::print(Basket{.fruit = Fruit::Plum}) == "Basket{Plum, #0000000000000000}");
}

TEST_CASE("optionals, arrays and lists print their elements", "[wire]") {
  CHECK(xdr::print(Optionals{.mode = 7}) == "Optionals{7, none, none, [none, none]}");
  Lists lists;
  lists.groups.push_back(10);
  lists.groups.push_back(20);
  CHECK(xdr::print(lists) == "Lists{[10, 20], [], [], #, \"\"}");
  xdr::ListBuilder<Entry, 4096> entries;
  REQUIRE(entries.add({.id = 1, .name = xdr::string<255>::lend("x"), .cookie = 2}));
  REQUIRE(entries.add({.id = 3}));
  CHECK(xdr::print(Listing{.entries = entries.finish()}) ==
        "Listing{0, [Entry{1, \"x\", 2}, Entry{3, \"\", 0}], false}");
}

TEST_CASE("a long opaque is cut and its length given", "[wire]") {
  const std::vector<std::byte> bytes(40, std::byte{0x5a});
  std::string shown = "#";
  for (int i = 0; i < 32; ++i) shown += "5a";
  CHECK(xdr::print(xdr::opaque<64>(bytes)) == shown + "... (40 bytes)");
}

}  // namespace ditto::test
