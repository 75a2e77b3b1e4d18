#include "server/maintenance.hpp"

#include <algorithm>
#include <chrono>

#include "server/signal_mask.hpp"

namespace ditto::server {
namespace {

constexpr std::chrono::seconds interval(1);

}  // namespace

Maintenance::Maintenance(std::vector<vfs::FileSystem*> file_systems, const Clock& clock, std::function<void()> also)
    : clock_(clock), also_(std::move(also)), file_systems_(std::move(file_systems)) {
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

void Maintenance::add(vfs::FileSystem& file_system) {
  const std::lock_guard lock(mutex_);
  file_systems_.push_back(&file_system);
}

void Maintenance::remove(vfs::FileSystem& file_system) {
  std::unique_lock lock(mutex_);
  std::erase(file_systems_, &file_system);
  done_.wait(lock, [&] { return at_work_on_ != &file_system; });
}

void Maintenance::maintain_all(std::unique_lock<std::mutex>& lock) {
  const std::vector<vfs::FileSystem*> all = file_systems_;
  for (vfs::FileSystem* file_system : all) {
    if (std::ranges::find(file_systems_, file_system) == file_systems_.end()) continue;
    at_work_on_ = file_system;
    lock.unlock();
    file_system->maintain(clock_.now());
    lock.lock();
    at_work_on_ = nullptr;
    done_.notify_all();
  }
}

void Maintenance::work() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, interval, [this] { return stopping_; })) {
    maintain_all(lock);
    lock.unlock();
    also_();
    lock.lock();
  }
}

}  // namespace ditto::server
