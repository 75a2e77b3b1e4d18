#include "store/data/local/object_folders.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include "store/system_error.hpp"

namespace ditto::store::local {
namespace {

constexpr std::size_t id_digits = 16;

std::size_t folder_of(ObjectId object) { return object % object_folder_count; }

std::string folder_name(std::size_t folder) { return fmt::format("{:02x}", folder); }

std::string failure(const std::string& what) {
  return fmt::format("{}: {}", what, std::generic_category().message(errno));
}

std::optional<ObjectId> parse_id(const char* name) {
  ObjectId object = 0;
  const char* end = name + std::strlen(name);
  if (end - name != id_digits) return std::nullopt;
  const auto [rest, error] = std::from_chars(name, end, object, 16);
  if (error != std::errc() || rest != end) return std::nullopt;
  return object;
}

}  // namespace

std::string object_path(ObjectId object) { return fmt::format("{:02x}/{:016x}", folder_of(object), object); }

std::expected<std::unique_ptr<ObjectFolders>, std::string> ObjectFolders::open(const std::string& root) {
  Descriptor directory(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return std::unexpected(failure(root + " cannot be opened"));
  return std::unique_ptr<ObjectFolders>(new ObjectFolders(std::move(directory)));
}

Result<ObjectFolders::Opened> ObjectFolders::open_existing(ObjectId object) {
  // The epoch is read first: whatever was created before it counts as unsynced with it.
  const Epoch epoch = folders_[folder_of(object)].created.load();
  Descriptor file(::openat(root_.get(), object_path(object).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!file && errno != ENOENT) return fail(error_of(errno));
  return Opened{std::move(file), epoch};
}

Result<ObjectFolders::Opened> ObjectFolders::open_or_create(ObjectId object) {
  auto existing = open_existing(object);
  if (!existing || existing->file) return existing;
  const std::size_t folder = folder_of(object);
  const std::string path = object_path(object);
  const auto create = [&] {
    return Descriptor(::openat(root_.get(), path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  };
  Descriptor file = create();
  if (!file && errno == ENOENT) {
    if (auto made = make_folder(folder); !made) return fail(made.error());
    file = create();
  }
  if (!file) return fail(error_of(errno));
  // Counted after the entry is there, so that a sync that runs meanwhile does not claim it.
  return Opened{std::move(file), ++folders_[folder].created};
}

Result<void> ObjectFolders::remove(ObjectId object) {
  if (::unlinkat(root_.get(), object_path(object).c_str(), 0) != 0 && errno != ENOENT) return fail(error_of(errno));
  return {};
}

Result<void> ObjectFolders::make_folder(std::size_t folder) {
  // Counted twice: before, for whoever finds the folder at once and syncs; after, because a sync in between did not
  // catch it.
  ++folders_in_root_.created;
  const bool made = ::mkdirat(root_.get(), folder_name(folder).c_str(), 0700) == 0;
  if (!made && errno != EEXIST) return fail(error_of(errno));
  ++folders_in_root_.created;
  return {};
}

Result<void> ObjectFolders::sync_entry(ObjectId object, Epoch epoch) {
  const std::size_t folder = folder_of(object);
  if (auto synced = sync_folder(folders_[folder], folder_name(folder).c_str(), epoch); !synced) return synced;
  return sync_folder(folders_in_root_, ".", folders_in_root_.created.load());
}

Result<void> ObjectFolders::sync_folder(Folder& folder, const char* name, Epoch epoch) {
  if (folder.synced.load() >= epoch) return {};
  const Epoch now = folder.created.load();
  const Descriptor directory(::openat(root_.get(), name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::fsync(directory.get()) != 0) return fail(Error::Io);
  for (Epoch synced = folder.synced.load(); synced < now && !folder.synced.compare_exchange_weak(synced, now);) {
  }
  return {};
}

Result<void> ObjectFolders::for_each(FunctionRef<bool(ObjectId, std::uint64_t)> visit) {
  bool go_on = true;
  for (std::size_t folder = 0; folder < object_folder_count && go_on; ++folder) {
    if (auto done = for_each_in(folder, go_on, visit); !done) return done;
  }
  return {};
}

Result<void> ObjectFolders::for_each_in(std::size_t folder, bool& go_on,
                                        FunctionRef<bool(ObjectId, std::uint64_t)> visit) {
  const int fd = ::openat(root_.get(), folder_name(folder).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return {};
  if (fd < 0) return fail(error_of(errno));
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(fd), ::closedir);
  if (!entries) {
    const Descriptor closes(fd);
    return fail(Error::Io);
  }
  while (go_on) {
    errno = 0;
    const dirent* entry = ::readdir(entries.get());
    if (entry == nullptr) {
      if (errno != 0) return fail(error_of(errno));
      return {};
    }
    const auto object = parse_id(entry->d_name);
    if (!object || folder_of(*object) != folder) continue;
    struct stat status{};
    if (::fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) continue;
      return fail(error_of(errno));
    }
    if (S_ISREG(status.st_mode)) go_on = visit(*object, static_cast<std::uint64_t>(status.st_size));
  }
  return {};
}

}  // namespace ditto::store::local
