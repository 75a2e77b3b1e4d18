// ObjectFolders: where the files of objects lie: `<root>/<last two digits of the id>/<id as 16 hex digits>`, in 256
// folders that exist before the first object does. Creates, finds, lists and removes those files, and knows which
// folders have entries that are not yet synced. It holds no object open. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <utility>

#include "base/function_ref.hpp"
#include "base/result.hpp"
#include "store/data/data_store.hpp"
#include "store/descriptor.hpp"

namespace ditto::store::local {

/// One level, and not too many: on a journaled ext4 64 to 4,096 folders cost the same for each created file, two levels
/// of 256 twice as much.
inline constexpr std::size_t object_folder_count = 256;

/// The path of an object's file below the root.
std::string object_path(ObjectId object);

class ObjectFolders {
 public:
  /// `root` exists; its folders are made when they are needed. The error is a sentence for the user.
  static std::expected<std::unique_ptr<ObjectFolders>, std::string> open(const std::string& root);

  /// A file's entry in its folder as of some moment, to be synced later.
  using Epoch = std::uint64_t;
  struct Opened {
    Descriptor file;
    Epoch epoch = 0;
  };
  /// An invalid descriptor when there is no such file.
  Result<Opened> open_existing(ObjectId object);
  Result<Opened> open_or_create(ObjectId object);
  /// An absent file is no error.
  Result<void> remove(ObjectId object);

  /// The entry of a file that was opened with `epoch` is durable when this returns.
  Result<void> sync_entry(ObjectId object, Epoch epoch);

  Result<void> for_each(FunctionRef<bool(ObjectId object, std::uint64_t size_bytes)> visit);

 private:
  /// Counts the entries that were made in a folder; those up to `synced` are durable. Both only grow.
  struct Folder {
    std::atomic<Epoch> created = 1;  // what a process before this one created may be unsynced
    std::atomic<Epoch> synced = 0;
  };

  explicit ObjectFolders(Descriptor root) noexcept : root_(std::move(root)) {}
  Result<void> make_folder(std::size_t folder);
  Result<void> sync_folder(Folder& folder, const char* name, Epoch epoch);
  Result<void> for_each_in(std::size_t folder, bool& go_on, FunctionRef<bool(ObjectId, std::uint64_t)> visit);

  Descriptor root_;
  Folder folders_in_root_;
  std::array<Folder, object_folder_count> folders_;
};

}  // namespace ditto::store::local
