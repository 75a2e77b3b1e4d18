#include "support/power_cut/sync_gate.hpp"

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <set>
#include <system_error>
#include <utility>

namespace ditto::test {
namespace {

struct Gate {
  std::mutex mutex;  // guards the rest
  std::condition_variable changed;
  std::multiset<std::string> held;     // suffixes
  std::multiset<std::string> waiting;  // paths
  std::size_t calls = 0;
  std::size_t failures = 0;
  int error = 0;
  std::string failing;  // a suffix
};

Gate& gate() {
  static Gate one;
  return one;
}

std::string path_of(int fd) {
  std::error_code none;
  return std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), none).string();
}

}  // namespace

HeldSyncs::HeldSyncs(std::string suffix) : suffix_(std::move(suffix)) {
  std::lock_guard lock(gate().mutex);
  gate().held.insert(suffix_);
}

HeldSyncs::~HeldSyncs() {
  std::lock_guard lock(gate().mutex);
  gate().held.erase(gate().held.find(suffix_));
  gate().changed.notify_all();
}

void HeldSyncs::wait_for(std::size_t count) const {
  Gate& it = gate();
  std::unique_lock lock(it.mutex);
  it.changed.wait(lock, [&] {
    const auto here = std::ranges::count_if(it.waiting, [&](const std::string& p) { return p.ends_with(suffix_); });
    return static_cast<std::size_t>(here) >= count;
  });
}

void fail_syncs(std::size_t count, int error, std::string suffix) {
  std::lock_guard lock(gate().mutex);
  gate().failures = count;
  gate().error = error;
  gate().failing = std::move(suffix);
}

std::size_t syncs() {
  std::lock_guard lock(gate().mutex);
  return gate().calls;
}

int pass_sync_gate(int fd) {
  const std::string path = path_of(fd);
  Gate& it = gate();
  std::unique_lock lock(it.mutex);
  ++it.calls;
  const auto waits = it.waiting.insert(path);
  it.changed.notify_all();
  it.changed.wait(lock, [&] {
    return std::ranges::none_of(it.held, [&](const std::string& suffix) { return path.ends_with(suffix); });
  });
  it.waiting.erase(waits);
  if (it.failures == 0 || !path.ends_with(it.failing)) return 0;
  --it.failures;
  return it.error;
}

}  // namespace ditto::test
