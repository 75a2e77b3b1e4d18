// What the files contain, told apart from the file system that keeps it: names, and cells of eight bytes, each of which
// holds a number that no other write ever writes. For each cell also what may be there after a crash: what a client was
// last told is stable, and whatever was written since. One thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ditto::sim {

using Value = std::uint64_t;  // 0: a hole, or beyond the end
using Inode = std::uint64_t;
/// What a directory contains.
using Listing = std::map<std::string, Inode>;
inline constexpr std::size_t cell_bytes = 8;

class Truth {
 public:
  struct Written {
    Value value = 0;
    std::uint64_t when = 0;
  };
  struct Cell {
    Value value = 0;
    /// What the file system said it made stable.
    Value durable = 0;
    /// What may be there after a crash, in the order in which it was written.
    std::vector<Written> candidates{Written{}};

    bool may_be(Value found) const {
      return std::ranges::any_of(candidates, [&](const Written& written) { return written.value == found; });
    }
    void is(Value found) {
      value = durable = found;
      candidates = {Written{.value = found}};
    }
  };
  struct File {
    std::vector<Cell> cells;
  };

  std::map<Inode, File> files;
  std::map<std::pair<Inode, std::string>, Inode> names;  // (directory, name)
  std::set<Inode> directories;                           // those of them that are

  /// What a directory contains is that, no more and no less.
  bool lists(Inode directory, const Listing& found) const {
    auto name = names.lower_bound({directory, {}});
    for (const auto& [text, inode] : found) {
      if (name == names.end() || name->first != std::pair(directory, text) || name->second != inode) return false;
      ++name;
    }
    return name == names.end() || name->first.first != directory;
  }

  Value read(Inode inode, std::size_t cell) const {
    const auto file = files.find(inode);
    return file == files.end() || cell >= file->second.cells.size() ? 0 : file->second.cells[cell].value;
  }
  void write(Inode inode, std::size_t cell, Value value, bool stable) {
    if (files[inode].cells.size() <= cell) resize(inode, cell + 1);
    Cell& at = files[inode].cells[cell];
    at.value = value;
    at.candidates.push_back({value, ++writes_});
    first_written_.emplace(value, writes_);
    if (stable) at.durable = value;
  }
  void resize(Inode inode, std::size_t cells) {
    File& file = files[inode];
    const std::size_t before = file.cells.size();
    file.cells.resize(cells);
    for (std::size_t i = before; i < cells; ++i) file.cells[i].candidates[0].when = ++writes_;
  }
  void commit(Inode inode) {
    for (Cell& cell : files[inode].cells) cell.durable = cell.value;
  }
  /// A client was told that its write of `value` is stable: nothing older comes back.
  void told_stable(Inode inode, std::size_t cell, Value value) {
    const auto file = files.find(inode);
    const auto first = first_written_.find(value);
    if (file == files.end() || cell >= file->second.cells.size() || first == first_written_.end()) return;
    // It may have been made again since, by a message that came twice.
    std::erase_if(file->second.cells[cell].candidates, [&](const Written& old) { return old.when < first->second; });
  }
  /// Whether a write of `value` has ever reached a file.
  bool was_written(Value value) const { return first_written_.contains(value); }

 private:
  std::uint64_t writes_ = 0;
  std::unordered_map<Value, std::uint64_t> first_written_;
};

}  // namespace ditto::sim
