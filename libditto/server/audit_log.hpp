// The lines of the log that tell what lists want recorded, and how many there were. Any thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/log.hpp"
#include "gate/auditor.hpp"

namespace ditto::server {

class AuditLog final : public gate::Auditor {
 public:
  explicit AuditLog(ditto::Log& log) noexcept : log_(log) {}

  void record(const gate::Audited& audited) override;

  struct Counts {
    std::uint64_t granted = 0, refused = 0;
    std::uint64_t alarms = 0;  // of either
  };
  Counts counts() const noexcept;

 private:
  ditto::Log& log_;
  std::atomic<std::uint64_t> granted_{0}, refused_{0}, alarms_{0};
};

}  // namespace ditto::server
