#include "support/power_cut/recorder.hpp"

#include <atomic>
#include <utility>

namespace ditto::test {
namespace {

/// Calls are replaced from the program's first moment to its last one.
constinit std::atomic<bool> watching = false;

struct Current {
  std::mutex mutex;  // guards the rest
  std::shared_ptr<Recorder> recorder;
};

Current& current_one() {
  static Current one;
  return one;
}

}  // namespace

std::shared_ptr<Recorder> Recorder::current() {
  if (!watching.load(std::memory_order_acquire)) return nullptr;
  const std::lock_guard lock(current_one().mutex);
  return current_one().recorder;
}

void Recorder::set_current(std::shared_ptr<Recorder> recorder) {
  const std::lock_guard lock(current_one().mutex);
  if (recorder && current_one().recorder) not_understood("two watched folders at once");
  current_one().recorder = std::move(recorder);
  watching.store(current_one().recorder != nullptr, std::memory_order_release);
}

int Recorder::sync(int fd, int error, int (*elsewhere)(int fd)) {
  Lock lock(mutex_);
  const Node* node = inventory_.find(fd);
  if (node == nullptr) {
    lock.unlock();
    return error != 0 ? failed(error) : elsewhere(fd);
  }
  if (frozen_) return failed(EIO);
  const NodeId id = node->id;
  const std::string path = node->path;  // the node may go while the hook runs
  const Sequence last = record_.last();
  ++syncs_[path];
  if (const auto planned = plan_.next(Call::Sync, path); planned && error == 0) error = planned->error;
  SyncPoint point{.number = ++sync_points_, .done = false, .path = path};
  announce(lock, point);
  if (frozen_) return failed(EIO);
  if (error != 0) {
    record_.sync_failed(id, last);
    return failed(error);
  }
  record_.synced(id, last);
  point.done = true;
  announce(lock, point);
  return 0;
}

int Recorder::write_synced(Lock& lock, const Node& node, Sequence write) {
  const NodeId id = node.id;
  const std::string path = node.path;
  SyncPoint point{.number = ++sync_points_, .done = false, .path = path};
  announce(lock, point);
  if (frozen_) return failed(EIO);
  record_.write_synced(id, write);
  point.done = true;
  announce(lock, point);
  return 0;
}

int Recorder::sync_all() {
  const Lock lock(mutex_);
  if (frozen_) return failed(EIO);
  record_.all_synced(record_.last());
  return 0;
}

/// Without the lock, since the hook may do anything.
void Recorder::announce(Lock& lock, const SyncPoint& point) {
  if (!hook_) return;
  lock.unlock();
  hook_(point);
  lock.lock();
}

void Recorder::refuse(int fd, const char* call) {
  const Lock lock(mutex_);
  if (const Node* node = inventory_.find(fd)) not_understood(std::string(call) + " of " + node->path);
}

void Recorder::refuse(int folder, const char* path, const char* call) {
  const Lock lock(mutex_);
  if (const auto place = inventory_.locate(folder, path)) not_understood(std::string(call) + " of " + place->path);
}

std::optional<Failure> Recorder::obstacle(Call call, const std::string& path) {
  if (frozen_) return Failure{.call = call};
  return plan_.next(call, path);
}

Moment Recorder::capture() {
  const Lock lock(mutex_);
  return Moment(std::make_shared<const Record>(record_));
}

Moment Recorder::cut() {
  const Lock lock(mutex_);
  frozen_ = true;
  return Moment(std::make_shared<const Record>(record_));
}

void Recorder::freeze(bool frozen) {
  const Lock lock(mutex_);
  frozen_ = frozen;
}

void Recorder::set_hook(std::function<void(const SyncPoint&)> hook) {
  const Lock lock(mutex_);
  hook_ = std::move(hook);
}

std::size_t Recorder::sync_points() {
  const Lock lock(mutex_);
  return sync_points_;
}

std::size_t Recorder::syncs(std::string_view suffix) {
  const Lock lock(mutex_);
  std::size_t count = 0;
  for (const auto& [path, calls] : syncs_) count += path.ends_with(suffix) ? calls : 0;
  return count;
}

void Recorder::fail(const Failure& failure) {
  const Lock lock(mutex_);
  plan_.add(failure);
}

void Recorder::repair() {
  const Lock lock(mutex_);
  plan_.clear();
  full_ = false;
}

void Recorder::set_full(bool full) {
  const Lock lock(mutex_);
  full_ = full;
}

}  // namespace ditto::test
