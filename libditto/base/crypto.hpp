// The one door to BoringSSL: no other file includes its headers. Keyed hashes and secret handling that more than one
// room needs; protocol key schedules are built on these where they are used. Pure functions, any thread.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"

namespace ditto::crypto {

using SipHashKey = std::array<std::uint64_t, 2>;

/// SipHash-2-4 of `data`: 64 bits, keyed, for hash tables that strangers feed and for filehandle MACs.
std::uint64_t siphash(const SipHashKey& key, Bytes data) noexcept;

/// Compares in a time that depends on the lengths only. Different lengths are unequal.
bool equal_constant_time(Bytes a, Bytes b) noexcept;

/// Fills `out` from the system's strong generator.
void random_bytes(MutableBytes out) noexcept;

}  // namespace ditto::crypto
