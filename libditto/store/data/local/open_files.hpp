// OpenFiles: the bounded cache of descriptors of objects. A file in use is pinned by its shared pointer and is never
// closed under its user. What a descriptor knows is not lost by closing it: one with unsynced writes is synced first,
// since the kernel reports a failed write-back to descriptors that are open, and that error is kept for the object's
// next sync. Any thread; what may open, close or remove a file may block.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "store/data/local/object_folders.hpp"
#include "store/descriptor.hpp"

namespace ditto::store::local {

/// An object's open file. Everything but its counters is constant.
class OpenFile {
 public:
  OpenFile(ObjectId object, ObjectFolders::Opened opened) noexcept
      : object_(object), file_(std::move(opened.file)), epoch_(opened.epoch) {}

  ObjectId object() const noexcept { return object_; }
  int fd() const noexcept { return file_.get(); }
  ObjectFolders::Epoch epoch() const noexcept { return epoch_; }

  /// There were changes since the last sync. Set before a change is made; cleared before a sync begins.
  std::atomic<bool> unsynced = false;
  /// Bytes written that no sync or write-back has been asked for yet; a sum for the bound on them.
  std::atomic<std::uint64_t> unsynced_bytes = 0;

 private:
  friend class OpenFiles;
  const ObjectId object_;
  const Descriptor file_;
  const ObjectFolders::Epoch epoch_;
  std::atomic<bool> used_ = true;  // since the clock's hand came by
};

class OpenFiles {
 public:
  /// Keeps about `limit` files open, at least one per shard.
  OpenFiles(ObjectFolders& folders, std::size_t limit);

  using Pinned = std::shared_ptr<OpenFile>;
  /// The file when it is open already, else null. Never blocks.
  Pinned find(ObjectId object);
  /// Null when the object does not exist.
  Result<Pinned> open(ObjectId object);
  Result<Pinned> open_or_create(ObjectId object);
  /// Removes the object's file; whoever has it pinned goes on using it.
  Result<void> remove(ObjectId object);

  /// fdatasync, and the error that an earlier one found when nobody asked. Not the folder's entry.
  Result<void> sync(OpenFile& file);
  /// The error that was found when the object's file was closed, if there was one; forgets it.
  Result<void> take_error(ObjectId object);

  /// Bytes written to open files that no sync has been asked for.
  std::uint64_t unsynced_bytes() const noexcept { return unsynced_bytes_.load(std::memory_order_relaxed); }
  void wrote(OpenFile& file, std::uint64_t size_bytes) noexcept;
  /// No longer counts what was written to `file`.
  void forget_written(OpenFile& file) noexcept;

 private:
  struct Shard {
    std::mutex files_mutex;  // guards what follows; held for moments
    std::unordered_map<ObjectId, Pinned> files;
    std::vector<OpenFile*> clock;  // the same files, in a ring
    std::size_t hand = 0;
    std::unordered_map<ObjectId, Error> errors;  // of syncs before closing
    std::mutex
        disk_mutex;  // orders opening, creating, closing and removing of this shard's objects; taken before files_mutex
  };
  static constexpr std::size_t shard_count = 32;

  Shard& shard_of(ObjectId object) noexcept;
  static Pinned find_in(Shard& shard, ObjectId object);
  Result<Pinned> open_with(ObjectId object, Result<ObjectFolders::Opened> (ObjectFolders::*how)(ObjectId));
  void make_room(Shard& shard);
  static Pinned choose_victim(Shard& shard, bool unsynced_too);
  static Pinned take_out(Shard& shard, ObjectId object);
  int sync_now(OpenFile& file);

  ObjectFolders& folders_;
  const std::size_t shard_limit_;
  std::atomic<std::uint64_t> unsynced_bytes_ = 0;  // sum of the files'
  std::array<Shard, shard_count> shards_;
};

}  // namespace ditto::store::local
