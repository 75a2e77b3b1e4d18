#include "store/temporary_folder.hpp"

#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <vector>

namespace ditto::test {

TemporaryFolder::TemporaryFolder() : TemporaryFolder(std::filesystem::temp_directory_path().string()) {}

TemporaryFolder::TemporaryFolder(const std::string& parent) {
  std::string pattern = parent + "/ditto-test-XXXXXX";
  std::vector<char> name(pattern.c_str(), pattern.c_str() + pattern.size() + 1);
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder in " + parent);
  path_ = name.data();
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string fast_disk() {
  const std::string memory = "/dev/shm";
  return ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path().string();
}

}  // namespace ditto::test
