// Lists under a budget, and reading them back.
#include "wire/xdr_list.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "wire/golden.hpp"
#include "wire/sample_types.hpp"

namespace ditto::test {
namespace {

// On the wire 4 + 8 + 4 + 8 + 8: a TRUE, the id, a name of five to eight bytes, the cookie.
constexpr std::size_t entry_bytes = 32;

Entry entry(std::uint64_t id, std::string_view name) {
  return {.id = id, .name = xdr::string<255>::copy_of(name), .cookie = id + 1};
}

}  // namespace

TEST_CASE("a list takes entries until its budget is used up", "[wire]") {
  xdr::ListBuilder<Entry, 4096> builder(3 * entry_bytes + 20);
  std::uint64_t taken = 0;
  while (builder.add(entry(taken, "abcdef"))) ++taken;
  CHECK(taken == 3);
  CHECK(builder.size() == 3 * entry_bytes);
  // The 20 bytes that are left do not hold even an entry without a name.
  CHECK(!builder.add(entry(9, "")));
  const auto list = builder.finish();
  CHECK(list.encoding().size() == 3 * entry_bytes);
  CHECK(xdr::encoded_size(Listing{.entries = list}) == 8 + 3 * entry_bytes + 4 + 4);
}

TEST_CASE("an entry that does not fit leaves room for a smaller one", "[wire]") {
  xdr::ListBuilder<Entry, 4096> builder(2 * entry_bytes);
  CHECK(builder.add(entry(1, "abcdef")));
  CHECK(!builder.add(entry(2, std::string(200, 'x'))));
  CHECK(builder.size() == entry_bytes);
  CHECK(builder.add(entry(3, "ghijkl")));
  std::string seen;
  builder.finish().for_each(
      [&](const Entry& each) { seen += std::to_string(each.id) + std::string(each.name.view()); });
  CHECK(seen == "1abcdef3ghijkl");
}

TEST_CASE("the type bounds a list whatever the budget", "[wire]") {
  xdr::ListBuilder<Entry, 4096> builder(1 << 20);
  while (builder.add(entry(1, "abcdef"))) {
  }
  CHECK(builder.size() == 4096);

  // And a list that is read: 129 entries are 4128 bytes.
  xdr::Writer longer;
  longer(std::uint64_t{0});
  for (int i = 0; i < 129; ++i) longer(true, entry(1, "abcdef"));
  longer(false, true);
  const BufferChain chain = longer.finish();
  CHECK(!xdr::decode<Listing>(chain));
}

TEST_CASE("an endless list ends with its bytes", "[wire]") {
  const BufferChain cut =
      chain_of("0000000000000000 00000001 0000000000000001 00000001 61000000 0000000000000002 00000001");
  CHECK(!xdr::decode<Listing>(cut));
  const BufferChain wrong = chain_of("0000000000000000 00000002 0000000000000001");
  CHECK(!xdr::decode<Listing>(wrong));
}

TEST_CASE("a list that was read shares the request's memory and can be walked", "[wire]") {
  xdr::ListBuilder<Entry, 4096> builder;
  for (std::uint64_t id = 0; id < 100; ++id) REQUIRE(builder.add(entry(id, "entry" + std::to_string(id % 10))));
  const BufferChain request = xdr::encode(Listing{.verifier = 5, .entries = builder.finish(), .end = true});
  const auto back = xdr::decode<Listing>(request);
  REQUIRE(back);
  CHECK(back->verifier == 5);
  CHECK(back->end);
  CHECK(back->entries.encoding().buffers()[0].data() == request.buffers()[1].data());

  std::uint64_t next = 0;
  back->entries.for_each([&](const Entry& each) {
    CHECK(each.id == next);
    CHECK(each.name.view() == "entry" + std::to_string(next % 10));
    ++next;
  });
  CHECK(next == 100);

  next = 0;
  back->entries.for_each([&](const Entry&) { return ++next < 7; });
  CHECK(next == 7);
}

}  // namespace ditto::test
