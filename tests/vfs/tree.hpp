// A DittoFs over a store of its own, with short words for what tests of it do again and again. The words ending in _id
// require success; the others give the Result. One thread, unless a test says otherwise.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "stores.hpp"
#include "support/manual_clock.hpp"
#include "support/recording_log.hpp"
#include "support/seeded_random.hpp"
#include "vfs/ditto/ditto_fs.hpp"

namespace ditto::test {

using namespace std::string_view_literals;

using store::Blocking;
using vfs::Attributes;
using vfs::Context;
using vfs::Credential;
using vfs::FileType;
using vfs::NodeId;

inline Credential user(std::uint32_t uid, std::uint32_t gid, std::initializer_list<std::uint32_t> groups = {}) {
  Credential who;
  who.uid = uid;
  who.gid = gid;
  for (const std::uint32_t group : groups) who.add_group(group);
  return who;
}

inline BufferChain chain_of(std::string_view text) { return BufferChain(Buffer::copy_of(bytes_of(text))); }
inline std::string text_of(const BufferChain& chain) {
  std::string text(chain.size(), '\0');
  chain.copy_to(0, std::as_writable_bytes(std::span(text.data(), text.size())));
  return text;
}

/// The error of a Result, or a word for none: reads well in a failed check.
template <class T>
std::string error_of(const Result<T>& result) {
  return result ? "success" : std::string(to_string(result.error()));
}

/// REQUIRE that a Result is a value, and take it.
template <class T>
T must(Result<T> result) {
  INFO("error: " << error_of(result));
  REQUIRE(result.has_value());
  return std::move(*result);
}
inline void must(Result<void> result) {
  INFO("error: " << error_of(result));
  REQUIRE(result.has_value());
}

struct Listed {
  std::string name;
  NodeId id;
  FileType type;
  std::uint64_t cookie;
};

class Tree {
 public:
  /// Contents up to this size are kept inline, in every tree: less than by default, so that tests on both sides of the
  /// border stay small.
  static constexpr std::uint64_t inline_limit = 4096;

  explicit Tree(Engine engine = Engine::Memory, const vfs::DittoFsOptions& options = {});
  explicit Tree(std::unique_ptr<Stores> stores, const vfs::DittoFsOptions& options = {});
  ~Tree();

  ManualClock clock;
  SeededRandom random{42};
  RecordingLog log;  // of the file system
  std::unique_ptr<Stores> stores;
  std::unique_ptr<vfs::DittoFs> fs;
  Credential who = Credential::root();
  /// Of the last call, and the greatest of all since somebody set it to 0.
  Lsn token = 0, greatest_token = 0;
  /// What the end of the process must not take from the last call on.
  Lsn kept = 0;
  Blocking blocking = Blocking::Allowed;
  vfs::IoRights rights = vfs::IoRights::Checked;
  bool async = false;
  /// What lists wanted recorded of all calls so far.
  vfs::AccessNotes notes;

  NodeId root() const { return root_; }
  /// The file system is closed and opened over the same stores.
  void reopen();
  /// Changes records of the store while the file system is closed.
  void change_records(FunctionRef<void(store::KvTransaction&)> body);
  /// Checks the whole store: the problems, one line each.
  std::vector<std::string> problems(bool repair = false, vfs::CheckSummary* summary = nullptr);
  /// Requires that there are none, nor leftovers.
  void check_clean();
  void maintain() { fs->maintain(clock.now()); }

  /// One FileSystem call with a context made from who, clock and blocking; its token goes to `token`.
  template <class F>
  auto call(F f) {
    Context context{.who = who, .now = clock.now(), .blocking = blocking, .rights = rights, .async = async};
    context.notes = &notes;
    auto result = f(context);
    token = context.token;
    kept = context.kept;
    greatest_token = std::max(greatest_token, token);
    return result;
  }
  /// The same, on one pinned node.
  template <class F>
  auto on(NodeId id, F f) {
    return call([&](Context& context) -> decltype(f(context, std::declval<vfs::Node&>())) {
      auto pin = fs->pin(context, id);
      if (!pin) return fail(pin.error());
      return f(context, **pin);
    });
  }

  Result<Attributes> getattr(NodeId id);
  Result<vfs::Entry> lookup(NodeId directory, std::string_view name, vfs::NameMatch match = vfs::NameMatch::Exact);
  Result<vfs::Created> create(NodeId directory, std::string_view name, const vfs::CreateRequest& request);
  Result<vfs::Created> make_file(NodeId directory, std::string_view name, std::uint32_t mode = 0644);
  Result<vfs::Created> make_directory(NodeId directory, std::string_view name, std::uint32_t mode = 0755);
  Result<vfs::Created> make_symlink(NodeId directory, std::string_view name, std::string_view target);
  Result<vfs::Linked> link(NodeId node, NodeId directory, std::string_view name);
  Result<vfs::Removed> remove(NodeId directory, std::string_view name, vfs::RemoveKind kind = vfs::RemoveKind::Any);
  Result<vfs::Renamed> rename(NodeId from, std::string_view from_name, NodeId to, std::string_view to_name);
  Result<vfs::Change> setattr(NodeId id, const vfs::SetAttributes& changes,
                              const std::optional<Timestamp>& guard = std::nullopt);
  Result<vfs::Change> truncate(NodeId id, std::uint64_t size) { return setattr(id, {.size = size}); }
  /// The list that a node has, in letters, or "none", or why that is not said.
  std::string list_of(NodeId id);
  Result<vfs::Change> set_list(NodeId id, const std::string& letters);
  Result<vfs::ReadResult> read(NodeId id, std::uint64_t offset, std::uint32_t count);
  Result<vfs::WriteResult> write(NodeId id, std::uint64_t offset, std::string_view text,
                                 vfs::Stability stability = vfs::Stability::FileSync);
  Result<vfs::Change> commit(NodeId id);
  Result<vfs::Change> clone(NodeId from, std::uint64_t from_offset, NodeId to, std::uint64_t to_offset,
                            std::uint64_t length);
  Result<std::string> readlink(NodeId id);
  Result<vfs::Entry> streams(NodeId id, bool make);
  Result<std::vector<Listed>> list(NodeId directory, std::uint64_t cookie = 0, std::size_t most = SIZE_MAX);

  NodeId file_id(NodeId directory, std::string_view name, std::uint32_t mode = 0644) {
    return must(make_file(directory, name, mode)).node.id;
  }
  NodeId directory_id(NodeId directory, std::string_view name, std::uint32_t mode = 0755) {
    return must(make_directory(directory, name, mode)).node.id;
  }
  /// The directory of a file's streams, made if it is not there.
  NodeId streams_id(NodeId id) { return must(streams(id, true)).id; }
  NodeId look_id(NodeId directory, std::string_view name) { return must(lookup(directory, name)).id; }
  /// All of a file's bytes.
  std::string contents(NodeId id);
  /// Names in a directory without "." and "..", sorted.
  std::vector<std::string> names(NodeId directory);
  Attributes attributes(NodeId id) { return must(getattr(id)); }

 private:
  void open();
  vfs::DittoFsOptions options_;
  NodeId root_;
};

}  // namespace ditto::test
