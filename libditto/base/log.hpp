// Log lines to wherever the host program wants them. A Log is handed in at construction; there is no global one. Lines
// are complete sentences without a newline. Callers on hot paths ask enabled() before they format. Any thread.
#pragma once

#include <memory>
#include <string_view>

#include "base/clock.hpp"

namespace ditto {

/// Audit: what access control lists want recorded, which no level of a log leaves out.
enum class LogLevel : unsigned char { Debug, Info, Warn, Error, Audit };

class Log {
 public:
  virtual ~Log() = default;
  virtual void write(LogLevel level, std::string_view line) = 0;
  virtual bool enabled(LogLevel level) const noexcept = 0;

  void debug(std::string_view line) { write(LogLevel::Debug, line); }
  void info(std::string_view line) { write(LogLevel::Info, line); }
  void warn(std::string_view line) { write(LogLevel::Warn, line); }
  void error(std::string_view line) { write(LogLevel::Error, line); }
};

/// Swallows everything: the default when a host program hands in none.
Log& null_log() noexcept;

enum class LogFormat : unsigned char { Text, Json };

/// Lines to stderr, one each, with time (UTC) and level; the same line more than ten times in a second is counted
/// instead of repeated. Control characters and invalid UTF-8, which clients can bring in by names, are escaped.
std::unique_ptr<Log> make_stderr_log(LogLevel level, LogFormat format);
/// The same to any file descriptor, which stays the caller's and open, timed by `clock`, which outlives the log.
std::unique_ptr<Log> make_fd_log(int fd, LogLevel level, LogFormat format, Clock& clock);

}  // namespace ditto
