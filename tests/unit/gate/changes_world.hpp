// A DittoFs that is watched through gate::Changes, with short words for what tests of it do to the tree and for what is
// told of it. Calls of the file system may come from any thread, the rest from one.
#pragma once

#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "gate/changes.hpp"
#include "gate/operation.hpp"
#include "store/data/memory_data.hpp"
#include "support/manual_clock.hpp"
#include "support/seeded_random.hpp"
#include "vfs/ditto/ditto_fs.hpp"
#include "vfs/power.hpp"

namespace ditto::test::changes {

using gate::Changes;
using state::Happened;
using vfs::NodeId;
using Told = std::vector<std::string>;

struct Woken final : gate::Watcher {
  std::atomic<int> times{0};
  void has_changes(state::WatchId) override { times.fetch_add(1); }
};

/// "+a" a file came, "+a/" a directory, "-a" it went, "<a" it was renamed from, ">a" to, "w a" written, "s a" resized,
/// "m a" attributes, "x a" xattrs. The node itself has no name.
inline std::string in_letters(const state::Notice& notice) {
  switch (notice.what) {
    case Happened::FileCreated: return "+" + notice.name;
    case Happened::FileRemoved: return "-" + notice.name;
    case Happened::FileRenamedFrom: return "<" + notice.name;
    case Happened::FileRenamedTo: return ">" + notice.name;
    case Happened::DirectoryCreated: return "+" + notice.name + "/";
    case Happened::DirectoryRemoved: return "-" + notice.name + "/";
    case Happened::DirectoryRenamedFrom: return "<" + notice.name + "/";
    case Happened::DirectoryRenamedTo: return ">" + notice.name + "/";
    case Happened::Written: return "w " + notice.name;
    case Happened::Resized: return "s " + notice.name;
    case Happened::Attributes: return "m " + notice.name;
    case Happened::Xattrs: return "x " + notice.name;
    default: return "?";
  }
}

/// One FileSystem and what is done to it.
class Tree {
 public:
  Tree(store::KvStore& kv, store::DataStore& data)
      : fs(*vfs::DittoFs::open(kv, data, clock, random, null_log(), {.root_mode = 0777})) {}

  ManualClock clock;
  SeededRandom random{42};
  std::shared_ptr<vfs::DittoFs> fs;

  NodeId root() const { return fs->root(); }
  Changes& changes() { return *Changes::of(*fs); }

