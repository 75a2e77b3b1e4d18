#include "base/crypto.hpp"

#include <openssl/mem.h>
#include <openssl/rand.h>
#include <openssl/siphash.h>

#include "base/assert.hpp"

namespace ditto::crypto {
namespace {

const std::uint8_t* octets(Bytes bytes) noexcept { return reinterpret_cast<const std::uint8_t*>(bytes.data()); }

}  // namespace

std::uint64_t siphash(const SipHashKey& key, Bytes data) noexcept {
  return SIPHASH_24(key.data(), octets(data), data.size());
}

bool equal_constant_time(Bytes a, Bytes b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void random_bytes(MutableBytes out) noexcept {
  DITTO_ASSERT(RAND_bytes(reinterpret_cast<std::uint8_t*>(out.data()), out.size()) == 1);
}

}  // namespace ditto::crypto
