// Progress: where writers that found no room wait until the store's threads have made some. Any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace ditto::store {

class Progress {
 public:
  /// Something that a writer may wait for has changed.
  void made() noexcept {
    {
      const std::lock_guard lock(mutex_);
    }  // whoever found no room under the lock is waiting by now
    changed_.notify_all();
  }

  /// Blocks until `enough()`, which takes no lock that is held around made().
  template <class Enough>
  void wait(Enough enough) {
    std::unique_lock lock(mutex_);
    // What `enough` looks at may also change without a word, as room on a disk does.
    while (!enough()) changed_.wait_for(lock, std::chrono::milliseconds(100));
  }

 private:
  std::mutex mutex_;  // orders looking and waiting
  std::condition_variable changed_;
};

}  // namespace ditto::store
