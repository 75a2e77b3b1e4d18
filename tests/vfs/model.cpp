#include "model.hpp"

#include <algorithm>
#include <tuple>

#include "acl/letters.hpp"
#include "vfs/acl/beginning.hpp"
#include "vfs/acl/mode.hpp"
#include "vfs/streams.hpp"

namespace ditto::test {

using vfs::RemoveKind;
using vfs::Stability;

std::vector<NodeId> Model::of_type(FileType type) const {
  std::vector<NodeId> ids;
  for (const auto& [id, node] : nodes_) {
    if (node.type == type) ids.push_back(id);
  }
  return ids;
}

std::vector<NodeId> Model::not_directories() const {
  std::vector<NodeId> ids;
  for (const auto& [id, node] : nodes_) {
    if (node.type != FileType::Directory) ids.push_back(id);
  }
  return ids;
}

bool Model::above(NodeId ancestor, NodeId node) const {
  while (node != root_ && node != ancestor) node = at(node).parent;
  return node == ancestor;
}

void Model::drop(NodeId id) {
  ModelNode& node = at(id);
  if (node.type != FileType::Directory && --node.links != 0) return;
  if (in_tree(id) && node.streams != NodeId{}) {
    for (const auto& [name, stream] : at(node.streams).children) nodes_.erase(stream), ++streams_gone;
    nodes_.erase(node.streams);
  }
  nodes_.erase(id);
}

std::string Model::can_create(NodeId directory, const std::string& name, FileType type) const {
  if (!in_tree(directory) && type != FileType::Regular) return "WrongType";
  return at(directory).children.contains(name) ? "Exists" : "success";
}

void Model::create(NodeId directory, const std::string& name, NodeId id, FileType type, std::string contents) {
  at(directory).children[name] = id;
  ModelNode& node = nodes_[id];
  node.type = type;
  node.contents = std::move(contents);
  node.parent = directory;
  node.links = 1;
  if (in_tree(directory)) return;
  node.role = vfs::NodeRole::Stream;
  node.parent = at(directory).parent;
}

std::string Model::can_have_streams(NodeId id) const {
  if (!in_tree(id)) return "WrongType";
  return at(id).type == FileType::Symlink ? "NotSupported" : "success";
}

std::vector<std::pair<NodeId, std::string>> Model::names_with_streams() const {
  std::vector<std::pair<NodeId, std::string>> names;
  for (const auto& [id, node] : nodes_) {
    for (const auto& [name, child] : node.children) {
      if (in_tree(child) && has_streams(child)) names.emplace_back(id, name);
    }
  }
  return names;
}

void Model::have_streams(NodeId id, NodeId directory) {
  at(id).streams = directory;
  ModelNode& node = nodes_[directory];
  node.type = FileType::Directory;
  node.role = vfs::NodeRole::StreamDirectory;
  node.parent = id;
}

std::uint32_t Model::mode_of(NodeId id) const {
  return in_tree(id) ? at(id).mode : vfs::stream_mode(at(at(id).parent).mode, at(id).role);
}

std::string Model::link(NodeId node, NodeId directory, const std::string& name) {
  if (!in_tree(node) && !in_tree(directory) && at(node).parent == at(directory).parent) return "NotSupported";
  if (!in_tree(node) || !in_tree(directory)) return "CrossDevice";
  if (at(directory).children.contains(name)) return "Exists";
  if (is_directory(node)) return "NotPermitted";
  at(directory).children[name] = node;
  ++at(node).links;
  return "success";
}

std::string Model::remove(NodeId directory, const std::string& name, RemoveKind kind) {
  const auto found = at(directory).children.find(name);
  if (found == at(directory).children.end()) return "NotFound";
  const NodeId id = found->second;
  if (kind == RemoveKind::NonDirectory && is_directory(id)) return "IsDirectory";
  if (kind == RemoveKind::Directory && !is_directory(id)) return "NotDirectory";
  if (is_directory(id) && !at(id).children.empty()) return "NotEmpty";
  at(directory).children.erase(found);
  drop(id);
  return "success";
}

std::string Model::rename(NodeId from, const std::string& from_name, NodeId to, const std::string& to_name) {
  if (from != to && !(in_tree(from) && in_tree(to))) return "CrossDevice";
  const auto source = at(from).children.find(from_name);
  if (source == at(from).children.end()) return "NotFound";
  const NodeId id = source->second;
  const auto target = at(to).children.find(to_name);
  const bool replaces = target != at(to).children.end();
  const NodeId old = replaces ? target->second : NodeId{};
  if (from != to && is_directory(id) && above(id, to)) return "InvalidArgument";
  if (from != to && replaces && is_directory(old) && above(old, from)) return "NotEmpty";
  if (replaces && old == id) return "success";
  if (replaces && is_directory(id) && !is_directory(old)) return "NotDirectory";
  if (replaces && !is_directory(id) && is_directory(old)) return "IsDirectory";
  if (replaces && is_directory(old) && !at(old).children.empty()) return "NotEmpty";
  at(from).children.erase(from_name);
  at(to).children[to_name] = id;
  if (is_directory(id)) at(id).parent = to;
  if (replaces) drop(old);
  return "success";
}

void Model::write(NodeId id, std::uint64_t offset, const std::string& text) {
  std::string& contents = at(id).contents;
  if (contents.size() < offset + text.size()) contents.resize(offset + text.size());
  contents.replace(offset, text.size(), text);
  ++at(id).data_writes;
}

void Model::truncate(NodeId id, std::uint64_t size) { at(id).contents.resize(size); }

std::string Model::clone(NodeId from, std::uint64_t from_offset, NodeId to, std::uint64_t to_offset,
                         std::uint64_t length) {
  constexpr std::uint64_t block = vfs::clone_block_bytes;
  const std::string source = at(from).contents;
  if (from_offset % block != 0 || to_offset % block != 0) return "InvalidArgument";
  if (from_offset > source.size() || length > source.size() - from_offset) return "InvalidArgument";
  if (length == 0) length = source.size() - from_offset;
  if (length % block != 0 && from_offset + length != source.size()) return "InvalidArgument";
  if (from == to && from_offset < to_offset + length && to_offset < from_offset + length) return "InvalidArgument";
  if (length == 0) return "success";
  const std::uint64_t old_size = at(to).contents.size();
  write(to, to_offset, source.substr(from_offset, length));
  const std::uint64_t end = to_offset + length;
  const std::uint64_t zeros = std::min((block - length % block) % block, old_size - std::min(old_size, end));
  if (zeros != 0) write(to, end, std::string(zeros, '\0'));
  return "success";
}

NodeId Walk::file() {
  const auto files = model.of_type(FileType::Regular);
  return files.empty() ? NodeId{} : any(files);
}

std::string Walk::name() {
  constexpr std::string_view names[] = {"a", "b", "c", "d", "e", "A", "B", "longer-name.txt", "\xff", "ä"};
  return std::string(names[random_.below(std::size(names))]);
}

std::string Walk::text(std::size_t size) {
  std::string text(size, '\0');
  const std::uint64_t first = random_.below(26);
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (first + i) % 26);
  return text;
}

