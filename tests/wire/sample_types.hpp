// Structs for the tests of the codec: one of each field type and union that a protocol may use, none of a real
// protocol.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "wire/xdr.hpp"

namespace ditto::test {

enum class Fruit : std::uint32_t { Apple = 1, Pear = 2, Plum = 7 };
constexpr auto xdr_values(Fruit) { return std::array{Fruit::Apple, Fruit::Pear, Fruit::Plum}; }
constexpr std::string_view to_string(Fruit fruit) {
  switch (fruit) {
    case Fruit::Apple: return "Apple";
    case Fruit::Pear: return "Pear";
    case Fruit::Plum: return "Plum";
  }
  return "?";
}

/// Open: any 32 bits may be read.
enum class Status : std::uint32_t { Ok = 0, Denied = 13 };

struct Numbers {
  std::uint32_t u32{};
  std::int32_t i32{};
  std::uint64_t u64{};
  std::int64_t i64{};
  bool flag{};
  Fruit fruit{Fruit::Apple};
  Status status{};
  static constexpr void visit(auto& ar, auto& m) { ar(m.u32, m.i32, m.u64, m.i64, m.flag, m.fruit, m.status); }
  bool operator==(const Numbers&) const = default;
};

struct Empty {
  static constexpr void visit(auto& ar, auto&) { ar(); }
  bool operator==(const Empty&) const = default;
};

struct Handle {
  xdr::opaque<64> data;
  static constexpr void visit(auto& ar, auto& m) { ar(m.data); }
  bool operator==(const Handle&) const = default;
};

struct Fixed {
  xdr::fixed_opaque<8> eight{};
  xdr::fixed_opaque<5> five{};
  xdr::fixed_opaque<1> one{};
  std::array<std::uint32_t, 3> triple{};
  std::array<Numbers, 2> nested{};
  static constexpr void visit(auto& ar, auto& m) { ar(m.eight, m.five, m.one, m.triple, m.nested); }
  bool operator==(const Fixed&) const = default;
};

/// Plain in every part, but too long to be treated as one.
struct Wide {
  std::array<std::uint64_t, 200> words{};
  xdr::fixed_opaque<2050> raw{};
  static constexpr void visit(auto& ar, auto& m) { ar(m.words, m.raw); }
  bool operator==(const Wide&) const = default;
};

struct Write {
  Handle file;
  std::uint64_t offset{};
  xdr::payload<(1 << 20)> data;
  static constexpr void visit(auto& ar, auto& m) { ar(m.file, m.offset, m.data); }
  bool operator==(const Write&) const = default;
};

struct Lookup {
  Handle directory;
  xdr::string<255> name;
  static constexpr void visit(auto& ar, auto& m) { ar(m.directory, m.name); }
  bool operator==(const Lookup&) const = default;
};

struct Lists {
  xdr::array<std::uint32_t, 16> groups;
  xdr::array<Lookup, 3> lookups;
  xdr::array<xdr::nothing, 5> nothings;
  xdr::opaque<400> body;
  xdr::string<0> none;
  static constexpr void visit(auto& ar, auto& m) { ar(m.groups, m.lookups, m.nothings, m.body, m.none); }
  bool operator==(const Lists&) const = default;
};

struct Optionals {
  std::optional<std::uint32_t> mode;
  std::optional<Numbers> numbers;
  std::optional<Handle> handle;
  std::array<std::optional<bool>, 2> flags{};
  static constexpr void visit(auto& ar, auto& m) { ar(m.mode, m.numbers, m.handle, m.flags); }
  bool operator==(const Optionals&) const = default;
};

/// As in RFC 1813: a status, then one of two arms.
struct Answer {
  Status status{};
  Write resok;
  Optionals resfail;
  static constexpr void visit(auto& ar, auto& m) { ar.either(m.status, Status::Ok, m.resok, m.resfail); }
};

/// A status, then one arm or nothing.
struct Maybe {
  Status status{};
  Handle resok;
  static constexpr void visit(auto& ar, auto& m) { ar.either(m.status, Status::Ok, m.resok); }
};

/// As createhow3: every value has an arm, two share theirs.
struct Basket {
  Fruit fruit{Fruit::Apple};
  Numbers round;
  xdr::fixed_opaque<8> stone{};
  static constexpr void visit(auto& ar, auto& m) {
    ar.choose(m.fruit, xdr::case_<Fruit::Apple, Fruit::Pear>(m.round), xdr::case_<Fruit::Plum>(m.stone));
  }
};

/// As set_atime: the default arm is void; and a union over a number and a bool, whose default arm is not.
struct Choices {
  Status status{};
  std::uint64_t time{};
  std::uint32_t kind{};
  Handle handle;
  xdr::string<20> text;
  bool follows{};
  std::uint32_t next{};
  static constexpr void visit(auto& ar, auto& m) {
    ar.choose(m.status, xdr::case_<Status::Denied>(m.time), xdr::otherwise());
    ar.choose(m.kind, xdr::case_<1U>(m.handle), xdr::case_<2U>(), xdr::otherwise(m.text));
    ar.choose(m.follows, xdr::case_<true>(m.next), xdr::case_<false>());
  }
};

/// As entry3, without its next pointer.
struct Entry {
  std::uint64_t id{};
  xdr::string<255> name;
  std::uint64_t cookie{};
  static constexpr void visit(auto& ar, auto& m) { ar(m.id, m.name, m.cookie); }
  bool operator==(const Entry&) const = default;
};

struct Listing {
  std::uint64_t verifier{};
  xdr::list<Entry, 4096> entries;
  bool end{};
  static constexpr void visit(auto& ar, auto& m) { ar(m.verifier, m.entries, m.end); }
  bool operator==(const Listing&) const = default;
};

struct Everything {
  Numbers numbers;
  Empty empty;
  Fixed fixed;
  Write write;
  Lists lists;
  Answer answer;
  Basket basket;
  Choices choices;
  Listing listing;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.numbers, m.empty, m.fixed, m.write, m.lists, m.answer, m.basket, m.choices, m.listing);
  }
};

}  // namespace ditto::test
