// The fuzzer of described XDR types: DITTO_FUZZ_DECODERS(READ3args, WRITE3args, ...) in a source of its own. The first
// byte of an input chooses the type, the second how the rest is cut into slices. Whatever the bytes are: nothing is
// read beyond them, the cuts do not matter, and what is read is a value that the Writer writes, within its bound, and
// that reads back as itself.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "base/assert.hpp"
#include "base/buffer.hpp"
#include "fuzz/target.hpp"
#include "wire/xdr.hpp"
#include "wire/xdr_print.hpp"
#include "wire/xdr_sample.hpp"

namespace ditto::fuzz {

/// `bytes` in slices of one to 16 or one to 4096 bytes.
inline BufferChain cut(Bytes bytes, std::uint8_t how) {
  xdr::Sampler draw(how);
  const std::size_t most = how % 2 == 0 ? 16 : 4096;
  BufferChain chain;
  while (!bytes.empty()) {
    const std::size_t here = std::min(bytes.size(), 1 + draw.below(most));
    chain.append(Buffer::copy_of(bytes.first(here)));
    bytes = bytes.subspan(here);
  }
  return chain;
}

template <class T>
void decode(Bytes bytes, std::uint8_t how) {
  // Memory of exactly the right size, so that a sanitizer sees one byte too many.
  auto memory = std::make_unique<std::byte[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), memory.get());
  xdr::Reader whole(Bytes(memory.get(), bytes.size()));
  T value{};
  whole(value);

  const BufferChain chain = cut(bytes, how);
  xdr::Reader pieces(chain);
  T same{};
  pieces(same);
  DITTO_ASSERT(pieces.ok() == whole.ok());
  DITTO_ASSERT(pieces.remaining() == whole.remaining());
  if (!whole.ok()) return;

  DITTO_ASSERT(bytes.size() - whole.remaining() <= xdr::bound<T>());
  const BufferChain written = xdr::encode(value);
  DITTO_ASSERT(written == xdr::encode(same));
  DITTO_ASSERT(written.size() <= xdr::bound<T>());
  DITTO_ASSERT(written.size() == xdr::encoded_size(value));
  DITTO_ASSERT(xdr::print(value) == xdr::print(same));
  const auto again = xdr::decode<T>(written);
  DITTO_ASSERT(again && xdr::encode(*again) == written);
}

template <class... T>
void decode_one_of(Bytes input) {
  if (input.size() < 2) return;
  static constexpr std::array decoders{&decode<T>...};
  const auto which = std::to_integer<std::size_t>(input[0]) % decoders.size();
  decoders[which](input.subspan(2), std::to_integer<std::uint8_t>(input[1]));
}

template <class T>
BufferChain sample_encoding(std::uint64_t number) {
  return xdr::encode(xdr::sample<T>(number));
}

template <class... T>
std::vector<std::byte> sample_of(std::uint64_t number) {
  static_assert(sizeof...(T) <= 256);
  static constexpr std::array samples{&sample_encoding<T>...};
  const std::size_t which = number % samples.size();
  const BufferChain encoding = samples[which](number);
  std::vector<std::byte> input(2 + encoding.size());
  input[0] = static_cast<std::byte>(which);
  input[1] = static_cast<std::byte>(number / samples.size());
  encoding.copy_to(0, MutableBytes(input).subspan(2));
  return input;
}

}  // namespace ditto::fuzz

#define DITTO_FUZZ_DECODERS(...)                                                                    \
  void ditto::fuzz::one(::ditto::Bytes input) { ::ditto::fuzz::decode_one_of<__VA_ARGS__>(input); } \
  std::vector<std::byte> ditto::fuzz::seed(std::uint64_t number) {                                  \
    return ::ditto::fuzz::sample_of<__VA_ARGS__>(number);                                           \
  }
