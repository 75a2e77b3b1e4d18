#include "support/power_cut/image.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "store/descriptor.hpp"
#include "support/power_cut/raw_calls.hpp"

namespace ditto::test {
namespace {

[[noreturn]] void refuse(const std::string& path) {
  throw std::runtime_error("no image at " + path + ": " + std::generic_category().message(errno));
}

/// Writes pages that follow each other in one call.
class PageWriter {
 public:
  PageWriter(int fd, std::uint64_t file_size, const std::string& path) : fd_(fd), file_size_(file_size), path_(path) {}

  void add(std::uint64_t offset, const Contents::Page& page) {
    constexpr std::size_t most_pieces = 256;
    if (pieces_.size() == most_pieces || offset != start_ + size_) flush();
    if (pieces_.empty()) start_ = offset;
    const std::size_t length = std::min<std::uint64_t>(page.size(), file_size_ - offset);
    pieces_.push_back({const_cast<std::byte*>(page.data()), length});
    size_ += length;
  }
  void flush() {
    if (!pieces_.empty() && raw::write(fd_, pieces_, static_cast<off_t>(start_)) != static_cast<ssize_t>(size_)) {
      refuse(path_);
    }
    pieces_.clear();
    size_ = 0;
  }

 private:
  int fd_;
  std::uint64_t file_size_;
  const std::string& path_;
  std::vector<iovec> pieces_;
  std::uint64_t start_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace

ImageWriter::ImageWriter(std::string folder) : folder_(std::move(folder)) {
  if (raw::mkdirat(AT_FDCWD, folder_.c_str(), 0700) == 0) return;
  if (errno != EEXIST) refuse(folder_);
  errno = ENOTEMPTY;
  if (!std::filesystem::is_empty(folder_)) refuse(folder_);
}

void ImageWriter::write(const Folders& folders, NodeId root) { write_folder(folders, root, folder_); }

void ImageWriter::write_folder(const Folders& folders, NodeId folder, const std::string& path) {
  for (const auto& [name, node] : folders.at(folder)) {
    const std::string child = path + "/" + name;
    if (!folders.contains(node)) {
      write_file(node, child);
    } else {
      if (raw::mkdirat(AT_FDCWD, child.c_str(), 0700) != 0) refuse(child);
      write_folder(folders, node, child);
    }
  }
}

void ImageWriter::write_file(NodeId node, const std::string& path) {
  if (const auto [first, is_new] = written_.emplace(node, path); !is_new) {
    if (raw::linkat(AT_FDCWD, first->second.c_str(), AT_FDCWD, path.c_str(), 0) != 0) refuse(path);
    return;
  }
  const Contents& contents = files_.at(node);
  const store::Descriptor file(raw::openat(AT_FDCWD, path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file || raw::ftruncate(file.get(), static_cast<off_t>(contents.size())) != 0) refuse(path);
  PageWriter writer(file.get(), contents.size(), path);
  contents.for_each_page([&](std::uint64_t offset, const Contents::Page& page) { writer.add(offset, page); });
  writer.flush();
}

}  // namespace ditto::test
