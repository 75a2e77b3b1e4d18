#include "server/maintenance.hpp"

#include <chrono>

#include "server/signal_mask.hpp"

namespace ditto::server {
namespace {

constexpr std::chrono::seconds interval(1);

}  // namespace

Maintenance::Maintenance(std::vector<vfs::FileSystem*> file_systems, const Clock& clock)
    : file_systems_(std::move(file_systems)), clock_(clock) {
  const BlockedSignals blocked;
  thread_ = std::thread([this] { work(); });
}

Maintenance::~Maintenance() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Maintenance::work() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, interval, [this] { return stopping_; })) {
    lock.unlock();
    for (vfs::FileSystem* file_system : file_systems_) file_system->maintain(clock_.now());
    lock.lock();
  }
}

}  // namespace ditto::server
