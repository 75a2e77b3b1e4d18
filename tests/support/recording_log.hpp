// A log that a test can read: all lines of all levels, in order. Any thread.
#pragma once

#include <algorithm>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"

namespace ditto::test {

class RecordingLog final : public Log {
 public:
  struct Line {
    LogLevel level;
    std::string text;
  };

  void write(LogLevel level, std::string_view line) override {
    const std::lock_guard lock(mutex_);
    lines_.push_back({level, std::string(line)});
  }
  bool enabled(LogLevel) const noexcept override { return true; }

  std::vector<Line> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  std::size_t count(LogLevel level, std::string_view part) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::ranges::count_if(
        lines_, [&](const Line& line) { return line.level == level && line.text.find(part) != line.text.npos; }));
  }

 private:
  mutable std::mutex mutex_;  // guards lines_
  std::vector<Line> lines_;
};

}  // namespace ditto::test
