// encoded_size(): the exact length of a value's encoding without writing it, for handlers that must keep a reply within
// the size that the client named. Looks at lengths only; pure, any thread.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <type_traits>

#include "wire/xdr_bound.hpp"
#include "wire/xdr_list.hpp"
#include "wire/xdr_types.hpp"

namespace ditto::xdr {

namespace detail {

class Sizer {
 public:
  template <class... T>
  constexpr void operator()(const T&... fields) noexcept {
    (one(fields), ...);
  }
  template <class D, class A, class B = nothing>
  constexpr void either(const D& discriminant, std::type_identity_t<D> value, const A& then,
                        const B& other = {}) noexcept {
    one(discriminant);
    if (discriminant == value) {
      one(then);
    } else {
      one(other);
    }
  }
  template <class D, class... Arms>
  constexpr void choose(const D& discriminant, Arms... arms) noexcept {
    one(discriminant);
    (void)(arm(discriminant, arms) || ...);
  }
  constexpr std::size_t size() const noexcept { return size_; }

 private:
  template <class T>
  constexpr void one(const T& field) noexcept {
    constexpr Extent extent = extent_of<T>();
    if constexpr (extent.min == extent.max) {
      size_ += extent.max;
    } else if constexpr (described<T>) {
      T::visit(*this, field);
    } else {
      leaf(field);
    }
  }
  template <class D, class Member, auto... Values>
  constexpr bool arm(D discriminant, Case<Member, Values...> candidate) noexcept {
    if (!candidate.matches(discriminant)) return false;
    one(candidate.member);
    return true;
  }
  template <class D, class Member>
  constexpr bool arm(D, Otherwise<Member> candidate) noexcept {
    one(candidate.member);
    return true;
  }

  constexpr void counted(std::size_t length) noexcept { size_ += 4 + length + padding_of(length); }
  template <std::size_t N>
  constexpr void leaf(const opaque<N>& field) noexcept {
    counted(field.size());
  }
  template <std::size_t N>
  constexpr void leaf(const string<N>& field) noexcept {
    counted(field.size());
  }
  template <std::size_t N>
  constexpr void leaf(const payload<N>& field) noexcept {
    counted(field.size());
  }
  template <class T, std::size_t N>
  constexpr void leaf(const array<T, N>& field) noexcept {
    size_ += 4;
    for (const T& element : field) one(element);
  }
  template <class T>
  constexpr void leaf(const std::optional<T>& field) noexcept {
    size_ += 4;
    if (field) one(*field);
  }
  template <class T, std::size_t N>
  constexpr void leaf(const list<T, N>& field) noexcept {
    size_ += field.encoding().size() + 4;
  }
  template <class T, std::size_t N>
  constexpr void leaf(const std::array<T, N>& field) noexcept {
    for (const T& element : field) one(element);
  }

  std::size_t size_ = 0;
};

}  // namespace detail

/// Bytes that `value` takes on the wire.
template <class T>
constexpr std::size_t encoded_size(const T& value) noexcept {
  detail::Sizer sizer;
  sizer(value);
  return sizer.size();
}

}  // namespace ditto::xdr
