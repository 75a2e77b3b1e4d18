#pragma once

// A folder of a test's own, on the disk that temporary files are on, gone with the object. One thread.

#include <filesystem>
#include <string>

namespace ditto::test {

class TemporaryFolder {
 public:
  TemporaryFolder();
  explicit TemporaryFolder(const std::string& parent);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const noexcept { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// Where a TemporaryFolder is fastest: in memory, if the system has a disk there, else where temporary files are.
std::string fast_disk();

}  // namespace ditto::test
