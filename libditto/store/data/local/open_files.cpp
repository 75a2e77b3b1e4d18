#include "store/data/local/open_files.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "store/system_error.hpp"

namespace ditto::store::local {

OpenFiles::OpenFiles(ObjectFolders& folders, std::size_t limit)
    : folders_(folders), shard_limit_(std::max<std::size_t>(1, limit / shard_count)) {}

OpenFiles::Pinned OpenFiles::find(ObjectId object) { return find_in(shard_of(object), object); }

Result<OpenFiles::Pinned> OpenFiles::open(ObjectId object) { return open_with(object, &ObjectFolders::open_existing); }

Result<OpenFiles::Pinned> OpenFiles::open_or_create(ObjectId object) {
  return open_with(object, &ObjectFolders::open_or_create);
}

Result<OpenFiles::Pinned> OpenFiles::open_with(ObjectId object,
                                               Result<ObjectFolders::Opened> (ObjectFolders::*how)(ObjectId)) {
  Shard& shard = shard_of(object);
  if (Pinned file = find_in(shard, object)) return file;
  std::lock_guard disk(shard.disk_mutex);
  if (Pinned file = find_in(shard, object)) return file;
  make_room(shard);
  auto opened = (folders_.*how)(object);
  if (!opened) return fail(opened.error());
  if (!opened->file) return nullptr;
  auto file = std::make_shared<OpenFile>(object, std::move(*opened));
  std::lock_guard files(shard.files_mutex);
  shard.files.emplace(object, file);
  shard.clock.push_back(file.get());
  return file;
}

Result<void> OpenFiles::remove(ObjectId object) {
  Shard& shard = shard_of(object);
  Pinned closes_last;  // the system frees a file's blocks when it is closed: outside the lock
  std::lock_guard disk(shard.disk_mutex);
  {
    std::lock_guard files(shard.files_mutex);
    shard.errors.erase(object);
    closes_last = take_out(shard, object);
  }
  if (!closes_last) {
    auto opened = folders_.open_existing(object);
    if (opened && !opened->file) return {};
    if (opened) closes_last = std::make_shared<OpenFile>(object, std::move(*opened));
  }
  if (closes_last) forget_written(*closes_last);
  return folders_.remove(object);
}

Result<void> OpenFiles::sync(OpenFile& file) {
  const int failed = sync_now(file);
  const Result<void> earlier = take_error(file.object());
  if (failed != 0) return fail(error_of(failed));
  return earlier;
}

Result<void> OpenFiles::take_error(ObjectId object) {
  Shard& shard = shard_of(object);
  std::lock_guard files(shard.files_mutex);
  const auto found = shard.errors.find(object);
  if (found == shard.errors.end()) return {};
  const Error error = found->second;
  shard.errors.erase(found);
  return fail(error);
}

void OpenFiles::wrote(OpenFile& file, std::uint64_t size_bytes) noexcept {
  file.unsynced.store(true);
  file.unsynced_bytes.fetch_add(size_bytes, std::memory_order_relaxed);
  unsynced_bytes_.fetch_add(size_bytes, std::memory_order_relaxed);
}

void OpenFiles::forget_written(OpenFile& file) noexcept {
  unsynced_bytes_.fetch_sub(file.unsynced_bytes.exchange(0, std::memory_order_relaxed), std::memory_order_relaxed);
}

OpenFiles::Shard& OpenFiles::shard_of(ObjectId object) noexcept {
  return shards_[(object * 0x9e3779b97f4a7c15) >> 32 & (shard_count - 1)];
}

OpenFiles::Pinned OpenFiles::find_in(Shard& shard, ObjectId object) {
  std::lock_guard files(shard.files_mutex);
  const auto found = shard.files.find(object);
  if (found == shard.files.end()) return nullptr;
  found->second->used_.store(true, std::memory_order_relaxed);
  return found->second;
}

void OpenFiles::make_room(Shard& shard) {
  Pinned closes;
  std::unique_lock files(shard.files_mutex);
  if (shard.files.size() < shard_limit_) return;
  closes = choose_victim(shard, false);
  if (!closes) {
    const Pinned victim = choose_victim(shard, true);
    if (!victim) return;  // all are in use: then there is one more for a while
    files.unlock();
    const int failed = sync_now(*victim);
    files.lock();
    if (failed != 0) shard.errors[victim->object()] = error_of(failed);
    // Two references: the cache's and this one. Whoever took it meanwhile keeps it open, and so does a new write.
    if (victim.use_count() > 2 || victim->unsynced.load()) return;
    closes = victim;
  }
  take_out(shard, closes->object());
}

OpenFiles::Pinned OpenFiles::choose_victim(Shard& shard, bool unsynced_too) {
  // Two rounds: the first takes away the second chance of those that were used.
  for (std::size_t step = 0; step < 2 * shard.clock.size(); ++step) {
    if (shard.hand >= shard.clock.size()) shard.hand = 0;
    OpenFile* candidate = shard.clock[shard.hand++];
    const Pinned& cached = shard.files.find(candidate->object())->second;
    if (cached.use_count() > 1) continue;
    // What its last user did before letting go of it shows now.
    std::atomic_thread_fence(std::memory_order_acquire);
    if (!unsynced_too && candidate->unsynced.load()) continue;
    if (!candidate->used_.exchange(false, std::memory_order_relaxed)) return cached;
  }
  return nullptr;
}

OpenFiles::Pinned OpenFiles::take_out(Shard& shard, ObjectId object) {
  const auto found = shard.files.find(object);
  if (found == shard.files.end()) return nullptr;
  Pinned file = std::move(found->second);
  shard.files.erase(found);
  const auto at = std::ranges::find(shard.clock, file.get());
  *at = shard.clock.back();
  shard.clock.pop_back();
  return file;
}

int OpenFiles::sync_now(OpenFile& file) {
  file.unsynced.store(false);
  forget_written(file);
  return ::fdatasync(file.fd()) == 0 ? 0 : errno;
}

}  // namespace ditto::store::local
