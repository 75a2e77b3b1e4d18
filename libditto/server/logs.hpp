// Where a server's lines go: the host's sink, stderr, or nowhere; and how a store, which is opened before the server
// that it will belong to, comes to write there too. Any thread.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "base/log.hpp"
#include "ditto/options.hpp"

namespace ditto::server {

std::shared_ptr<ditto::Log> make_log(const LogOptions& options);

/// Passes lines on to whatever log is attached; without one they are lost.
class RelayLog final : public ditto::Log {
 public:
  void attach(std::shared_ptr<ditto::Log> log) {
    const std::lock_guard lock(mutex_);
    std::swap(log_, log);
  }
  void write(ditto::LogLevel level, std::string_view line) override {
    if (const auto log = attached()) log->write(level, line);
  }
  bool enabled(ditto::LogLevel level) const noexcept override {
    const auto log = attached();
    return log && log->enabled(level);
  }

 private:
  std::shared_ptr<ditto::Log> attached() const noexcept {
    const std::lock_guard lock(mutex_);
    return log_;
  }

  mutable std::mutex mutex_;  // guards log_
  std::shared_ptr<ditto::Log> log_;
};

}  // namespace ditto::server
