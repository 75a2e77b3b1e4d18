#pragma once

// Writes a tree of files into a folder of the real disk: what was computed of a power cut becomes something to open. It
// goes past the functions that power_cut replaces. Failures throw std::runtime_error. One thread.

#include <map>
#include <string>

#include "support/power_cut/contents.hpp"
#include "support/power_cut/name_record.hpp"

namespace ditto::test {

class ImageWriter {
 public:
  /// Makes `folder` if it is not there; otherwise it must be empty.
  explicit ImageWriter(std::string folder);

  void add_file(NodeId node, Contents contents) { files_.insert_or_assign(node, std::move(contents)); }
  /// Everything that is reached from `root`.
  void write(const Folders& folders, NodeId root);

 private:
  void write_folder(const Folders& folders, NodeId folder, const std::string& path);
  void write_file(NodeId node, const std::string& path);

  std::string folder_;
  std::map<NodeId, Contents> files_;
  std::map<NodeId, std::string> written_;  // where a file is already, for its other names
};

}  // namespace ditto::test
