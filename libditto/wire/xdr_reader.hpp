// xdr::Reader decodes described structs (xdr_types.hpp) from a chain of buffers. It trusts nothing: every length is
// checked against its type and against the bytes that are there before anything is made from it. Failure is sticky:
// after the first bad byte every field reads as zero or empty, so that the caller checks once, at the end. The chain
// belongs to the caller and stays in place while the Reader, and the strings and long opaques that it gave, are in use;
// payloads share its chunks and may live longer. One thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/buffer.hpp"
#include "wire/xdr_bound.hpp"
#include "wire/xdr_plain.hpp"
#include "wire/xdr_types.hpp"

namespace ditto::xdr {

class Reader {
 public:
  /// Starts at the first byte of `chain`.
  explicit Reader(const BufferChain& chain) noexcept : chain_(&chain), rest_(chain.size()) { next_slice(); }
  explicit Reader(BufferChain&&) = delete;
  /// Reads contiguous bytes, e.g. the body of an opaque; payloads within are copied.
  explicit Reader(Bytes bytes) noexcept : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  /// Reads `fields` in their order.
  template <class... T>
  constexpr void operator()(T&... fields) {
    if constexpr ((detail::plain<T> && ...)) {
      constexpr detail::Extent extent = (detail::Extent{} + ... + detail::extent_of<T>());
      if constexpr (extent.plain) return read_plain<extent.max>(fields...);
    }
    (one(fields), ...);
  }

  /// A union with one interesting value: `union switch (D discriminant) { case value: A; default: B; }`.
  template <class D, class A, class B>
  constexpr void either(D& discriminant, std::type_identity_t<D> value, A& then, B& other) {
    (*this)(discriminant);
    if (!ok()) return;
    if (discriminant == value) {
      one(then);
    } else {
      one(other);
    }
  }
  template <class D, class A>
  constexpr void either(D& discriminant, std::type_identity_t<D> value, A& then) {
    (*this)(discriminant);
    if (ok() && discriminant == value) one(then);
  }

  /// Any other union: see case_() and otherwise(). A discriminant without an arm is a failure.
  template <class D, class... Arms>
  constexpr void choose(D& discriminant, Arms... arms) {
    (*this)(discriminant);
    if (!ok()) return;
    if (!(arm(discriminant, arms) || ...)) fail();
  }

  /// No failure so far.
  bool ok() const noexcept { return !failed_; }
  /// No failure, and nothing is left.
  bool finish() const noexcept { return ok() && remaining() == 0; }
  /// Makes the failure: for a caller that finds a value impossible.
  void fail() noexcept;

  /// Bytes not yet read; 0 after a failure.
  std::size_t remaining() const noexcept { return static_cast<std::size_t>(end_ - at_) + rest_; }
  /// The next `length` bytes as slices of the chain, without padding. Fails when there are fewer.
  BufferChain take(std::size_t length);
  /// Passes over `length` bytes. Fails when there are fewer.
  void skip(std::size_t length) noexcept;

 private:
  template <std::size_t N, class... T>
  void read_plain(T&... fields) {
    if constexpr (N > 0) {
      if (static_cast<std::size_t>(end_ - at_) >= N) [[likely]] {
        detail::PlainReader plain(at_);
        plain(fields...);
        at_ += N;
        if (plain.bad()) [[unlikely]]
          fail();
      } else {
        std::array<std::byte, N> scratch;
        gather(scratch);
        detail::PlainReader plain(scratch.data());
        plain(fields...);
        if (plain.bad()) fail();
      }
    }
  }

  template <class T>
  constexpr void one(T& field) {
    if constexpr (detail::plain<T>) {
      read_plain<bound<T>()>(field);
    } else if constexpr (described<T>) {
      T::visit(*this, field);
    } else {
      leaf(field);
    }
  }
  void one(const nothing&) noexcept {}  // a void arm

  template <class D, class Member, auto... Values>
  constexpr bool arm(D discriminant, Case<Member, Values...> candidate) {
    if (!candidate.matches(discriminant)) return false;
    one(candidate.member);
    return true;
  }
  template <class D, class Member>
  constexpr bool arm(D, Otherwise<Member> candidate) {
    one(candidate.member);
    return true;
  }

