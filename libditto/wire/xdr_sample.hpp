// Values of any described type, drawn from a seed: valid ones for round trips and as seeds of fuzzers, and the largest
// one, to hold against bound<T>(). Lengths and numbers lean towards their edges. The values own their bytes. Pure: the
// same seed gives the same value.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "base/buffer.hpp"
#include "wire/xdr_bound.hpp"
#include "wire/xdr_list.hpp"
#include "wire/xdr_types.hpp"

namespace ditto::xdr {

class Sampler {
 public:
  enum class Size : bool { Varied, Largest };

  explicit Sampler(std::uint64_t seed, Size size = Size::Varied) noexcept
      : state_(seed), largest_(size == Size::Largest) {}

  template <class... T>
  void operator()(T&... fields) {
    (one(fields), ...);
  }

  template <class D, class A, class B>
  void either(D& discriminant, std::type_identity_t<D> value, A& then, B& other) {
    constexpr bool other_is_longer = bound<B>() > bound<A>();
    if (largest_ ? !other_is_longer : coin()) {
      discriminant = value;
      one(then);
    } else if (set_unlike(discriminant, [&](D drawn) { return drawn == value; })) {
      one(other);
    } else {
      discriminant = value;
      one(then);
    }
  }
  template <class D, class A>
  void either(D& discriminant, std::type_identity_t<D> value, A& then) {
    nothing other;
    either(discriminant, value, then, other);
  }

  template <class D, class... Arms>
  void choose(D& discriminant, Arms... arms) {
    constexpr std::array bounds{bound<std::remove_cvref_t<decltype(arms.member)>>()...};
    constexpr auto longest = static_cast<std::size_t>(std::ranges::max_element(bounds) - bounds.begin());
    const std::size_t wanted = largest_ ? longest : below(sizeof...(Arms));
    const auto cased = [&](D drawn) { return (is_case(arms, drawn) || ...); };
    std::size_t index = 0;
    const auto take = [&](auto arm) {
      if (index++ != wanted) return false;
      if constexpr (detail::is_otherwise<decltype(arm)>) {
        if (!set_unlike(discriminant, cased)) return false;
      } else {
        set_one_of(discriminant, arm);
      }
      one(arm.member);
      return true;
    };
    if ((take(arms) || ...)) return;
    // The values that the enumeration lists leave nothing to the default arm: take the first case.
    index = wanted;
    (take(arms) || ...);
  }

  std::uint64_t next() noexcept {  // splitmix64
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// A number from 0 to `limit` - 1.
  std::size_t below(std::size_t limit) noexcept { return static_cast<std::size_t>(next() % limit); }
  bool coin() noexcept { return (next() & 1) != 0; }

 private:
  template <class T>
    requires std::integral<T> || std::is_enum_v<T>
  void one(T& field) {
    field = number<T>();
  }
  void one(const nothing&) noexcept {}
  template <described T>
  void one(T& field) {
    T::visit(*this, field);
  }
  template <std::size_t N>
  void one(fixed_opaque<N>& field) {
    fill(field);
  }
  template <class T, std::size_t N>
  void one(std::array<T, N>& field) {
    for (T& element : field) one(element);
  }
  template <std::size_t N>
  void one(opaque<N>& field) {
    const std::size_t size = length(N, 64);
    if constexpr (N <= detail::inline_opaque_bytes) {
      fill(field.resize(size));
    } else {
      field = opaque<N>::take(filled(size));
    }
  }
  template <std::size_t N>
  void one(string<N>& field) {
    field = string<N>::take(filled(length(N, 64)));
  }
  template <std::size_t N>
  void one(payload<N>& field) {
    field.chain.clear();
    std::size_t left = length(N, 256);
    while (left > 0) {
      const std::size_t here = coin() ? left : 1 + below(left);
      field.chain.append(filled(here));
      left -= here;
    }
  }
  template <class T, std::size_t N>
  void one(array<T, N>& field) {
    field.clear();
    const std::size_t count = length(N, 8);
    for (std::size_t i = 0; i < count; ++i) one(field.emplace_back());
  }
  template <class T>
  void one(std::optional<T>& field) {
    if (largest_ || coin()) {
      one(field.emplace());
    } else {
      field.reset();
    }
  }
  template <class T, std::size_t N>
  void one(list<T, N>& field) {
    ListBuilder<T, N> builder;
    const std::size_t wanted = largest_ ? N : below(5);
    for (std::size_t i = 0; i < wanted; ++i) {
      T entry{};
      one(entry);
      if (!builder.add(entry)) break;
    }
    field = builder.finish();
  }

  /// 0, the limit, or between; between stays below `usual`, so that samples stay small.
  std::size_t length(std::size_t limit, std::size_t usual) noexcept {
    if (largest_) return limit;
    const std::size_t most = std::min(limit, usual);
    switch (below(8)) {
      case 0: return 0;
      case 1: return most;
      default: return below(most + 1);
    }
  }

  template <class T>
  T number() noexcept {
    if constexpr (std::same_as<T, bool>) {
      return coin();
    } else if constexpr (listed_enum<T>) {
      constexpr auto values = xdr_values(T{});
      return values[below(values.size())];
    } else {
      switch (below(8)) {
        case 0: return static_cast<T>(0);
        case 1: return static_cast<T>(~std::uint64_t{0});
        case 2: return static_cast<T>(~std::uint64_t{0} >> 1);
        case 3: return static_cast<T>(std::uint64_t{1} << (sizeof(T) * 8 - 1));
        case 4:
        case 5: return static_cast<T>(below(16));
        default: return static_cast<T>(next());
      }
    }
  }

  /// Gives `discriminant` a value that `taken` refuses; false when none was found.
  template <class D, class Taken>
  bool set_unlike(D& discriminant, Taken taken) {
    for (int tries = 0; tries < 64; ++tries) {
      discriminant = number<D>();
      if (!taken(discriminant)) return true;
    }
    return false;
  }
  template <class D, class Member, auto... Values>
  void set_one_of(D& discriminant, Case<Member, Values...>) {
    const std::array values{static_cast<D>(Values)...};
    discriminant = values[below(values.size())];
  }
  template <class D, class Member, auto... Values>
  static bool is_case(Case<Member, Values...> arm, D value) noexcept {
    return arm.matches(value);
  }
  template <class D, class Member>
  static bool is_case(Otherwise<Member>, D) noexcept {
    return false;
  }

  Buffer filled(std::size_t size) {
    Buffer buffer = Buffer::allocate(size);
    fill(buffer.writable());
    return buffer;
  }
  void fill(MutableBytes to) noexcept {
    for (std::byte& byte : to) byte = static_cast<std::byte>(next());
  }

  std::uint64_t state_;
  bool largest_;
};

/// A valid T drawn from `seed`.
template <class T>
T sample(std::uint64_t seed) {
  T value{};
  Sampler sampler(seed);
  sampler(value);
  return value;
}

/// A T whose encoding is as long as any; drawn from `seed` in all but its lengths.
template <class T>
T largest_sample(std::uint64_t seed) {
  T value{};
  Sampler sampler(seed, Sampler::Size::Largest);
  sampler(value);
  return value;
}

}  // namespace ditto::xdr
