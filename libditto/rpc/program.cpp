#include "rpc/program.hpp"

#include <algorithm>

namespace ditto::rpc {

Result<void> Programs::add(const Program& program) {
  if (find(program.number(), program.version()).program) return fail(Error::Exists);
  programs_.push_back(program);
  return {};
}

Programs::Found Programs::find(std::uint32_t number, std::uint32_t version) const noexcept {
  Found found{.why = accept_stat::PROG_UNAVAIL};
  for (const Program& program : programs_) {
    if (program.number() != number) continue;
    if (program.version() == version) return {.program = &program};
    if (found.why == accept_stat::PROG_UNAVAIL) {
      found = {.why = accept_stat::PROG_MISMATCH, .versions = {program.version(), program.version()}};
    } else {
      found.versions.low = std::min(found.versions.low, program.version());
      found.versions.high = std::max(found.versions.high, program.version());
    }
  }
  return found;
}

}  // namespace ditto::rpc
