// Gives file systems their background work (FileSystem::maintain) about once a second, on a thread of its own, because
// that work may wait for the disk for long; and then calls whatever else is due so often. The file systems outlive it,
// or are removed before they go.
#pragma once

#include <condition_variable>
#include <functional>
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
  Maintenance(std::vector<vfs::FileSystem*> file_systems, const Clock& clock, std::function<void()> also);
  /// Waits for work that is under way.
  ~Maintenance();
  Maintenance(const Maintenance&) = delete;
  Maintenance& operator=(const Maintenance&) = delete;

  void add(vfs::FileSystem& file_system);
  /// Waits for work on it that is under way. Not within `also`.
  void remove(vfs::FileSystem& file_system);

 private:
  void work();
  void maintain_all(std::unique_lock<std::mutex>& lock);

  const Clock& clock_;
  const std::function<void()> also_;
  std::mutex mutex_;  // guards the rest
  std::vector<vfs::FileSystem*> file_systems_;
  vfs::FileSystem* at_work_on_ = nullptr;
  std::condition_variable wake_, done_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace ditto::server
