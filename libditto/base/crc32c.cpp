#include "base/crc32c.hpp"

#include <array>
#include <cstddef>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace ditto {
namespace {

constexpr std::uint32_t polynomial = 0x82f63b78;  // bit-reversed

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t remainder = i;
    for (int bit = 0; bit < 8; ++bit) remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? polynomial : 0);
    table[i] = remainder;
  }
  return table;
}

constexpr std::array<std::uint32_t, 256> table = make_table();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_sse42(Bytes bytes, std::uint32_t before) noexcept {
  std::uint64_t remainder = ~before;
  const std::byte* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= sizeof(std::uint64_t); left -= sizeof(std::uint64_t), at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    remainder = _mm_crc32_u64(remainder, word);
  }
  auto rest = static_cast<std::uint32_t>(remainder);
  for (; left > 0; --left, ++at) rest = _mm_crc32_u8(rest, static_cast<std::uint8_t>(*at));
  return ~rest;
}
#endif

}  // namespace

std::uint32_t detail::crc32c_portable(Bytes bytes, std::uint32_t before) noexcept {
  std::uint32_t remainder = ~before;
  for (const std::byte byte : bytes) {
    remainder = (remainder >> 8) ^ table[(remainder ^ static_cast<std::uint8_t>(byte)) & 0xff];
  }
  return ~remainder;
}

std::uint32_t crc32c(Bytes bytes, std::uint32_t before) noexcept {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction) return crc32c_sse42(bytes, before);
#endif
  return detail::crc32c_portable(bytes, before);
}

}  // namespace ditto