void Walk::create(NodeId in) {
  const std::string name = this->name();
  vfs::CreateRequest request;
  const std::uint64_t what = random_.below(10);
  request.type = what < 6 ? FileType::Regular : what < 9 ? FileType::Directory : FileType::Symlink;
  if (request.type == FileType::Symlink) request.symlink_target = "some/target";
  if (random_.below(3) == 0) request.attributes.mode = static_cast<std::uint32_t>(random_.below(01000));
  const auto made = tree_.create(in, name, request);
  REQUIRE(error_of(made) == model.can_create(in, name, request.type));
  if (!made) return;
  model.create(in, name, made->node.id, request.type, std::string(request.symlink_target));
  streams_made += made->node.attributes.role == vfs::NodeRole::Stream;
  if (model.at(made->node.id).role == vfs::NodeRole::Stream) return;
  // What is to come of mode and list the tables of acl/ have tested; here it must merely be what is there.
  const std::uint32_t unsaid = request.type == FileType::Directory ? 0700
                               : request.type == FileType::Regular ? 0600
                                                                   : 0777;
  const auto begins =
      vfs::beginning_of(model.at(in).acl.get(), vfs::HandedOn::All, request.type, request.attributes, unsaid);
  REQUIRE(made->node.attributes.mode == begins.mode);
  model.at(made->node.id).mode = begins.mode;
  model.at(made->node.id).acl = begins.acl;
}

void Walk::link() {
  const auto nodes = model.not_directories();
  if (nodes.empty()) return;
  const NodeId node = any(nodes), in = directory();
  const std::string name = this->name();
  REQUIRE(error_of(tree_.link(node, in, name)) == model.link(node, in, name));
}

void Walk::remove() {
  NodeId in = directory();
  std::string name = this->name();
  // Names are found seldom, and those of what has streams even less.
  const auto with_streams = model.names_with_streams();
  if (!with_streams.empty() && random_.below(8) == 0) {
    std::tie(in, name) = with_streams[random_.below(with_streams.size())];
  }
  const auto kind = static_cast<RemoveKind>(random_.below(3));
  REQUIRE(error_of(tree_.remove(in, name, kind)) == model.remove(in, name, kind));
}

