#pragma once

// Which file or folder of a watched folder a call means, by descriptor or by name, as things are now. Not what the disk
// has of them: that is Record. Not locked.

#include <sys/stat.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "support/power_cut/record.hpp"

namespace ditto::test {

/// Ends the process: a test that goes on would believe in an image that misses something.
[[noreturn]] void not_understood(const std::string& what);

struct Node {
  NodeId id = 0;
  bool is_folder = false;
  unsigned links = 1;
  std::string path;                // below the watched folder
  std::uint64_t allocated_to = 0;  // by fallocate
};

/// Where a name is or may be made.
struct Place {
  Entry entry;
  std::string path;
  Node* node = nullptr;  // nullptr: there is none of that name
};

class Inventory {
 public:
  /// Takes in what is in the folder at `root`, as durable. Throws std::runtime_error.
  Inventory(const std::string& root, Record& record);

  /// The file or folder behind a descriptor; nullptr: not one that is watched.
  Node* find(int fd);
  /// What `path` names; nothing: not in the watched folder, or its folder is not there.
  std::optional<Place> locate(int folder, const char* path);

  /// `place` has a new file or folder, which has this status.
  void add(const Place& place, const struct stat& status, NodeId id);
  void linked(Node& node) { ++node.links; }
  void unlinked(Node& node) { --node.links; }
  void moved(Node& node, const std::string& path);

 private:
  Node* known(const struct stat& status);
  bool is_below(std::string_view path) const;
  void check_outside(int fd) const;
  void load_folder(const std::string& path, NodeId folder, Record& record);

  std::string root_;
  dev_t device_ = 0;
  std::map<ino_t, Node> nodes_;
};

}  // namespace ditto::test
