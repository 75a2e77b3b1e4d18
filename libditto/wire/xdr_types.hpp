// The vocabulary of an XDR description (RFC 4506): the field types that carry their limits, and the arms of unions. It
// knows no protocol and moves no bytes; xdr_reader.hpp and xdr_writer.hpp do. Values own what they hold, except that
// strings and long opaques may lend: one that was read shows bytes of the request, and is valid as long as the
// request's chain is. Plain values, one thread at a time.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/small_vector.hpp"

namespace ditto::xdr {

namespace detail {
/// Throws std::logic_error: a caller inside Ditto gave a field more than its type allows, or a union no arm.
[[noreturn]] void misuse(const char* what);

inline void check_length(std::size_t length, std::size_t limit) {
  if (length > limit) [[unlikely]]
    misuse("a field is longer than its type allows");
}

/// Opaques up to this long live inside their struct: every filehandle, verifier and owner that is copied around.
inline constexpr std::size_t inline_opaque_bytes = 128;
/// Elements of an array that live inside their struct, in bytes: the 16 groups of AUTH_SYS, a bitmap4.
inline constexpr std::size_t inline_array_bytes = 64;

/// Bytes that are either shown from elsewhere or owned in a chunk.
class LentBytes {
 public:
  Bytes bytes() const noexcept { return {data_, size_}; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

 protected:
  void show(Bytes bytes) noexcept {
    data_ = bytes.data();
    size_ = bytes.size();
    owner_ = Buffer();
  }
  void own(Buffer buffer) noexcept {
    data_ = buffer.data();
    size_ = buffer.size();
    owner_ = std::move(buffer);
  }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  Buffer owner_;  // empty when the bytes are somebody else's
};
}  // namespace detail

/// A field of no bytes: `void` in the RFCs.
struct nothing {
  static constexpr void visit(auto&, auto&) {}
  friend constexpr bool operator==(nothing, nothing) { return true; }
};

/// `opaque x[N]`: exactly N bytes.
template <std::size_t N>
struct fixed_opaque : std::array<std::byte, N> {
  Bytes bytes() const noexcept { return {this->data(), N}; }
};

/// `opaque x<N>` with N up to 128: the bytes live in the object.
template <std::size_t N>
class opaque {
 public:
  static constexpr std::size_t max_size = N;

  opaque() noexcept {}  // user-provided, so that `T{}` does not clear the bytes
  explicit opaque(Bytes bytes) { assign(bytes); }

  /// Copies `bytes`; throws std::logic_error beyond N.
  void assign(Bytes bytes) { std::copy(bytes.begin(), bytes.end(), resize(bytes.size()).begin()); }
  /// `size_bytes` of room to fill, contents undefined; throws std::logic_error beyond N.
  MutableBytes resize(std::size_t size_bytes) {
    detail::check_length(size_bytes, N);
    size_ = static_cast<std::uint32_t>(size_bytes);
    return {bytes_.data(), size_};
  }

  Bytes bytes() const noexcept { return {bytes_.data(), size_}; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  friend bool operator==(const opaque& a, const opaque& b) noexcept { return std::ranges::equal(a.bytes(), b.bytes()); }

 private:
  std::uint32_t size_ = 0;
  std::array<std::byte, N> bytes_;
};

/// `opaque x<N>` beyond 128: lent or owned in a chunk.
template <std::size_t N>
  requires(N > detail::inline_opaque_bytes)
class opaque<N> : public detail::LentBytes {
 public:
  static constexpr std::size_t max_size = N;

  opaque() noexcept = default;
  /// Shows `bytes`, which must outlive this value and its copies. Throws std::logic_error beyond N.
  static opaque lend(Bytes bytes) {
    detail::check_length(bytes.size(), N);
    opaque made;
    made.show(bytes);
    return made;
  }
  /// Owns a copy of `bytes`. Throws std::logic_error beyond N.
  static opaque copy_of(Bytes bytes) {
    detail::check_length(bytes.size(), N);
    return take(Buffer::copy_of(bytes));
  }
  /// Owns `buffer`. Throws std::logic_error beyond N.
  static opaque take(Buffer buffer) {
    detail::check_length(buffer.size(), N);
    opaque made;
    made.own(std::move(buffer));
    return made;
  }
  friend bool operator==(const opaque& a, const opaque& b) noexcept { return std::ranges::equal(a.bytes(), b.bytes()); }
};

/// `string x<N>`: any bytes, as the RFCs leave the encoding to the protocol; lent or owned in a chunk.
template <std::size_t N>
class string : public detail::LentBytes {
 public:
  static constexpr std::size_t max_size = N;

