// xdr::Writer encodes described structs (xdr_types.hpp) into a chain of buffers that it owns until finish(). Payloads
// are linked into the chain, never copied, so their memory must not change until the chain has left. It can go back to
// a mark, and fill in a number that is known only later (a record mark, a count). Fields longer than their type allows
// throw std::logic_error: they are mistakes of Ditto, not of a peer. One thread at a time; after a move only destroyed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/buffer.hpp"
#include "wire/xdr_bound.hpp"
#include "wire/xdr_plain.hpp"
#include "wire/xdr_types.hpp"

namespace ditto::xdr {

class Writer {
 public:
  Writer() noexcept = default;
  Writer(Writer&&) noexcept = default;
  Writer& operator=(Writer&&) noexcept = default;

  /// Writes `fields` in their order.
  template <class... T>
  constexpr void operator()(const T&... fields) {
    if constexpr ((detail::plain<T> && ...)) {
      constexpr detail::Extent extent = (detail::Extent{} + ... + detail::extent_of<T>());
      if constexpr (extent.plain) return write_plain<extent.max>(fields...);
    }
    (one(fields), ...);
  }

  /// A union with one interesting value; see Reader::either().
  template <class D, class A, class B = nothing>
  constexpr void either(const D& discriminant, std::type_identity_t<D> value, const A& then, const B& other = {}) {
    (*this)(discriminant);
    if (discriminant == value) {
      one(then);
    } else {
      one(other);
    }
  }

  /// Any other union. A discriminant without an arm throws std::logic_error.
  template <class D, class... Arms>
  constexpr void choose(const D& discriminant, Arms... arms) {
    (*this)(discriminant);
    if (!(arm(discriminant, arms) || ...)) detail::misuse("a union has no arm for its discriminant");
  }

  /// Bytes written so far.
  std::size_t size() const noexcept { return done_.size() + static_cast<std::size_t>(at_ - from_); }

  /// Links `chain` as it is: no length, no padding. What other writers have encoded, for instance.
  void link(BufferChain chain);
  /// Copies `bytes` as they are.
  void put(Bytes bytes);

  /// Four bytes whose value comes later through patch().
  class Hole {
    friend class Writer;
    std::byte* at = nullptr;
  };
  Hole reserve_u32() {
    Hole hole;
    hole.at = room(4);
    return hole;
  }
  void patch(Hole hole, std::uint32_t value) noexcept { store_be(hole.at, value); }

  /// A place to go back to.
  class Mark {
    friend class Writer;
    std::size_t size = 0;
  };
  Mark mark() const noexcept {
    Mark here;
    here.size = size();
    return here;
  }
  /// Forgets everything written after `mark`.
  void rollback(Mark mark);

  /// What was written after `mark`, as slices of the same memory; it stays written, and what follows goes behind it.
  BufferChain since(Mark mark);

  /// Everything written. The Writer is empty afterwards and may be used again.
  BufferChain finish();

 private:
  template <std::size_t N, class... T>
  void write_plain(const T&... fields) {
    if constexpr (N > 0) {
      detail::PlainWriter plain(room(N));
      plain(fields...);
    }
  }

  template <class T>
  constexpr void one(const T& field) {
    if constexpr (detail::plain<T>) {
      write_plain<bound<T>()>(field);
    } else if constexpr (described<T>) {
      T::visit(*this, field);
    } else {
      leaf(field);
    }
  }

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

  void count(std::size_t value, std::size_t limit) {
    detail::check_length(value, limit);
    store_be(room(4), static_cast<std::uint32_t>(value));
  }
  /// A counted and padded run of bytes.
  void counted(Bytes bytes, std::size_t limit);
  void pad(std::size_t length) {
    const std::size_t padding = padding_of(length);
    if (padding > 0) std::memset(room(padding), 0, padding);
  }

  template <std::size_t N>
  void leaf(const opaque<N>& field) {
    counted(field.bytes(), N);
  }
  template <std::size_t N>
  void leaf(const string<N>& field) {
    counted(field.bytes(), N);
  }
  template <std::size_t N>
  void leaf(const payload<N>& field) {
    count(field.size(), N);
    link(field.chain);
    pad(field.size());
  }
  template <class T, std::size_t N>
  void leaf(const array<T, N>& field) {
    count(field.size(), N);
    for (const T& element : field) one(element);
  }
  template <class T>
  void leaf(const std::optional<T>& field) {
    (*this)(field.has_value());
    if (field) one(*field);
  }
  template <class T, std::size_t N>
  void leaf(const list<T, N>& field) {
    link(field.encoding());
    (*this)(false);
  }
  template <class T, std::size_t N>
  void leaf(const std::array<T, N>& field) {
    for (const T& element : field) one(element);
  }
  template <std::size_t N>
  void leaf(const fixed_opaque<N>& field) {
    put(field.bytes());
    pad(N);
  }

  /// `length` contiguous bytes to fill in.
  std::byte* room(std::size_t length) {
    if (static_cast<std::size_t>(end_ - at_) < length) [[unlikely]]
      fresh_chunk(length);
    return std::exchange(at_, at_ + length);
  }
  /// Begins another chunk with room for at least `length` bytes.
  void fresh_chunk(std::size_t length);
  /// Moves what was written to the current chunk into the chain.
  void flush();

  BufferChain done_;
  Buffer chunk_;               // the current chunk, whole
  std::byte* from_ = nullptr;  // in chunk_: written, but not yet in done_
  std::byte* at_ = nullptr;    // in chunk_: the next byte
  std::byte* end_ = nullptr;
};

/// `value` encoded by itself.
template <class T>
BufferChain encode(const T& value) {
  Writer writer;
  writer(value);
  return writer.finish();
}

}  // namespace ditto::xdr
