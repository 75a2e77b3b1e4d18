// How long an encoding can be, known at compile time from the type alone: bound<T>(), min_size<T>(), and which types
// are plain, that is of one fixed length, so that they are read and written behind a single check of room. It looks at
// types and never at values.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "wire/xdr_types.hpp"

namespace ditto::xdr {

template <class T, std::size_t N>
class list;

namespace detail {

struct Extent {
  std::size_t min = 0;
  std::size_t max = 0;
  bool plain = true;  // of one length, and no union within
};

/// Plain types beyond this are treated field by field, to bound what the slow path puts on the stack.
inline constexpr std::size_t plain_bytes = 1024;

constexpr Extent operator+(Extent a, Extent b) noexcept {
  return {a.min + b.min, a.max + b.max, a.plain && b.plain && a.max + b.max <= plain_bytes};
}
constexpr Extent operator|(Extent a, Extent b) noexcept {
  return {std::min(a.min, b.min), std::max(a.max, b.max), false};
}
constexpr Extent fixed(std::size_t size) noexcept { return {size, size, size <= plain_bytes}; }
constexpr Extent variable(std::size_t max) noexcept { return {4, 4 + max + padding_of(max), false}; }

// An object of any type to name members of, in constant expressions that need their types only. It never comes alive.
template <class T>
union Phantom {
  constexpr Phantom() noexcept : nothing_yet() {}
  constexpr ~Phantom() {}
  char nothing_yet;
  T value;
};
template <class T>
inline constexpr Phantom<T> phantom{};

template <class T>
constexpr Extent extent_of() noexcept;

class Measure {
 public:
  template <class... T>
  constexpr void operator()(const T&...) noexcept {
    total = (total + ... + extent_of<T>());
  }
  template <class D, class A, class B = nothing>
  constexpr void either(const D&, std::type_identity_t<D>, const A&, const B& = {}) noexcept {
    total = total + extent_of<D>() + (extent_of<A>() | extent_of<B>());
  }
  template <class D, class... Arms>
  constexpr void choose(const D&, const Arms&...) noexcept {
    total = total + extent_of<D>() + united(of_arm<Arms>()...);
  }
  Extent total;

 private:
  template <class Arm>
  static constexpr Extent of_arm() noexcept {
    return extent_of<std::remove_cvref_t<decltype(std::declval<Arm>().member)>>();
  }
  static constexpr Extent united(Extent first, std::same_as<Extent> auto... more) noexcept {
    first.plain = false;
    return (first | ... | more);
  }
};

template <class T>
struct ExtentOf {
  static_assert(described<T>, "this type has no XDR encoding: give it a visit(), or use a type of xdr_types.hpp");
  static constexpr Extent value = [] {
    Measure measure;
    T::visit(measure, phantom<T>.value);
    return measure.total;
  }();
};

template <class T>
  requires std::integral<T> || std::is_enum_v<T>
struct ExtentOf<T> {
  static_assert(std::same_as<T, bool> || sizeof(T) == 4 || (std::integral<T> && sizeof(T) == 8),
                "XDR has integers of 32 and 64 bits and enumerations of 32");
  static constexpr Extent value = fixed(std::same_as<T, bool> ? 4 : sizeof(T));
};
template <std::size_t N>
struct ExtentOf<fixed_opaque<N>> {
  static constexpr Extent value = fixed(N + padding_of(N));
};
template <class T, std::size_t N>
struct ExtentOf<std::array<T, N>> {
  static constexpr Extent element = ExtentOf<T>::value;
  static constexpr Extent value{N * element.min, N* element.max, element.plain&& N* element.max <= plain_bytes};
};
template <std::size_t N>
struct ExtentOf<opaque<N>> {
  static constexpr Extent value = variable(N);
};
template <std::size_t N>
struct ExtentOf<string<N>> {
  static constexpr Extent value = variable(N);
};
template <std::size_t N>
struct ExtentOf<payload<N>> {
  static constexpr Extent value = variable(N);
};
template <class T, std::size_t N>
struct ExtentOf<array<T, N>> {
  static constexpr Extent value{4, 4 + N* ExtentOf<T>::value.max, false};
};
template <class T>
struct ExtentOf<std::optional<T>> {
  static constexpr Extent value{4, 4 + ExtentOf<T>::value.max, false};
};
template <class T, std::size_t N>
struct ExtentOf<list<T, N>> {
  static constexpr Extent value{4, 4 + N, false};
};

template <class T>
constexpr Extent extent_of() noexcept {
  return ExtentOf<std::remove_cvref_t<T>>::value;
}

template <class T>
concept plain = extent_of<T>().plain;

}  // namespace detail

/// The longest encoding of T in bytes.
template <class T>
consteval std::size_t bound() noexcept {
  return detail::extent_of<T>().max;
}

/// The shortest encoding of T in bytes.
template <class T>
consteval std::size_t min_size() noexcept {
  return detail::extent_of<T>().min;
}

}  // namespace ditto::xdr
