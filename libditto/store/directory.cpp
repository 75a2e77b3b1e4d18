#include "store/directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

namespace ditto::store {
namespace {

using Reason = OpenError::Reason;

constexpr unsigned format_version = 1;
constexpr std::string_view format_start = "ditto store ";

/// What a folder may hold that is on its way to become a store; names that are hidden on purpose (lost+found) are
/// nobody's.
constexpr auto own_names =
    std::to_array<std::string_view>({".", "..", "control.sock", "format.new", "journal", "lock", "lost+found",
                                     "metadata.mdb", "metadata.mdb-lock", "objects"});

std::unexpected<OpenError> refuse(Reason reason, std::string message) {
  return std::unexpected(OpenError{reason, std::move(message)});
}

/// For a call on `path` that failed with errno.
std::unexpected<OpenError> system_refuses(const std::string& path, std::string_view what) {
  const int error = errno;
  if (error == EACCES || error == EPERM) {
    return refuse(Reason::NotPermitted, fmt::format("{} {}: user {} has no permission.", path, what, ::geteuid()));
  }
  return refuse(Reason::System, fmt::format("{} {}: {}.", path, what, std::generic_category().message(error)));
}

std::string read_small(int fd) {
  std::array<char, 256> text;
  const ssize_t got = ::pread(fd, text.data(), text.size(), 0);
  return std::string(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
}

bool write_small(int fd, const std::string& text) {
  return ::ftruncate(fd, 0) == 0 && ::pwrite(fd, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

std::expected<bool, int> is_empty_or_ours(int directory) {
  const int fd = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return std::unexpected(errno);
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(fd), ::closedir);
  if (!entries) return std::unexpected(errno);
  while (const dirent* entry = ::readdir(entries.get())) {
    if (std::ranges::find(own_names, std::string_view(entry->d_name)) == own_names.end()) return false;
  }
  return true;
}

/// The path of the folder that `path` is in.
std::string parent_of(const std::string& path) {
  const std::size_t end = path.find_last_not_of('/');
  const std::size_t slash = end == std::string::npos ? end : path.find_last_of('/', end);
  if (slash == std::string::npos) return ".";
  return path.substr(0, slash == 0 ? 1 : slash);
}

std::expected<void, OpenError> make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) {
    const std::string parent = parent_of(path);
    const Descriptor entry(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (entry && ::fsync(entry.get()) != 0) return system_refuses(parent, "cannot be synced");
    return {};
  }
  if (errno == EEXIST) return {};
  if (errno == ENOENT) {
    return refuse(Reason::System, fmt::format("{} cannot be made: {} does not exist.", path, parent_of(path)));
  }
  return system_refuses(path, "cannot be made");
}

}  // namespace

std::expected<StoreDirectory, OpenError> StoreDirectory::open(const std::string& path, const std::string& program) {
  if (auto made = make_folder(path); !made) return std::unexpected(std::move(made.error()));
  Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory && errno == ENOTDIR) {
    return refuse(Reason::NotAStore, fmt::format("{} is a file; a store needs a directory.", path));
  }
  if (!directory) return system_refuses(path, "cannot be opened");
  const bool is_new = ::faccessat(directory.get(), "format", F_OK, 0) != 0;
  if (is_new) {
    // Nothing is put into a folder that is somebody else's.
    const auto usable = is_empty_or_ours(directory.get());
    if (!usable) return system_refuses(path, "cannot be read");
    if (!*usable) {
      return refuse(Reason::NotAStore,
                    fmt::format("{} is neither empty nor a store of Ditto: name a directory of its own.", path));
    }
  }
  StoreDirectory opened(path, std::move(directory), is_new);
  if (auto locked = opened.take_lock(program); !locked) return std::unexpected(std::move(locked.error()));
  // Whoever had the lock until now may have finished a new store.
  opened.is_new_ = ::faccessat(opened.directory_.get(), "format", F_OK, 0) != 0;
  const auto ready = opened.is_new_ ? opened.prepare() : opened.check_format();
  if (!ready) return std::unexpected(ready.error());
  return opened;
}

std::expected<void, OpenError> StoreDirectory::take_lock(const std::string& program) {
  lock_ = Descriptor(::openat(directory_.get(), "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock_) return system_refuses(path_, "cannot be written to");
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return system_refuses(path_ + "/lock", "cannot be locked");
    std::string owner = read_small(lock_.get());
    owner.erase(std::find(owner.begin(), owner.end(), '\n'), owner.end());
    return refuse(
        Reason::InUse,
        fmt::format("{} is in use by {}. One process at a time has a store; to serve it to NFS and SMB clients "
                    "at once, use dittod.",
                    path_, owner.empty() ? "another process" : owner));
  }
  // Only for people: the lock is what counts. On a full disk it does without.
  write_small(lock_.get(), fmt::format("{}, process {}\n", program.empty() ? "a program" : program, ::getpid()));
  return {};
}

std::expected<void, OpenError> StoreDirectory::check_format() {
  const Descriptor file(::openat(directory_.get(), "format", O_RDONLY | O_CLOEXEC));
  if (!file) return system_refuses(path_ + "/format", "cannot be read");
  const std::string text = read_small(file.get());
  unsigned version = 0;
  if (!text.starts_with(format_start) ||
      std::from_chars(text.data() + format_start.size(), text.data() + text.size(), version).ec != std::errc()) {
    return refuse(Reason::NotAStore, fmt::format("{}/format is not the format file of a Ditto store.", path_));
  }
  if (version > format_version) {
    return refuse(Reason::NewerFormat,
                  fmt::format("{} has format {}, and this version of Ditto knows formats up to {}: use a newer one.",
                              path_, version, format_version));
  }
  for (const std::string& part : {metadata_path(), journal_path(), objects_path()}) {
    if (::access(part.c_str(), F_OK) != 0) {
      return refuse(Reason::Damaged, fmt::format("{} is missing, though {} holds a store.", part, path_));
    }
  }
  return {};
}

std::expected<void, OpenError> StoreDirectory::prepare() {
  if (::mkdirat(directory_.get(), "objects", 0700) != 0 && errno != EEXIST) {
    return system_refuses(objects_path(), "cannot be made");
  }
  return {};
}

std::expected<void, OpenError> StoreDirectory::finish() {
  const std::string text = fmt::format("{}{}\n", format_start, format_version);
  {
    const Descriptor file(::openat(directory_.get(), "format.new", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file || !write_small(file.get(), text) || ::fsync(file.get()) != 0) {
      return system_refuses(path_ + "/format", "cannot be written");
    }
  }
  // Everything else in the folder is durable before the name that makes it a store.
  if (::fsync(directory_.get()) != 0 || ::renameat(directory_.get(), "format.new", directory_.get(), "format") != 0 ||
      ::fsync(directory_.get()) != 0) {
    return system_refuses(path_ + "/format", "cannot be written");
  }
  is_new_ = false;
  return {};
}

}  // namespace ditto::store
