// xdr::print(): a described value as one line of text for traces and for failures of tests, e.g.
// `WRITE3args{nfs_fh3{#0a0b}, 4096, 2, <65536 bytes>}`. Not a format that anything reads again. An enumeration shows
// its name where its namespace has `std::string_view to_string(E)`. Pure functions, any thread.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "wire/xdr_list.hpp"
#include "wire/xdr_types.hpp"

namespace ditto::xdr {

namespace detail {

/// The name of T without its namespaces, from the compiler's name of this function.
template <class T>
constexpr std::string_view type_name() noexcept {
  std::string_view name = __PRETTY_FUNCTION__;
  name.remove_prefix(name.find("T = ") + 4);
  name = name.substr(0, name.find_first_of("];<"));
  if (const auto scope = name.rfind("::"); scope != name.npos) name.remove_prefix(scope + 2);
  return name;
}

class Printer {
 public:
  template <class... T>
  void operator()(const T&... fields) {
    (one(fields), ...);
  }
  template <class D, class A, class B = nothing>
  void either(const D& discriminant, std::type_identity_t<D> value, const A& then, const B& other = {}) {
    one(discriminant);
    if (discriminant == value) {
      one(then);
    } else {
      one(other);
    }
  }
  template <class D, class... Arms>
  void choose(const D& discriminant, Arms... arms) {
    one(discriminant);
    (void)(arm(discriminant, arms) || ...);
  }

  std::string take() { return std::move(text_); }

 private:
  template <class T>
  void one(const T& field) {
    if constexpr (std::same_as<T, nothing>) {
      return;
    } else if constexpr (described<T>) {
      word(type_name<T>());
      text_ += '{';
      T::visit(*this, field);
      text_ += '}';
    } else {
      leaf(field);
    }
  }
  template <class D, class Member, auto... Values>
  bool arm(D discriminant, Case<Member, Values...> candidate) {
    if (!candidate.matches(discriminant)) return false;
    one(candidate.member);
    return true;
  }
  template <class D, class Member>
  bool arm(D, Otherwise<Member> candidate) {
    one(candidate.member);
    return true;
  }

  void leaf(bool field) { word(field ? "true" : "false"); }
  void leaf(std::integral auto field) { word(std::to_string(field)); }
  template <class E>
    requires std::is_enum_v<E>
  void leaf(E field) {
    if constexpr (requires { std::string_view(to_string(field)); }) {
      word(to_string(field));
    } else {
      word(std::to_string(static_cast<std::underlying_type_t<E>>(field)));
    }
  }
  template <std::size_t N>
  void leaf(const fixed_opaque<N>& field) {
    hex(field.bytes());
  }
  template <std::size_t N>
  void leaf(const opaque<N>& field) {
    hex(field.bytes());
  }
  template <std::size_t N>
  void leaf(const string<N>& field) {
    quoted(field.view());
  }
  template <std::size_t N>
  void leaf(const payload<N>& field) {
    word('<' + std::to_string(field.size()) + " bytes>");
  }
  template <class T>
  void leaf(const std::optional<T>& field) {
    if (field) {
      one(*field);
    } else {
      word("none");
    }
  }
  template <class T, std::size_t N>
  void leaf(const array<T, N>& field) {
    row(field);
  }
  template <class T, std::size_t N>
  void leaf(const std::array<T, N>& field) {
    row(field);
  }
  template <class T, std::size_t N>
  void leaf(const list<T, N>& field) {
    word("[");
    field.for_each([this](const T& entry) { one(entry); });
    text_ += ']';
  }

  void row(const auto& elements) {
    word("[");
    for (const auto& element : elements) one(element);
    text_ += ']';
  }
  /// Appends `text`, after a comma unless it is the first of its list.
  void word(std::string_view text);
  void hex(Bytes bytes);
  void quoted(std::string_view text);

  std::string text_;
};

}  // namespace detail

/// One line of text without control characters; long opaques are cut and their length given.
template <class T>
std::string print(const T& value) {
  detail::Printer printer;
  printer(value);
  return printer.take();
}

}  // namespace ditto::xdr