  /// A length that is within `limit` and whose bytes are there; 0 after a failure.
  std::size_t length(std::size_t limit) noexcept {
    std::uint32_t value = 0;
    read_plain<4>(value);
    if (value > limit || value > remaining()) [[unlikely]] {
      fail();
      return 0;
    }
    return value;
  }

  template <std::size_t N>
  void leaf(opaque<N>& field) {
    const std::size_t size = length(N);
    if constexpr (N <= detail::inline_opaque_bytes) {
      gather(field.resize(size));
    } else if (Bytes here = contiguous(size); here.size() == size) {
      field = opaque<N>::lend(here);
    } else {
      field = opaque<N>::take(gathered(size));
    }
    skip(padding_of(size));
  }
  template <std::size_t N>
  void leaf(string<N>& field) {
    const std::size_t size = length(N);
    if (Bytes here = contiguous(size); here.size() == size) {
      field = string<N>::lend(text_of(here));
    } else {
      field = string<N>::take(gathered(size));
    }
    skip(padding_of(size));
  }
  template <std::size_t N>
  void leaf(payload<N>& field) {
    const std::size_t size = length(N);
    field.chain = take(size);
    skip(padding_of(size));
  }
  template <class T, std::size_t N>
  void leaf(array<T, N>& field) {
    std::uint32_t count = 0;
    read_plain<4>(count);
    field.clear();
    constexpr std::size_t least = min_size<T>();
    if (count > N || std::uint64_t{count} * least > remaining()) return fail();
    for (std::uint32_t i = 0; i < count && ok(); ++i) one(field.emplace_back());
    if (!ok()) field.clear();
  }
  template <class T>
  void leaf(std::optional<T>& field) {
    bool present = false;
    read_plain<4>(present);
    if (present && ok()) {
      one(field.emplace());
    } else {
      field.reset();
    }
  }
  template <class T, std::size_t N>
  void leaf(list<T, N>& field) {
    field.read(*this);
  }
  template <class T, std::size_t N>
  void leaf(std::array<T, N>& field) {
    for (T& element : field) one(element);
  }
  template <std::size_t N>
  void leaf(fixed_opaque<N>& field) {
    gather(field);
    skip(padding_of(N));
  }

  template <class T, std::size_t N>
  friend class list;
  /// Reads the next bytes into `to`, from one slice or several; zeros and a failure when there are too few.
  void gather(MutableBytes to) noexcept {
    if (static_cast<std::size_t>(end_ - at_) >= to.size()) [[likely]] {
      if (!to.empty()) std::memcpy(to.data(), at_, to.size());
      at_ += to.size();
    } else {
      gather_split(to);
    }
  }
  void gather_split(MutableBytes to) noexcept;
  /// The next `length` bytes, which are known to be there, in fresh memory.
  Buffer gathered(std::size_t length);
  /// Passes over the next `length` bytes if they lie in one slice and returns them; else returns less and stays.
  Bytes contiguous(std::size_t length) noexcept {
    if (at_ == end_ && length > 0) next_slice();
    if (static_cast<std::size_t>(end_ - at_) < length) return {};
    const std::byte* here = at_;
    at_ += length;
    return {here, length};
  }
  void next_slice() noexcept;

  const BufferChain* chain_ = nullptr;  // none: contiguous bytes
  const std::byte* at_ = nullptr;       // what is left of the current slice
  const std::byte* end_ = nullptr;
  std::size_t rest_ = 0;  // bytes in later slices
  std::size_t next_ = 0;  // index of the slice after the current one
  bool failed_ = false;
};

/// Decodes a T that is all of `chain`, which must outlive it; nullopt when it is malformed, cut short or followed by
/// more.
template <class T>
std::optional<T> decode(const BufferChain& chain) {
  std::optional<T> value(std::in_place);
  Reader reader(chain);
  reader(*value);
  if (!reader.finish()) value.reset();
  return value;
}
template <class T>
std::optional<T> decode(BufferChain&& chain) = delete;  // lent fields would be left behind

}  // namespace ditto::xdr