void Walk::rename() {
  const NodeId from = directory(), to = random_.below(2) ? from : directory();
  const std::string from_name = name(), to_name = name();
  REQUIRE(error_of(tree_.rename(from, from_name, to, to_name)) == model.rename(from, from_name, to, to_name));
}

void Walk::write() {
  const NodeId id = file();
  if (id == NodeId{}) return;
  constexpr std::uint64_t sizes[] = {1, 10, 1000, 4096, 5000, 12'000};
  const std::uint64_t size = sizes[random_.below(std::size(sizes))] * scale_;
  const std::uint64_t end = model.at(id).contents.size();
  const std::uint64_t offset =
      random_.below(3) == 0 ? end : random_.below(std::min<std::uint64_t>(end + 3000, 30'000 * scale_));
  const std::string data = text(size);
  const auto stability = random_.below(2) ? Stability::Unstable : Stability::FileSync;
  must(tree_.write(id, offset, data, stability));
  model.write(id, offset, data);
  model.at(id).unsure = stability == Stability::Unstable;
  note_change(id);
}

void Walk::truncate() {
  const NodeId id = file();
  if (id == NodeId{}) return;
  constexpr std::uint64_t sizes[] = {0, 0, 1, 100, 4096, 4097, 9000, 20'000};
  const std::uint64_t size = sizes[random_.below(std::size(sizes))] * scale_;
  must(tree_.truncate(id, size));
  model.truncate(id, size);
  note_change(id);
}

void Walk::clone() {
  const NodeId from = file(), to = file();
  if (from == NodeId{}) return;
  constexpr std::uint64_t block = vfs::clone_block_bytes;
  const std::uint64_t blocks = model.at(from).contents.size() / block + 1;
  const std::uint64_t from_offset = random_.below(2) ? 0 : random_.below(blocks) * block;
  const std::uint64_t to_offset = random_.below(2) ? 0 : random_.below(9 * scale_) * block + (random_.below(30) == 0);
  const std::uint64_t length = random_.below(2) ? 0 : random_.below(blocks + 1) * block;
  const std::string expected = model.clone(from, from_offset, to, to_offset, length);
  REQUIRE(error_of(tree_.clone(from, from_offset, to, to_offset, length)) == expected);
  note_change(to);
}

void Walk::punch() {
  const NodeId id = file();
  if (id == NodeId{}) return;
  const std::uint64_t size = model.at(id).contents.size();
  const std::uint64_t offset = random_.below(size + 1), length = 1 + random_.below(9000 * scale_);
  must(tree_.on(
      id, [&](Context& context, vfs::Node& node) { return tree_.fs->deallocate(context, node, offset, length); }));
  if (offset < size) model.write(id, offset, std::string(std::min(length, size - offset), '\0'));
  note_change(id);
}

void Walk::read() {
  const NodeId id = file();
  if (id == NodeId{}) return;
  const std::string& all = model.at(id).contents;
  const std::uint64_t offset = random_.below(all.size() + 100);
  const auto count = static_cast<std::uint32_t>(random_.below(10'000 * scale_));
  const auto got = must(tree_.read(id, offset, count));
  REQUIRE(text_of(got.data) == (offset < all.size() ? all.substr(offset, count) : std::string()));
  REQUIRE(got.end_of_file == (offset + count >= all.size()));
}

void Walk::commit() {
  const NodeId id = file();
  if (id == NodeId{}) return;
  must(tree_.commit(id));
  model.at(id).unsure = false;
}

void Walk::list() {
  const NodeId in = directory();
  std::map<std::string, NodeId> found;
  for (const Listed& entry : must(tree_.list(in))) {
    if (entry.name == ".") {
      REQUIRE(entry.id == in);
    } else if (entry.name == "..") {
      REQUIRE(entry.id == model.at(in).parent);
    } else {
      REQUIRE(found.emplace(entry.name, entry.id).second);
    }
  }
  REQUIRE(found == model.at(in).children);
}

void Walk::chmod() {
  const auto nodes = model.not_directories();
  if (nodes.empty()) return;
  const NodeId id = any(nodes);
  const auto mode = static_cast<std::uint32_t>(random_.below(01000));
  const bool in_tree = model.at(id).role == vfs::NodeRole::InTree;
  REQUIRE(error_of(tree_.setattr(id, {.mode = mode})) == (in_tree ? "success" : "NotSupported"));
  if (!in_tree) return;
  ModelNode& node = model.at(id);
  node.mode = mode;
  if (node.acl) node.acl = std::make_shared<vfs::Acl>(vfs::with_mode(*node.acl, mode, node.type));
}

void Walk::streams() {
  std::vector<NodeId> all;
  for (const auto& [id, node] : model.nodes()) all.push_back(id);
  const NodeId id = any(all);
  const auto directory = tree_.streams(id, true);
  REQUIRE(error_of(directory) == model.can_have_streams(id));
  if (!directory) return;
  if (model.at(id).streams == NodeId{}) {
    model.have_streams(id, directory->id);
  } else {
    REQUIRE(directory->id == model.at(id).streams);
  }
  create(directory->id);
}

void Walk::set_list() {
  constexpr const char* lists[] = {"A::OWNER@:rwaC A::EVERYONE@:r", "A::u7:r D::g8:w A::EVERYONE@:rwa", "",
                                   "A:f:u7:r A:f:EVERYONE@:rx"};
  constexpr const char* of_directories[] = {"A:fd:u7:rwax A::EVERYONE@:rx", "A:fdn:OWNER@:rwax D:di:g8:w",
                                            "A:fdi:CREATOR:rwa A::OWNER@:rwaxD"};
  const bool on_directory = random_.below(2);
  const NodeId id = on_directory ? directory() : file();
  if (id == NodeId{}) return;
  const auto list =
      std::make_shared<const vfs::Acl>(acl(on_directory ? of_directories[random_.below(3)] : lists[random_.below(4)]));
  const bool in_tree = model.at(id).role == vfs::NodeRole::InTree;
  REQUIRE(error_of(tree_.setattr(id, {.acl = list})) == (in_tree ? "success" : "NotSupported"));
  if (!in_tree) return;
  model.at(id).acl = list;
  model.at(id).mode = vfs::mode_of(*list);
}

Lsn Walk::step() {
  tree_.clock.advance_ns(1'000'000);
  tree_.greatest_token = 0;
  const std::uint64_t what = random_.below(100);
  if (what < 18) {
    create(directory());
  } else if (what < 23) {
    clone();
  } else if (what < 24) {
    punch();
  } else if (what < 28) {
    link();
  } else if (what < 42) {
    remove();
  } else if (what < 58) {
    rename();
  } else if (what < 76) {
    write();
  } else if (what < 82) {
    truncate();
  } else if (what < 86) {
    read();
  } else if (what < 89) {
    commit();
  } else if (what < 91) {
    list();
  } else if (what < 93) {
    set_list();
  } else if (what < 95) {
    chmod();
  } else {
    streams();
  }
  return tree_.greatest_token;
}

void Walk::note_change(NodeId id) {
  const std::uint64_t change = tree_.attributes(id).change;
  const std::size_t contents = std::hash<std::string>()(tree_.contents(id));
  const auto [at, is_new] = seen_.emplace(std::pair(id, change), contents);
  if (!is_new && at->second != contents) FAIL("change " << change << " stands for two contents of inode " << id.inode);
}

void Walk::compare(const Model& expected, const Model* later, bool after_crash) {
  for (const auto& [id, node] : expected.nodes()) {
    INFO("inode " << id.inode);
    const Attributes a = tree_.attributes(id);
    REQUIRE(a.type == node.type);
    REQUIRE(a.role == node.role);
    REQUIRE(a.has_streams == (node.role == vfs::NodeRole::InTree && expected.has_streams(id)));
    REQUIRE(a.mode == expected.mode_of(id));
    const auto& acl = expected.acl_of(id);
    REQUIRE(tree_.list_of(id) == (acl ? text_of(*acl) : "none"));
    if (node.type == FileType::Directory) {
      std::map<std::string, NodeId> found;
      std::uint32_t subdirectories = 0;
      for (const Listed& entry : must(tree_.list(id))) {
        if (entry.name == "..") REQUIRE(entry.id == node.parent);
        if (entry.name == "." || entry.name == "..") continue;
        found.emplace(entry.name, entry.id);
        subdirectories += entry.type == FileType::Directory;
      }
      REQUIRE(found == node.children);
      REQUIRE(a.link_count == 2 + subdirectories);
      continue;
    }
    REQUIRE(a.link_count == node.links);
    if (node.type == FileType::Symlink) {
      REQUIRE(must(tree_.readlink(id)) == node.contents);
    } else if (!node.unsure) {
      // Data goes to its place before the record that tells of it: what was written since may be there, or part of it.
      const bool touched = later && (!later->has(id) || later->at(id).data_writes != node.data_writes);
      if (touched) {
        REQUIRE((a.size == node.contents.size() || !after_crash));
      } else {
        REQUIRE(a.size == node.contents.size());
        REQUIRE(tree_.contents(id) == node.contents);
      }
    }
    if (node.type == FileType::Regular) note_change(id);
  }
}

void Walk::adopt(const Model& from) {
  model = from;
  for (const NodeId id : model.of_type(FileType::Regular)) {
    model.at(id).contents = tree_.contents(id);
    model.at(id).unsure = false;
  }
}

}  // namespace ditto::test
