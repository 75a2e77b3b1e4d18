#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "support/power_cut/raw_calls.hpp"
#include "support/power_cut/recorder.hpp"

namespace ditto::test {

int Recorder::open(int folder, const char* path, int flags, mode_t mode) {
  Lock lock(mutex_);
  if ((flags & O_TMPFILE) == O_TMPFILE) {
    if (inventory_.locate(folder, (std::string(path) + "/x").c_str())) not_understood("a file without a name");
    return raw::openat(folder, path, flags, mode);
  }
  const auto place = inventory_.locate(folder, path);
  if (!place) {
    lock.unlock();
    return raw::openat(folder, path, flags, mode);
  }
  const bool creates = place->node == nullptr && (flags & O_CREAT) != 0;
  const bool empties = place->node != nullptr && (flags & O_TRUNC) != 0 && (flags & O_EXCL) == 0;
  if (creates || empties) {
    if (const auto planned = obstacle(creates ? Call::Create : Call::Resize, place->path))
      return failed(planned->error);
  }
  if (creates && full_) return failed(ENOSPC);
  const int fd = raw::openat(folder, path, flags, mode);
  if (fd < 0) return fd;
  if (empties) record_.resized(place->node->id, 0);
  if (creates) {
    struct stat status{};
    if (::fstat(fd, &status) != 0) not_understood("fstat of the new file " + place->path);
    const NodeId id = record_.add_file();
    inventory_.add(*place, status, id);
    record_.name_changed(std::nullopt, place->entry, id);
  }
  return fd;
}

int Recorder::make_folder(int folder, const char* path, mode_t mode) {
  Lock lock(mutex_);
  const auto place = inventory_.locate(folder, path);
  if (!place || place->node != nullptr) {
    lock.unlock();
    return raw::mkdirat(folder, path, mode);
  }
  if (const auto planned = obstacle(Call::Create, place->path)) return failed(planned->error);
  if (full_) return failed(ENOSPC);
  if (raw::mkdirat(folder, path, mode) != 0) return -1;
  struct stat status{};
  if (::fstatat(folder, path, &status, 0) != 0) not_understood("fstatat of the new folder " + place->path);
  const NodeId id = record_.add_folder();
  inventory_.add(*place, status, id);
  record_.name_changed(std::nullopt, place->entry, id);
  return 0;
}

int Recorder::remove(int folder, const char* path, int flags) {
  Lock lock(mutex_);
  const auto place = inventory_.locate(folder, path);
  if (!place || place->node == nullptr) {
    lock.unlock();
    return raw::unlinkat(folder, path, flags);
  }
  if (const auto planned = obstacle(Call::Remove, place->path)) return failed(planned->error);
  if (raw::unlinkat(folder, path, flags) != 0) return -1;
  record_.name_changed(place->entry, std::nullopt, place->node->id);
  inventory_.unlinked(*place->node);
  return 0;
}

int Recorder::rename(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  Lock lock(mutex_);
  const auto source = inventory_.locate(from_folder, from);
  const auto target = inventory_.locate(to_folder, to);
  if (!source && !target) {
    lock.unlock();
    return raw::renameat2(from_folder, from, to_folder, to, flags);
  }
  if (!source || !target || (flags & ~unsigned{RENAME_NOREPLACE}) != 0) {
    not_understood("renaming " + std::string(from) + " to " + to + " with flags " + std::to_string(flags));
  }
  if (const auto planned = obstacle(Call::Rename, source->path)) return failed(planned->error);
  if (raw::renameat2(from_folder, from, to_folder, to, flags) != 0) return -1;
  if (source->node == target->node) return 0;  // two names of one file: both stay
  if (target->node != nullptr) inventory_.unlinked(*target->node);
  record_.name_changed(source->entry, target->entry, source->node->id);
  inventory_.moved(*source->node, target->path);
  return 0;
}

int Recorder::link(int from_folder, const char* from, int to_folder, const char* to, int flags) {
  Lock lock(mutex_);
  const auto target = inventory_.locate(to_folder, to);
  if (!target) {
    lock.unlock();
    return raw::linkat(from_folder, from, to_folder, to, flags);
  }
  const auto source = inventory_.locate(from_folder, from);
  if (!source) not_understood("a link " + target->path + " to " + from);
  if (const auto planned = obstacle(Call::Create, target->path)) return failed(planned->error);
  if (full_) return failed(ENOSPC);
  if (raw::linkat(from_folder, from, to_folder, to, flags) != 0) return -1;
  record_.name_changed(std::nullopt, target->entry, source->node->id);
  inventory_.linked(*source->node);
  return 0;
}

}  // namespace ditto::test
