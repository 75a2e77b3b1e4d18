// What simulated runs met, counted over all of them. One for each thread; added up at the end.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>

#include "state/caching.hpp"
#include "state/operation.hpp"

namespace ditto::sim {

class Tally {
 public:
  static constexpr std::size_t kinds = 3, sets = 8;

  /// A grant went from what to what.
  void transition(state::GrantKind kind, state::Caching from, state::Caching to) {
    ++transitions_[std::size_t(kind)][std::size_t(from)][std::size_t(to)];
  }
  /// An operation came while somebody else held that.
  void cell(state::Operation operation, state::GrantKind kind, state::Caching held) {
    ++cells_[std::size_t(operation)][std::size_t(kind)][std::size_t(held)];
  }
  /// `name` is a literal.
  void event(std::string_view name, unsigned times = 1) { events_[name] += times; }

  unsigned transitions(state::GrantKind kind, state::Caching from, state::Caching to) const {
    return transitions_[std::size_t(kind)][std::size_t(from)][std::size_t(to)];
  }
  unsigned cells(state::Operation operation, state::GrantKind kind, state::Caching held) const {
    return cells_[std::size_t(operation)][std::size_t(kind)][std::size_t(held)];
  }
  const std::map<std::string_view, unsigned>& events() const noexcept { return events_; }

  void add(const Tally& other) {
    for (std::size_t kind = 0; kind < kinds; ++kind) {
      for (std::size_t held = 0; held < sets; ++held) {
        for (std::size_t to = 0; to < sets; ++to) transitions_[kind][held][to] += other.transitions_[kind][held][to];
        for (std::size_t op = 0; op < state::operation_count; ++op) {
          cells_[op][kind][held] += other.cells_[op][kind][held];
        }
      }
    }
    for (const auto& [name, times] : other.events_) events_[name] += times;
  }

 private:
  std::array<std::array<std::array<unsigned, sets>, sets>, kinds> transitions_{};
  std::array<std::array<std::array<unsigned, sets>, kinds>, state::operation_count> cells_{};
  std::map<std::string_view, unsigned> events_;
};

}  // namespace ditto::sim
