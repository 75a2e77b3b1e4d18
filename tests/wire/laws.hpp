// The laws that every described XDR type must keep, for any protocol's types in one line:
//   DITTO_XDR_LAWS("NFSv3 types", "[nfs3]", GETATTR3args, GETATTR3res, ...)
// It needs catch-main and wire. What a type's bytes should be is not known here; golden bytes are each protocol's own
// tests.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "wire/xdr.hpp"
#include "wire/xdr_print.hpp"
#include "wire/xdr_sample.hpp"

namespace ditto::test {

inline constexpr std::uint64_t law_rounds = 40;
/// Encodings up to this are cut at every byte and spoilt at every word; of longer ones, both ends.
inline constexpr std::size_t law_thorough_bytes = 512;
/// Encodings beyond this are looked at less closely, to keep the laws quick.
inline constexpr std::size_t law_long_bytes = 16384;
/// Types with a larger bound are not made as large as they can be.
inline constexpr std::size_t law_largest_bytes = std::size_t{4} << 20;

inline std::vector<std::byte> flat(const BufferChain& chain) {
  std::vector<std::byte> bytes(chain.size());
  chain.copy_to(0, bytes);
  return bytes;
}

/// The bytes in slices of their own chunks, whose lengths `cut` draws; some are of a single byte.
inline BufferChain fragmented(Bytes bytes, xdr::Sampler& cut) {
  BufferChain chain;
  const std::size_t usual = bytes.size() > law_long_bytes ? bytes.size() / 16 : 64;
  while (!bytes.empty()) {
    const std::size_t here = std::min(bytes.size(), 1 + cut.below(cut.coin() ? 4 : usual));
    chain.append(Buffer::copy_of(bytes.first(here)));
    bytes = bytes.subspan(here);
  }
  return chain;
}

/// Reads T from memory of exactly the right size, so that a sanitizer sees one byte too many.
template <class T>
bool reads_exact(Bytes bytes) {
  auto memory = std::make_unique<std::byte[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), memory.get());
  xdr::Reader reader(Bytes(memory.get(), bytes.size()));
  T value{};
  reader(value);
  return reader.finish();
}

template <class T>
void check_round_trip(const T& value, xdr::Sampler& cut) {
  const BufferChain written = xdr::encode(value);
  CHECK(written.size() % 4 == 0);
  CHECK(written.size() <= xdr::bound<T>());
  CHECK(written.size() >= xdr::min_size<T>());
  CHECK(written.size() == xdr::encoded_size(value));
  const auto bytes = flat(written);
  CHECK(reads_exact<T>(bytes));

  const BufferChain pieces = fragmented(bytes, cut);
  for (const BufferChain* chain : {&written, &pieces}) {
    const auto back = xdr::decode<T>(*chain);
    REQUIRE(back);
    CHECK(flat(xdr::encode(*back)) == bytes);
    if constexpr (std::equality_comparable<T>) CHECK(*back == value);
  }

  // One word too many is seen by finish(), and only by it.
  auto longer = bytes;
  longer.resize(bytes.size() + 4);
  xdr::Reader reader((Bytes(longer)));
  T again{};
  reader(again);
  CHECK(reader.ok());
  CHECK(!reader.finish());
}

inline bool at_an_end(std::size_t offset, std::size_t size) {
  const std::size_t reach = size > law_long_bytes ? 48 : law_thorough_bytes / 2;
  return offset < reach || size - offset <= reach;
}

template <class T>
void check_truncation(Bytes bytes, xdr::Sampler& cut) {
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    if (!at_an_end(size, bytes.size())) continue;
    INFO("cut to " << size << " of " << bytes.size() << " bytes");
    REQUIRE(!reads_exact<T>(bytes.first(size)));
    const BufferChain pieces = fragmented(bytes.first(size), cut);
    xdr::Reader reader(pieces);
    T value{};
    reader(value);
    REQUIRE(!reader.ok());
    REQUIRE(reader.remaining() == 0);
  }
}

/// Spoilt bytes are refused, or read as a value that keeps the laws itself; they are never over-read.
template <class T>
void check_spoilt(Bytes bytes, xdr::Sampler& cut) {
  static constexpr std::uint32_t words[] = {0, 1, 2, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff};
  for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
    if (!at_an_end(at, bytes.size())) continue;
    auto spoilt = std::vector(bytes.begin(), bytes.end());
    if (cut.coin()) {
      store_be(spoilt.data() + at, words[cut.below(std::size(words))]);
    } else {
      spoilt[at + cut.below(4)] ^= static_cast<std::byte>(1U << cut.below(8));
    }
    const BufferChain pieces = fragmented(spoilt, cut);
    const auto value = xdr::decode<T>(pieces);
    REQUIRE(value.has_value() == reads_exact<T>(spoilt));
    if (!value) continue;
    const BufferChain again = xdr::encode(*value);
    REQUIRE(again.size() <= xdr::bound<T>());
    REQUIRE(xdr::decode<T>(again));
  }
}

template <class T>
void xdr_laws() {
  for (std::uint64_t seed = 0; seed < law_rounds; ++seed) {
    const T value = xdr::sample<T>(seed);
    xdr::Sampler cut(~seed);
    INFO("seed " << seed << ": " << xdr::print(value));
    check_round_trip(value, cut);
    const auto bytes = flat(xdr::encode(value));
    check_truncation<T>(bytes, cut);
    check_spoilt<T>(bytes, cut);
    const std::string text = xdr::print(value);
    CHECK(std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }));
  }
  if constexpr (xdr::bound<T>() <= law_largest_bytes) {
    const T value = xdr::largest_sample<T>(1);
    xdr::Sampler cut(1);
    check_round_trip(value, cut);
    check_truncation<T>(flat(xdr::encode(value)), cut);
  }
}

}  // namespace ditto::test

#define DITTO_XDR_LAWS(name, tags, ...) \
  TEMPLATE_TEST_CASE(name, tags, __VA_ARGS__) { ::ditto::test::xdr_laws<TestType>(); }
