#include "base/crypto.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <numeric>
#include <set>

#include "base/random.hpp"

using namespace ditto;

TEST_CASE("siphash agrees with its published vectors", "[base]") {
  // Aumasson and Bernstein, "SipHash: a fast short-input PRF", appendix A: key 00..0f, message 00..0e. The reference
  // implementation's table gives the others (key the same; messages of length 0, 1 and 8).
  const crypto::SipHashKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  std::array<std::byte, 15> message;
  for (std::size_t i = 0; i < message.size(); ++i) message[i] = static_cast<std::byte>(i);
  CHECK(crypto::siphash(key, message) == 0xa129ca6149be45e5);
  CHECK(crypto::siphash(key, {}) == 0x726fdb47dd0e0e31);
  CHECK(crypto::siphash(key, Bytes(message).first(1)) == 0x74f839c593dc67fd);
  CHECK(crypto::siphash(key, Bytes(message).first(8)) == 0x93f5f5799a932462);
}

TEST_CASE("secrets are equal when every byte is, and their lengths", "[base]") {
  CHECK(crypto::equal_constant_time(bytes_of("secret"), bytes_of("secret")));
  CHECK(!crypto::equal_constant_time(bytes_of("secret"), bytes_of("secreT")));
  CHECK(!crypto::equal_constant_time(bytes_of("secret"), bytes_of("secrets")));
  CHECK(crypto::equal_constant_time({}, {}));
}

TEST_CASE("the system's generator does not repeat itself", "[base]") {
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(system_random().next_u64());
  CHECK(seen.size() == 1000);

  std::array<std::byte, 33> bytes{};
  std::set<std::byte> values;
  for (int i = 0; i < 40; ++i) {
    system_random().fill(bytes);
    values.insert(bytes.back());
  }
  CHECK(values.size() > 10);
  system_random().fill({});
}
