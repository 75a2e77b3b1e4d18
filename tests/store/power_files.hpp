#pragma once

// Short words for tests of power_cut itself: a folder in memory that is watched, files made and read by plain calls,
// and images of it. One thread.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

#include "store/descriptor.hpp"
#include "store/temporary_folder.hpp"
#include "support/power_cut/watched_folder.hpp"

namespace ditto::test {

/// Path below a folder -> contents; a folder's name ends with a slash.
using Files = std::map<std::string, std::string>;

inline std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline Files read_files(const std::string& folder) {
  Files files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = std::filesystem::relative(entry.path(), folder).string();
    if (entry.is_directory()) {
      files[name + "/"] = "";
    } else {
      files[name] = read_file(entry.path().string());
    }
  }
  return files;
}

inline store::Descriptor open_file(const std::string& path, int flags = O_RDWR | O_CREAT) {
  store::Descriptor file(::open(path.c_str(), flags | O_CLOEXEC, 0600));
  REQUIRE(file);
  return file;
}

inline void write_at(const store::Descriptor& file, off_t offset, std::string_view text) {
  REQUIRE(::pwrite(file.get(), text.data(), text.size(), offset) == static_cast<ssize_t>(text.size()));
}

inline void sync(const store::Descriptor& file) { REQUIRE(::fdatasync(file.get()) == 0); }

inline void sync_folder(const std::string& path) {
  const store::Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  REQUIRE(::fsync(folder.get()) == 0);
}

/// Files of one moment, as a disk may have them.
inline Files image(const Moment& moment, std::uint64_t seed, const Damage& damage = {}) {
  const TemporaryFolder folder(fast_disk());
  moment.build_image(folder / "image", seed, damage);
  return read_files(folder / "image");
}

inline constexpr Damage nothing_unsynced{Unsynced::Nothing, Names::SyncedFolder, true};
inline constexpr Damage everything{Unsynced::Everything, Names::SyncedFolder, true};

/// A watched folder with a durable file `old`.
struct Disk {
  TemporaryFolder folder{fast_disk()};
  std::string root = folder / "root";
  WatchedFolder watched;

  explicit Disk(const std::string& old = "old") : watched(prepared(root, old)) {}
  std::string operator/(const std::string& name) const { return root + "/" + name; }
  Files after(std::uint64_t seed, const Damage& damage = {}) const { return image(watched.capture(), seed, damage); }
  Files durable() const { return after(1, nothing_unsynced); }

 private:
  static const std::string& prepared(const std::string& root, const std::string& old) {
    std::filesystem::create_directory(root);
    std::ofstream(root + "/old") << old;
    return root;
  }
};

}  // namespace ditto::test
