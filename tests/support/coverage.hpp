#pragma once

// What randomised tests reached: how many of their runs met each of the events that they are there for. An event that
// none met fails the test, since it proves nothing about it then. One thread.

#include <catch2/catch.hpp>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/seeds.hpp"

namespace ditto::test {

class Coverage {
 public:
  /// One run is over, which met these events.
  void add(std::vector<std::pair<std::string_view, bool>> events) {
    ++runs_;
    for (const auto& [name, happened] : events) find(name) += happened ? 1 : 0;
  }

  /// Prints a line for each event. Each must have happened, if all seeds ran: among a few a rare one may be missing.
  void report(std::string_view title) const {
    std::printf("%.*s, %u runs:\n", static_cast<int>(title.size()), title.data(), runs_);
    for (const auto& [name, runs] : reached_) {
      std::printf("  %6u  %s\n", runs, name.c_str());
      INFO(name);
      CHECK((runs > 0 || !usual_seeds()));
    }
    std::fflush(stdout);
  }

 private:
  unsigned& find(std::string_view name) {
    for (auto& [known, runs] : reached_) {
      if (known == name) return runs;
    }
    return reached_.emplace_back(name, 0).second;
  }

  unsigned runs_ = 0;
  std::vector<std::pair<std::string, unsigned>> reached_;  // in the order that they were first named
};

}  // namespace ditto::test
