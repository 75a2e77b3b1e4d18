// The Reader against hostile lengths, and what it shares with the chain it reads from.
#include "wire/xdr_reader.hpp"

#include <catch2/catch.hpp>

#include "wire/golden.hpp"
#include "wire/laws.hpp"
#include "wire/sample_types.hpp"

namespace ditto::test {
namespace {

struct Half {
  Status status{};
  std::uint32_t member{};
  static constexpr void visit(auto& ar, auto& m) { ar.choose(m.status, xdr::case_<Status::Denied>(m.member)); }
};

template <class T>
bool refused(std::string_view hex) {
  const BufferChain chain = chain_of(hex);
  return !xdr::decode<T>(chain);
}

bool within(Bytes part, Bytes whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

}  // namespace

TEST_CASE("a length beyond its type or beyond the bytes fails at once", "[wire]") {
  CHECK(refused<xdr::opaque<64>>("ffffffff 00000000"));
  CHECK(refused<xdr::opaque<400>>("ffffffff 00000000"));
  CHECK(refused<xdr::opaque<3>>("00000004 01020304"));
  CHECK(refused<xdr::opaque<400>>("00000005 01020304"));
  CHECK(refused<xdr::string<3>>("00000004 41424344"));
  CHECK(refused<xdr::string<0xffffffff>>("ffffffff 00000000"));
  CHECK(refused<xdr::payload<0xffffffff>>("ffffffff 00000000"));
  CHECK(refused<xdr::payload<3>>("00000004 41424344"));
  CHECK(refused<xdr::array<std::uint32_t, 1>>("00000002 00000000 00000000"));
  CHECK(refused<xdr::array<std::uint32_t, 0xffffffff>>("3fffffff 00000000"));
  CHECK(refused<xdr::array<xdr::nothing, 4>>("ffffffff"));
  CHECK(!refused<xdr::array<xdr::nothing, 4>>("00000004"));
}

TEST_CASE("padding that is cut off is missing", "[wire]") {
  CHECK(refused<xdr::string<8>>("00000001 41"));
  CHECK(refused<xdr::string<8>>("00000001 410000"));
  CHECK(refused<xdr::payload<8>>("00000003 414243"));
  CHECK(refused<xdr::fixed_opaque<3>>("414243"));
}

TEST_CASE("failure is sticky and later fields read as zero or empty", "[wire]") {
  const BufferChain chain = chain_of("00000002 00000001 00000001 00000001");
  xdr::Reader reader(chain);
  bool flag = true;
  reader(flag);
  CHECK(!reader.ok());
  CHECK(reader.remaining() == 0);
  std::uint32_t number = 7;
  auto text = xdr::string<8>::lend("old");
  xdr::opaque<8> handle(hex_bytes("01"));
  std::optional<std::uint32_t> maybe(1);
  xdr::array<std::uint32_t, 4> some;
  some.push_back(1);
  xdr::payload<8> data(Buffer::copy_of(hex_bytes("01")));
  reader(number, text, handle, maybe, some, data);
  CHECK(number == 0);
  CHECK(text.empty());
  CHECK(handle.empty());
  CHECK(!maybe);
  CHECK(some.empty());
  CHECK(data.size() == 0);
  CHECK(!reader.finish());
}

TEST_CASE("a union whose discriminant has no arm is refused", "[wire]") {
  CHECK(!refused<Half>("0000000d 00000001"));
  CHECK(refused<Half>("00000000 00000001"));
  CHECK(refused<Basket>("00000003 11111111 11111111"));
}

TEST_CASE("names and long opaques show bytes of the request when they lie in one slice", "[wire]") {
  const BufferChain chain = chain_of("00000000 00000005 68656c6c 6f000000");
  const auto lookup = xdr::decode<Lookup>(chain);
  REQUIRE(lookup);
  CHECK(lookup->name.view() == "hello");
  CHECK(within(lookup->name.bytes(), chain.buffers()[0].bytes()));

  BufferChain split = chain.slice(0, 10);
  split.append(Buffer::copy_of(chain.slice(10, 6).coalesce().bytes()));
  const auto copied = xdr::decode<Lookup>(split);
  REQUIRE(copied);
  CHECK(copied->name.view() == "hello");
  CHECK(!within(copied->name.bytes(), split.buffers()[0].bytes()));

  // An owned name outlives what it was read from, and so do its copies.
  auto lasting = copied->name;
  split.clear();
  CHECK(lasting.view() == "hello");
}

TEST_CASE("a payload is the request's own memory, however it is sliced", "[wire]") {
  Write write{.offset = 1};
  write.file.data.assign(hex_bytes("010203"));
  write.data.chain = Buffer::allocate(100'003);
  for (const Buffer& buffer : write.data.chain.buffers()) {
    for (std::size_t i = 0; i < buffer.size(); ++i) const_cast<std::byte*>(buffer.data())[i] = std::byte(i * 7);
  }
  const auto bytes = flat(xdr::encode(write));

  for (std::size_t slice : {std::size_t{1} << 20, std::size_t{65536}, std::size_t{4096}, std::size_t{1000}}) {
    INFO("slices of " << slice);
    BufferChain request;
    for (std::size_t at = 0; at < bytes.size(); at += slice) {
      request.append(Buffer::copy_of(Bytes(bytes).subspan(at, std::min(slice, bytes.size() - at))));
    }
    const auto back = xdr::decode<Write>(request);
    REQUIRE(back);
    CHECK(back->data == write.data);
    // Slice by slice the payload lies in the request, after the 20 bytes before it.
    std::size_t offset = 20;
    for (const Buffer& part : back->data.chain.buffers()) {
      const Buffer& whole = request.buffers()[offset / slice];
      CHECK(part.data() == whole.data() + offset % slice);
      offset += part.size();
    }
    CHECK(offset == 20 + 100'003);
  }
}

TEST_CASE("a Reader of plain bytes copies payloads and shows names", "[wire]") {
  const auto bytes = hex_bytes("00000001 41000000 00000003 010203 00");
  xdr::Reader reader((Bytes(bytes)));
  xdr::string<8> name;
  xdr::payload<8> data;
  reader(name, data);
  REQUIRE(reader.finish());
  CHECK(within(name.bytes(), bytes));
  CHECK(to_hex(data.chain) == "010203");
  CHECK(!within(data.chain.buffers()[0].bytes(), bytes));
}

TEST_CASE("take and skip move through slices and fail together with the rest", "[wire]") {
  BufferChain chain = chain_of("0102");
  chain.append(chain_of("030405"));
  chain.append(chain_of("06"));
  xdr::Reader reader(chain);
  reader.skip(1);
  CHECK(to_hex(reader.take(3)) == "020304");
  CHECK(reader.remaining() == 2);
  CHECK(reader.take(0).empty());
  reader.skip(3);
  CHECK(!reader.ok());
  CHECK(reader.take(1).empty());
  CHECK(!reader.finish());
}

TEST_CASE("an empty chain holds empty structs only", "[wire]") {
  const BufferChain chain{};
  CHECK(xdr::decode<Empty>(chain));
  CHECK(!xdr::decode<std::uint32_t>(chain));
}

}  // namespace ditto::test
