// Gives file systems their background work (FileSystem::maintain) about once a second, on a thread of its own, because
// that work may wait for the disk for long. The file systems outlive it.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "vfs/file_system.hpp"

namespace ditto::server {

class Maintenance {
 public:
  /// Starts the thread; throws std::system_error when the system has none.
  Maintenance(std::vector<vfs::FileSystem*> file_systems, const Clock& clock);
  /// Waits for work that is under way.
  ~Maintenance();
  Maintenance(const Maintenance&) = delete;
  Maintenance& operator=(const Maintenance&) = delete;

 private:
  void work();

  const std::vector<vfs::FileSystem*> file_systems_;
  const Clock& clock_;
  std::mutex mutex_;  // guards stopping_
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace ditto::server