  string() noexcept = default;
  /// Shows `text`, which must outlive this value and its copies. Throws std::logic_error beyond N.
  static string lend(std::string_view text) {
    detail::check_length(text.size(), N);
    string made;
    made.show(bytes_of(text));
    return made;
  }
  /// Owns a copy of `text`. Throws std::logic_error beyond N.
  static string copy_of(std::string_view text) {
    detail::check_length(text.size(), N);
    return take(Buffer::copy_of(bytes_of(text)));
  }
  /// Owns `buffer`. Throws std::logic_error beyond N.
  static string take(Buffer buffer) {
    detail::check_length(buffer.size(), N);
    string made;
    made.own(std::move(buffer));
    return made;
  }

  std::string_view view() const noexcept { return text_of(bytes()); }
  operator std::string_view() const noexcept { return view(); }  // NOLINT(google-explicit-constructor): it is one
  friend bool operator==(const string& a, const string& b) noexcept { return a.view() == b.view(); }
};

/// `opaque x<N>` that carries file data: a chain that is linked, never copied.
template <std::size_t N>
struct payload {
  static constexpr std::size_t max_size = N;

  payload() noexcept = default;
  payload(BufferChain data) noexcept : chain(std::move(data)) {}  // NOLINT(google-explicit-constructor): it is one
  std::size_t size() const noexcept { return chain.size(); }
  friend bool operator==(const payload& a, const payload& b) noexcept { return a.chain == b.chain; }

  BufferChain chain;
};

/// `T x<N>`: at most N elements. Writing more throws std::logic_error.
template <class T, std::size_t N>
struct array
    : SmallVector<T, std::clamp<std::size_t>(detail::inline_array_bytes / sizeof(T), 1, std::max<std::size_t>(N, 1))> {
  static constexpr std::size_t max_size = N;
};

// Enumerations are class enums over 32 bits. By default any value is accepted and the handler judges it. Where the wire
// must not carry another, the enum's namespace says so, and reading anything else fails:
//   constexpr auto xdr_values(time_how) { return std::array{time_how::DONT_CHANGE, time_how::SET_TO_SERVER_TIME}; }
template <class E>
concept listed_enum = std::is_enum_v<E> && requires(E e) { xdr_values(e); };

template <class E>
constexpr bool is_valid(E value) noexcept {
  if constexpr (listed_enum<E>) {
    constexpr auto values = xdr_values(E{});
    return std::ranges::find(values, value) != values.end();
  } else {
    return true;
  }
}

// The arms of `ar.choose(discriminant, arms...)`.
template <class Member, auto... Values>
struct Case {
  Member& member;
  template <class D>
  static constexpr bool matches(D value) noexcept {
    return ((value == static_cast<D>(Values)) || ...);
  }
};
template <class Member>
struct Otherwise {
  Member& member;
};

namespace detail {
inline constexpr nothing no_member{};
template <class Arm>
inline constexpr bool is_otherwise = false;
template <class Member>
inline constexpr bool is_otherwise<Otherwise<Member>> = true;
}  // namespace detail

/// The arm for one or more values of the discriminant; without an argument the arm is void.
template <auto... Values, class Member>
constexpr Case<Member, Values...> case_(Member& member) noexcept {
  return {member};
}
template <auto... Values>
constexpr Case<const nothing, Values...> case_() noexcept {
  return {detail::no_member};
}
/// The `default:` arm, always the last. A union without one refuses values that no case names.
template <class Member>
constexpr Otherwise<Member> otherwise(Member& member) noexcept {
  return {member};
}
constexpr Otherwise<const nothing> otherwise() noexcept { return {detail::no_member}; }

/// A struct that describes itself: `static constexpr void visit(auto& ar, auto& m) { ar(m.a, m.b); }`. The body calls
/// ar() with fields in their order on the wire, ar.either() and ar.choose(), and must not read `m`.
template <class T>
concept described = std::is_class_v<T> && requires(int& ar, T& m) { T::visit(ar, m); };

/// Bytes that pad `length` to a multiple of four (RFC 4506, 4.9).
constexpr std::size_t padding_of(std::size_t length) noexcept { return (4 - length % 4) % 4; }

}  // namespace ditto::xdr
