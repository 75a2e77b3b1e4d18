// What the goldens of NFSv4 share: reading one, and pieces of bytes that recur in them. The bytes are written by hand,
// field by field, from the XDR of RFC 7531, RFC 5662 and RFC 7863; no program of ours made them. It needs catch-main.
#pragma once

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "nfs/v4/types.hpp"
#include "wire/golden.hpp"
#include "wire/xdr.hpp"

namespace ditto::test {

/// A T that was read from all of `hex`, and is written as `hex` again.
template <class T>
struct Golden4 {
  BufferChain bytes;  // what the value may show bytes of
  std::optional<T> value;
  explicit Golden4(std::string_view hex) : bytes(chain_of(hex)), value(xdr::decode<T>(bytes)) {
    INFO(hex);
    REQUIRE(value);
    CHECK(to_hex(xdr::encode(*value)) == packed(hex));
  }
  const T* operator->() const { return &*value; }
  const T& operator*() const { return *value; }
};

template <class T>
bool refused(std::string_view hex) {
  const BufferChain chain = chain_of(hex);
  return !xdr::decode<T>(chain);
}

template <class Opaque>
std::string hex_of(const Opaque& opaque) {
  return to_hex(Buffer::copy_of(opaque.bytes()));
}

inline const std::string
    verifier_hex = " a1a2a3a4a5a6a7a8 ",
    clientid_hex = " 1122334455667788 ", sessionid_hex = " 00112233445566778899aabbccddeeff ",
    stateid_hex = " 00000009 0102030405060708090a0b0c ",  // seqid, other[12]
    owner_hex = " 1122334455667788 00000003 6f776e 00 ",  // clientid, owner<> "own"
    name_hex = " 00000005 612e747874 000000 ",            // "a.txt"
    fh_hex = " 00000006 f0f1f2f3f4f5 0000 ",
    // attrmask {size, mode}: bit 4, and bit 33, which is bit 1 of the second word; 12 bytes of values.
    fattr_hex = " 00000002 00000010 00000002  0000000c 0000000000000400 000001a4 ";

inline constexpr std::uint64_t golden_clientid = 0x1122334455667788;

}  // namespace ditto::test
