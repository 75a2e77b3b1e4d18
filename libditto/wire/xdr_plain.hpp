// Reading and writing of plain types (of one fixed length) in memory that is known to be long enough. Internal to the
// codec: the Reader and the Writer check for room once and then come here.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "base/bytes.hpp"
#include "wire/xdr_bound.hpp"

namespace ditto::xdr::detail {

/// The unsigned integer that stands on the wire for a bool, an integer or an enumeration.
template <class T>
using wire_integer = std::conditional_t<!std::same_as<T, bool> && sizeof(T) == 8, std::uint64_t, std::uint32_t>;

class PlainReader {
 public:
  explicit PlainReader(const std::byte* from) noexcept : at_(from) {}

  template <class... T>
  constexpr void operator()(T&... fields) noexcept {
    (one(fields), ...);
  }
  /// A bool that was neither 0 nor 1, or an enumeration's value that it does not list.
  bool bad() const noexcept { return bad_; }

 private:
  template <class T>
    requires std::integral<T> || std::is_enum_v<T>
  constexpr void one(T& field) noexcept {
    using Wire = wire_integer<T>;
    const Wire value = load_be<Wire>(at_);
    at_ += sizeof(Wire);
    if constexpr (std::same_as<T, bool>) {
      bad_ |= value > 1;
      field = value != 0;
    } else {
      field = static_cast<T>(value);
      if constexpr (listed_enum<T>) bad_ |= !is_valid(field);
    }
  }
  template <std::size_t N>
  constexpr void one(fixed_opaque<N>& field) noexcept {
    std::memcpy(field.data(), at_, N);
    at_ += N + padding_of(N);
  }
  template <class T, std::size_t N>
  constexpr void one(std::array<T, N>& field) noexcept {
    for (T& element : field) one(element);
  }
  template <described T>
  constexpr void one(T& field) noexcept {
    T::visit(*this, field);
  }

  const std::byte* at_;
  bool bad_ = false;
};

class PlainWriter {
 public:
  explicit PlainWriter(std::byte* to) noexcept : at_(to) {}

  template <class... T>
  constexpr void operator()(const T&... fields) noexcept {
    (one(fields), ...);
  }

 private:
  template <class T>
    requires std::integral<T> || std::is_enum_v<T>
  constexpr void one(const T& field) noexcept {
    using Wire = wire_integer<T>;
    store_be(at_, static_cast<Wire>(field));
    at_ += sizeof(Wire);
  }
  template <std::size_t N>
  constexpr void one(const fixed_opaque<N>& field) noexcept {
    std::memcpy(at_, field.data(), N);
    std::memset(at_ + N, 0, padding_of(N));
    at_ += N + padding_of(N);
  }
  template <class T, std::size_t N>
  constexpr void one(const std::array<T, N>& field) noexcept {
    for (const T& element : field) one(element);
  }
  template <described T>
  constexpr void one(const T& field) noexcept {
    T::visit(*this, field);
  }

  std::byte* at_;
};

}  // namespace ditto::xdr::detail
