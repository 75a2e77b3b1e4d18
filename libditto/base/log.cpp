#include "base/log.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <iterator>
#include <mutex>
#include <string>

#include "base/utc.hpp"
#include "base/utf8.hpp"

namespace ditto {
namespace {

constexpr std::uint64_t window_ns = 1'000'000'000;
constexpr std::uint32_t lines_per_window = 10;
constexpr std::size_t remembered_lines = 64;
constexpr std::size_t max_line_bytes = 4096;

std::string_view name_of(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::Debug: return "debug";
    case LogLevel::Info: return "info";
    case LogLevel::Warn: return "warn";
    case LogLevel::Error: return "error";
    case LogLevel::Audit: return "audit";
  }
  return "error";
}

void append_escaped(std::string& out, std::string_view line, LogFormat format) {
  const bool json = format == LogFormat::Json;
  if (line.size() > max_line_bytes) line = line.substr(0, max_line_bytes);
  while (!line.empty()) {
    const auto c = static_cast<unsigned char>(line.front());
    std::size_t length = utf8_length(line);
    if (length == 0) {
      if (json) {
        out += "\\ufffd";
      } else {
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", c);
      }
      length = 1;
    } else if (c < 0x20 || c == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\{}{:02x}", json ? "u00" : "x", c);
    } else if (json && (c == '"' || c == '\\')) {
      out += '\\';
      out += static_cast<char>(c);
    } else {
      out.append(line.substr(0, length));
    }
    line.remove_prefix(length);
  }
}

std::string render(LogFormat format, Timestamp now, LogLevel level, std::string_view line) {
  const std::string time = utc_text(now);
  std::string text;
  text.reserve(line.size() + 64);
  if (format == LogFormat::Json) {
    fmt::format_to(std::back_inserter(text), R"({{"time":"{}","level":"{}","message":")", time, name_of(level));
    append_escaped(text, line, format);
    text += "\"}\n";
  } else {
    fmt::format_to(std::back_inserter(text), "{} {:<5} ", time, name_of(level));
    append_escaped(text, line, format);
    text += '\n';
  }
  return text;
}

class NullLog final : public Log {
 public:
  void write(LogLevel, std::string_view) override {}
  bool enabled(LogLevel) const noexcept override { return false; }
};

class FdLog final : public Log {
 public:
  FdLog(int fd, LogLevel level, LogFormat format, Clock& clock)
      : fd_(fd), level_(level), format_(format), clock_(clock) {}

  ~FdLog() override {
    for (auto& slot : recent_) settle(slot);
  }

  bool enabled(LogLevel level) const noexcept override { return level >= level_; }

  void write(LogLevel level, std::string_view line) override {
    if (!enabled(level)) return;
    const std::uint64_t now = clock_.monotonic_ns();
    std::lock_guard lock(mutex_);
    settle_expired(now);
    // A slot is taken over by another line of the same hash slot; then both are merely limited less strictly.
    auto& slot = recent_[(std::hash<std::string_view>{}(line) + static_cast<std::size_t>(level)) % remembered_lines];
    if (slot.level != level || slot.line != line || now - slot.since_ns >= window_ns) {
      settle(slot);
      slot.line = line;
      slot.level = level;
      slot.since_ns = now;
      slot.count = 0;
    }
    if (++slot.count <= lines_per_window) {
      emit(level, line);
    } else if (slot.count == lines_per_window + 1) {
      ++withholding_;
    }
  }

 private:
  struct Recent {
    std::string line;
    LogLevel level = LogLevel::Debug;
    std::uint64_t since_ns = 0;
    std::uint32_t count = 0;
  };

  void settle_expired(std::uint64_t now) {
    if (withholding_ == 0) return;
    for (auto& slot : recent_) {
      if (slot.count > lines_per_window && now - slot.since_ns >= window_ns) settle(slot);
    }
  }

  /// Says how often the line of `slot` was withheld, and starts its count anew.
  void settle(Recent& slot) {
    if (slot.count <= lines_per_window) return;
    emit(slot.level, fmt::format("{} (and {} times more)", slot.line, slot.count - lines_per_window));
    slot.count = 0;
    --withholding_;
  }

  void emit(LogLevel level, std::string_view line) {
    const std::string text = render(format_, clock_.now(), level, line);
    std::string_view left = text;
    while (!left.empty()) {
      const ssize_t written = ::write(fd_, left.data(), left.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return;  // nowhere to complain
      left.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  const int fd_;
  const LogLevel level_;
  const LogFormat format_;
  Clock& clock_;
  std::mutex mutex_;  // guards what follows, and keeps lines whole
  std::array<Recent, remembered_lines> recent_;
  std::size_t withholding_ = 0;  // slots whose line is being counted instead of written
};

}  // namespace

Log& null_log() noexcept {
  static NullLog log;
  return log;
}

std::unique_ptr<Log> make_fd_log(int fd, LogLevel level, LogFormat format, Clock& clock) {
  return std::make_unique<FdLog>(fd, level, format, clock);
}

std::unique_ptr<Log> make_stderr_log(LogLevel level, LogFormat format) {
  return make_fd_log(STDERR_FILENO, level, format, system_clock());
}

}  // namespace ditto
