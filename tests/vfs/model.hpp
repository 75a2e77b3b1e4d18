// A POSIX tree with named streams, as simple as it can be said: what DittoFs must behave like. Root acts, nothing is
// ever full, and time does not pass. Each operation gives the name of the error that Linux would, or "success".
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tree.hpp"

namespace ditto::test {

struct ModelNode {
  FileType type = FileType::Regular;
  std::string contents;  // or the target of a symlink
  std::map<std::string, NodeId> children;
  NodeId parent;   // of what is beside the tree: the file that it belongs to
  NodeId streams;  // the directory of them
  vfs::NodeRole role = vfs::NodeRole::InTree;
  std::uint32_t mode = 0;
  std::shared_ptr<const vfs::Acl> acl;
  std::uint32_t links = 0;
  bool unsure = false;            // unstable data was written and not committed
  std::uint64_t data_writes = 0;  // how often data was written
};

class Model {
 public:
  explicit Model(NodeId root) : root_(root) {
    ModelNode& node = nodes_[root];
    node.type = FileType::Directory;
    node.parent = root;
    node.mode = 0755;
  }

  NodeId root() const { return root_; }
  const ModelNode& at(NodeId id) const { return nodes_.at(id); }
  ModelNode& at(NodeId id) { return nodes_.at(id); }
  bool has(NodeId id) const { return nodes_.contains(id); }
  const std::map<NodeId, ModelNode>& nodes() const { return nodes_; }
  std::vector<NodeId> of_type(FileType type) const;
  std::vector<NodeId> not_directories() const;

  std::string can_create(NodeId directory, const std::string& name, FileType type) const;
  void create(NodeId directory, const std::string& name, NodeId id, FileType type, std::string contents = {});
  std::string link(NodeId node, NodeId directory, const std::string& name);
  std::string remove(NodeId directory, const std::string& name, vfs::RemoveKind kind);
  std::string rename(NodeId from, const std::string& from_name, NodeId to, const std::string& to_name);
  void write(NodeId id, std::uint64_t offset, const std::string& text);
  void truncate(NodeId id, std::uint64_t size);
  int streams_gone = 0;  // with their file
  std::string can_have_streams(NodeId id) const;
  bool has_streams(NodeId id) const { return at(id).streams != NodeId{} && !at(at(id).streams).children.empty(); }
  void have_streams(NodeId id, NodeId directory);
  std::vector<std::pair<NodeId, std::string>> names_with_streams() const;
  std::uint32_t mode_of(NodeId id) const;
  const std::shared_ptr<const vfs::Acl>& acl_of(NodeId id) const {
    return in_tree(id) ? at(id).acl : at(at(id).parent).acl;
  }

 private:
  bool in_tree(NodeId id) const { return at(id).role == vfs::NodeRole::InTree; }
  bool is_directory(NodeId id) const { return at(id).type == FileType::Directory; }
  bool above(NodeId ancestor, NodeId node) const;
  void drop(NodeId id);

  NodeId root_;
  std::map<NodeId, ModelNode> nodes_;
};

/// Random operations on a Tree and a Model side by side; each outcome is compared.
class Walk {
 public:
  Walk(Tree& tree, std::uint64_t seed) : tree_(tree), random_(seed), model(tree.root()) {}

  /// One operation; gives its token.
  Lsn step();
  /// Compares all of the tree with the model. `later`: what was done since `expected`, and taken back; contents of
  /// files that it wrote to may differ, and unless the server crashed their sizes may still be pending.
  void compare(const Model& expected, const Model* later = nullptr, bool after_crash = false);
  /// Takes over, for files that are unsure, what is there.
  void adopt(const Model& from);

 private:
  void create(NodeId in);
  void link();
  void remove();
  void rename();
  void write();
  void truncate();
  void read();
  void commit();
  void list();
  void chmod();
  void streams();
  void set_list();
  NodeId any(const std::vector<NodeId>& ids) { return ids[random_.below(ids.size())]; }
  NodeId directory() { return any(model.of_type(FileType::Directory)); }
  NodeId file();
  std::string name();
  std::string text(std::size_t size);
  void note_change(NodeId id);

  Tree& tree_;
  SeededRandom random_;
  // Contents by inode and change counter: a counter never stands for two.
  std::map<std::pair<NodeId, std::uint64_t>, std::string> seen_;

 public:
  Model model;
  Lsn token = 0;
  int streams_made = 0;
};

}  // namespace ditto::test
