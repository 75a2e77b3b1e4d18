#include "store/sync_gate.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <mutex>

namespace {

struct Gate {
  std::mutex mutex;  // guards the rest
  std::condition_variable changed;
  int held = 0;
  std::size_t waiting = 0;
  std::size_t calls = 0;
  std::size_t failures = 0;
  int error = 0;
};

Gate& gate() {
  static Gate one;
  return one;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int fdatasync(int fd) {
  {
    Gate& it = gate();
    std::unique_lock lock(it.mutex);
    ++it.calls;
    ++it.waiting;
    it.changed.notify_all();
    it.changed.wait(lock, [&] { return it.held == 0; });
    --it.waiting;
    if (it.failures > 0) {
      --it.failures;
      errno = it.error;
      return -1;
    }
  }
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

namespace ditto::test {

HeldSyncs::HeldSyncs() {
  std::lock_guard lock(gate().mutex);
  ++gate().held;
}

HeldSyncs::~HeldSyncs() {
  std::lock_guard lock(gate().mutex);
  --gate().held;
  gate().changed.notify_all();
}

void HeldSyncs::wait_for(std::size_t count) const {
  std::unique_lock lock(gate().mutex);
  gate().changed.wait(lock, [&] { return gate().waiting >= count; });
}

void fail_syncs(std::size_t count, int error) {
  std::lock_guard lock(gate().mutex);
  gate().failures = count;
  gate().error = error;
}

std::size_t syncs() {
  std::lock_guard lock(gate().mutex);
  return gate().calls;
}

}  // namespace ditto::test
