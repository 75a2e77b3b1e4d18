#include "server/logs.hpp"

#include <functional>
#include <string_view>

namespace ditto::server {
namespace {

ditto::LogLevel inner(LogLevel level) {
  switch (level) {
    case LogLevel::Debug: return ditto::LogLevel::Debug;
    case LogLevel::Info: return ditto::LogLevel::Info;
    case LogLevel::Warn: return ditto::LogLevel::Warn;
    case LogLevel::Audit: return ditto::LogLevel::Audit;
    case LogLevel::Error:
    case LogLevel::Off: break;
  }
  return ditto::LogLevel::Error;
}

LogLevel outer(ditto::LogLevel level) {
  switch (level) {
    case ditto::LogLevel::Debug: return LogLevel::Debug;
    case ditto::LogLevel::Info: return LogLevel::Info;
    case ditto::LogLevel::Warn: return LogLevel::Warn;
    case ditto::LogLevel::Audit: return LogLevel::Audit;
    case ditto::LogLevel::Error: break;
  }
  return LogLevel::Error;
}

class SinkLog final : public ditto::Log {
 public:
  SinkLog(ditto::LogLevel least, std::function<void(LogLevel, std::string_view)> sink)
      : least_(least), sink_(std::move(sink)) {}
  void write(ditto::LogLevel level, std::string_view line) override {
    if (enabled(level)) sink_(outer(level), line);
  }
  bool enabled(ditto::LogLevel level) const noexcept override { return level >= least_; }

 private:
  const ditto::LogLevel least_;
  const std::function<void(LogLevel, std::string_view)> sink_;
};

}  // namespace

std::shared_ptr<ditto::Log> make_log(const LogOptions& options) {
  if (options.level == LogLevel::Off) return {std::shared_ptr<void>(), &null_log()};
  const ditto::LogLevel least = inner(options.level);
  if (options.sink) return std::make_shared<SinkLog>(least, options.sink);
  return make_stderr_log(least, options.format == LogFormat::Json ? ditto::LogFormat::Json : ditto::LogFormat::Text);
}

}  // namespace ditto::server
