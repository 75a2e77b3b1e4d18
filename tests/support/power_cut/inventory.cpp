#include "support/power_cut/inventory.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <vector>

#include "store/descriptor.hpp"
#include "support/power_cut/raw_calls.hpp"

namespace ditto::test {
namespace {

constexpr std::string_view deleted = " (deleted)";

/// LMDB's lock file is written through its mapping, and worth nothing after a power cut.
bool is_ignored(std::string_view name) { return name.ends_with("-lock"); }

std::string joined(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

std::string path_of(int fd) { return std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd)).string(); }

Contents read_contents(const std::string& path, std::uint64_t size) {
  Contents contents;
  const store::Descriptor file(raw::openat(AT_FDCWD, path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) throw std::runtime_error("cannot read " + path);
  std::vector<std::byte> buffer(1 << 16);
  off_t at = 0;
  while ((at = ::lseek(file.get(), at, SEEK_DATA)) >= 0) {
    const ssize_t got = ::pread(file.get(), buffer.data(), buffer.size(), at);
    if (got <= 0) throw std::runtime_error("cannot read " + path);
    contents.put(static_cast<std::uint64_t>(at), std::span(buffer).first(static_cast<std::size_t>(got)));
    at += got;
  }
  contents.grow(size);
  return contents;
}

}  // namespace

void not_understood(const std::string& what) {
  std::fprintf(stderr, "power_cut: %s: the power cut layer cannot follow this.\n", what.c_str());
  std::abort();
}

Inventory::Inventory(const std::string& root, Record& record) : root_(std::filesystem::canonical(root).string()) {
  struct stat status{};
  if (::stat(root_.c_str(), &status) != 0) throw std::runtime_error("no folder " + root_);
  device_ = status.st_dev;
  add({}, status, Record::root);
  load_folder("", Record::root, record);
}

void Inventory::load_folder(const std::string& path, NodeId folder, Record& record) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(root_ + "/" + path)) {
    if (!is_ignored(entry.path().string())) names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);  // so that numbers do not depend on the disk's order
  for (const std::string& name : names) {
    Place place{.entry = {folder, name}, .path = joined(path, name)};
    const std::string full = root_ + "/" + place.path;
    struct stat status{};
    if (::lstat(full.c_str(), &status) != 0) throw std::runtime_error("no " + full);
    if (Node* node = known(status)) {
      linked(*node);
      record.add_durable_name(place.entry, node->id);
    } else if (S_ISDIR(status.st_mode)) {
      const NodeId id = record.add_folder();
      add(place, status, id);
      record.add_durable_name(place.entry, id);
      load_folder(place.path, id, record);
    } else if (S_ISREG(status.st_mode)) {
      const NodeId id = record.add_file(read_contents(full, static_cast<std::uint64_t>(status.st_size)));
      add(place, status, id);
      record.add_durable_name(place.entry, id);
    } else {
      throw std::runtime_error("neither file nor folder: " + full);
    }
  }
}

Node* Inventory::known(const struct stat& status) {
  if (status.st_dev != device_) return nullptr;
  const auto found = nodes_.find(status.st_ino);
  if (found == nodes_.end()) return nullptr;
  // One that has no name any more, and here it has: another file has its number now.
  if (found->second.links == 0 && status.st_nlink > 0) return nullptr;
  return &found->second;
}

bool Inventory::is_below(std::string_view path) const {
  return path.starts_with(root_) && (path.size() == root_.size() || path[root_.size()] == '/');
}

void Inventory::check_outside(int fd) const {
  const std::string path = path_of(fd);
  if (is_below(path) && !is_ignored(path) && !path.ends_with(deleted)) {
    not_understood(path + " was made by an unknown call");
  }
}

Node* Inventory::find(int fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0 || status.st_dev != device_) return nullptr;
  if (Node* node = known(status)) return node;
  check_outside(fd);
  return nullptr;
}

std::optional<Place> Inventory::locate(int folder, const char* path) {
  std::string_view name(path);
  while (name.size() > 1 && name.ends_with('/')) name.remove_suffix(1);
  const std::size_t slash = name.rfind('/');
  const std::string parent(slash == name.npos ? "." : name.substr(0, slash + 1));
  if (slash != name.npos) name.remove_prefix(slash + 1);
  struct stat status{};
  if (::fstatat(folder, parent.c_str(), &status, 0) != 0 || status.st_dev != device_ || is_ignored(name)) return {};
  const Node* in = known(status);
  if (in == nullptr) {
    const store::Descriptor opened(raw::openat(folder, parent.c_str(), O_PATH | O_CLOEXEC));
    if (opened) check_outside(opened.get());
    return {};
  }
  Place place{.entry = {in->id, std::string(name)}, .path = joined(in->path, std::string(name))};
  if (name == "." || name == "..") not_understood(place.path + " as a name");
  if (::fstatat(folder, path, &status, AT_SYMLINK_NOFOLLOW) == 0) {
    place.node = known(status);
    if (place.node == nullptr) not_understood(place.path + " was made by an unknown call");
  }
  return place;
}

void Inventory::add(const Place& place, const struct stat& status, NodeId id) {
  nodes_.insert_or_assign(status.st_ino, Node{.id = id, .is_folder = S_ISDIR(status.st_mode), .path = place.path});
}

void Inventory::moved(Node& node, const std::string& path) {
  const std::string before = node.path + "/";
  node.path = path;
  if (!node.is_folder) return;
  for (auto& [number, child] : nodes_) {
    if (child.path.starts_with(before)) child.path.replace(0, before.size() - 1, path);
  }
}

}  // namespace ditto::test