  /// One call of the file system as `client`, on up to two nodes.
  template <class F>
  auto call(F f, NodeId first, NodeId second = {}, state::ClientId client = state::nobody)
      -> std::invoke_result_t<F&, vfs::Context&, vfs::Node&, vfs::Node&> {
    const vfs::Credential root_user = vfs::Credential::root();
    vfs::Context context{.who = root_user, .now = clock.now(), .blocking = vfs::Blocking::Allowed};
    context.by = Changes::tag({.client = client, .key = {}});
    const auto one = fs->pin(context, first);
    if (!one) return fail(one.error());
    const auto two = fs->pin(context, second == NodeId{} ? first : second);
    if (!two) return fail(two.error());
    return f(context, **one, **two);
  }
  Result<NodeId> create(NodeId in, std::string_view name, const vfs::CreateRequest& request = {},
                        state::ClientId client = state::nobody) {
    const auto made =
        call([&](auto& c, auto& node, auto&) { return fs->create(c, node, name, request); }, in, {}, client);
    if (!made) return fail(made.error());
    return made->node.id;
  }
  NodeId file(NodeId in, std::string_view name) { return create(in, name).value(); }
  NodeId directory(NodeId in, std::string_view name) {
    return create(in, name, {.type = vfs::FileType::Directory, .attributes = {.mode = 0777}}).value();
  }
  bool link(NodeId node, NodeId in, std::string_view name) {
    return call([&](auto& c, auto& one, auto& two) { return fs->link(c, one, two, name); }, node, in).has_value();
  }
  bool remove(NodeId in, std::string_view name) {
    return call([&](auto& c, auto& node, auto&) { return fs->remove(c, node, name, vfs::RemoveKind::Any); }, in)
        .has_value();
  }
  bool rename(NodeId from, std::string_view name, NodeId to, std::string_view to_name) {
    return call([&](auto& c, auto& one, auto& two) { return fs->rename(c, one, name, two, to_name); }, from, to)
        .has_value();
  }
  bool set(NodeId node, const vfs::SetAttributes& changes) {
    return call([&](auto& c, auto& one, auto&) { return fs->setattr(c, one, changes, std::nullopt); }, node)
        .has_value();
  }
  bool write(NodeId node, std::uint64_t offset, std::size_t bytes,
             vfs::Stability stability = vfs::Stability::FileSync) {
    const BufferChain data(Buffer::copy_of(bytes_of(std::string(bytes, 'x'))));
    return call([&](auto& c, auto& one, auto&) { return fs->write(c, one, offset, data, stability); }, node)
        .has_value();
  }
  bool set_xattr(NodeId node) {
    return call([&](auto& c, auto& one,
                    auto&) { return fs->setxattr(c, one, "user", bytes_of("value"), vfs::XattrMode::Either); },
                node)
        .has_value();
  }
  bool remove_xattr(NodeId node) {
    return call([&](auto& c, auto& one, auto&) { return fs->removexattr(c, one, "user"); }, node).has_value();
  }
  Result<NodeId> look(NodeId in, std::string_view name) {
    const auto found =
        call([&](auto& c, auto& node, auto&) { return fs->lookup(c, node, name, vfs::NameMatch::Exact); }, in);
    if (!found) return fail(found.error());
    return found->id;
  }
  NodeId streams(NodeId node) {
    return call([&](auto& c, auto& one, auto&) { return fs->stream_directory(c, one, true); }, node).value().id;
  }
  /// All that there is below a directory, by its path.
  std::map<std::string, NodeId> list(NodeId in, const std::string& above = {}) {
    std::map<std::string, NodeId> all;
    std::vector<std::pair<std::string, NodeId>> directories;
    const auto visit = [&](const vfs::DirectoryEntry& entry) {
      if (entry.name == "." || entry.name == "..") return true;
      const std::string path = above + std::string(entry.name);
      all.emplace(path, entry.id);
      if (entry.type == vfs::FileType::Directory) directories.emplace_back(path, entry.id);
      return true;
    };
    const auto listed =
        call([&](auto& c, auto& node, auto&) { return fs->readdir(c, node, 0, false, visit); }, in).has_value();
    if (!listed) return all;
    for (const auto& [path, id] : directories) all.merge(list(id, path + "/"));
    return all;
  }
};

struct Memory {
  PowerKv kv;  // durable at once, unless told otherwise
  store::MemoryData data;
};

class World : public Memory, public Tree {
 public:
  World() : Tree(kv, data) {}

  std::shared_ptr<Woken> woken = std::make_shared<Woken>();

  state::WatchId watch(NodeId node, bool recursive = true, Happened to_entries = state::happened::everything,
                       Happened to_itself = Happened::None) {
    return watch({.node = gate::file_key(*fs, node),
                  .recursive = recursive,
                  .to_itself = to_itself,
                  .to_entries = to_entries,
                  .max_bytes = 1 << 20});
  }
  state::WatchId watch(const state::Watch& watch) { return changes().watch(watch, woken); }
  /// What a watch has to take, "!" in front when something is missing.
  Told told(state::WatchId watch) {
    const auto taken = changes().take(watch, SIZE_MAX);
    Told all;
    if (taken.overflow) all.emplace_back("!");
    for (const state::Notice& notice : taken.notices) all.push_back(in_letters(notice));
    return all;
  }
  /// What is only in memory is forgotten.
  void reopen() {
    fs.reset();
    fs = *vfs::DittoFs::open(kv, data, clock, random, null_log(), {.root_mode = 0777});
  }
};

}  // namespace ditto::test::changes
