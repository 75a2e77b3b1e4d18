#include "store/journal/segments.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <string_view>
#include <system_error>
#include <utility>

#include "store/system_error.hpp"

namespace ditto::store::journal {
namespace {

std::string name_of(std::uint32_t slot) { return fmt::format("{:04}", slot); }

bool parse_name(std::string_view name, std::uint32_t& slot) {
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), slot);
  return parsed.ec == std::errc() && name == name_of(slot);
}

std::string why(int error) { return std::generic_category().message(error); }

}  // namespace

Result<void> Segment::read(std::uint64_t offset, MutableBytes into) const {
  while (!into.empty()) {
    const ssize_t got = ::pread(file.get(), into.data(), into.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail(Error::Io);
    offset += static_cast<std::size_t>(got);
    into = into.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

Result<void> Segment::write(std::uint64_t offset, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail(error_of(errno));
    if (put == 0) return fail(Error::NoSpace);
    offset += static_cast<std::size_t>(put);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

Result<void> Segment::sync() {
  if (::fdatasync(file.get()) != 0) return fail(Error::Io);
  return {};
}

std::expected<SegmentFolder, std::string> SegmentFolder::open(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return std::unexpected(fmt::format("{} cannot be made: {}", path, why(errno)));
  }
  Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return std::unexpected(fmt::format("{} cannot be opened: {}", path, why(errno)));
  SegmentFolder opened(path, std::move(folder));
  if (auto found = opened.find(); !found) return std::unexpected(std::move(found.error()));
  return opened;
}

std::expected<void, std::string> SegmentFolder::find() {
  const int fd = ::openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(fd < 0 ? nullptr : ::fdopendir(fd), ::closedir);
  if (!entries) return std::unexpected(fmt::format("{} cannot be read: {}", path_, why(errno)));
  while (const dirent* entry = ::readdir(entries.get())) {
    std::uint32_t slot = 0;
    if (!parse_name(entry->d_name, slot)) continue;
    Descriptor file(::openat(folder_.get(), entry->d_name, O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    struct stat status{};
    if (!file || ::fstat(file.get(), &status) != 0) {
      return std::unexpected(fmt::format("{}/{} cannot be opened: {}", path_, entry->d_name, why(errno)));
    }
    auto segment = std::make_shared<Segment>(
        Segment{.file = std::move(file), .slot = slot, .size_bytes = static_cast<std::size_t>(status.st_size)});
    std::array<std::byte, SegmentHeader::encoded_bytes> bytes;
    if (segment->size_bytes >= bytes.size()) {
      if (!segment->read(0, bytes)) return std::unexpected(fmt::format("{}/{} cannot be read", path_, entry->d_name));
      segment->header = SegmentHeader::decode(bytes).value_or(SegmentHeader{});
    }
    segment->filled = segment->header.sequence != 0;
    next_slot_ = std::max(next_slot_, slot + 1);
    found_.push_back(std::move(segment));
  }
  return {};
}

Result<SegmentPtr> SegmentFolder::make(std::size_t size_bytes) {
  const std::string name = name_of(next_slot_);
  Descriptor file(::openat(folder_.get(), name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return fail(error_of(errno));
  const int refused = ::posix_fallocate(file.get(), 0, static_cast<off_t>(size_bytes));
  if (refused != 0 || ::fsync(file.get()) != 0 || ::fsync(folder_.get()) != 0) {
    const Error error = error_of(refused != 0 ? refused : errno);
    ::unlinkat(folder_.get(), name.c_str(), 0);
    return fail(error);
  }
  return std::make_shared<Segment>(Segment{.file = std::move(file), .slot = next_slot_++, .size_bytes = size_bytes});
}

Result<void> SegmentFolder::fill(Segment& segment) {
  static constexpr std::array<std::byte, std::size_t{64} << 10> zeros{};
  for (std::size_t at = 0; at < segment.size_bytes;) {
    const std::size_t size = std::min(zeros.size(), segment.size_bytes - at);
    if (auto written = segment.write(at, Bytes(zeros).first(size)); !written) return written;
    at += size;
  }
  if (auto synced = segment.sync(); !synced) return synced;
  segment.filled = true;
  return {};
}

void SegmentFolder::remove(Segment& segment) noexcept {
  // Not synced: a segment that comes back after a power cut holds nothing that is not known.
  ::unlinkat(folder_.get(), name_of(segment.slot).c_str(), 0);
}

}  // namespace ditto::store::journal
