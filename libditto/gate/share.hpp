// A share: a named tree that is exported, with the rules that apply to whoever comes through it. Its file system may be
// shared with other shares. Immutable once it is in the registry; any thread reads. The registry's list is swapped
// whole when shares come, change and go: a call that began before goes on with what it has found.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/epochs.hpp"
#include "vfs/credential.hpp"
#include "vfs/file_system.hpp"

namespace ditto::gate {

class Changes;
class Coordinator;

enum class Squash : std::uint8_t { None, Root, All };

/// What an answer promises (docs/durability.md).
enum class Durability : std::uint8_t {
  Sync,   // a power cut takes nothing of it
  Async,  // a killed process takes nothing of it, a power cut what happened in the last moments
};

/// An address block such as 192.0.2.0/24; IPv4 is kept as a mapped IPv6 address.
struct Network {
  std::array<std::uint8_t, 16> address{};
  std::uint8_t prefix_bits = 0;
  bool contains(const std::array<std::uint8_t, 16>& peer) const noexcept;
};

struct ShareRules {
  Squash squash = Squash::Root;
  std::uint32_t anonymous_uid = 65534, anonymous_gid = 65534;
  bool read_only = false;
  bool delegations = true;  // whether NFSv4 clients are given any
  Durability durability = Durability::Sync;
  std::vector<Network> networks;  // empty: everybody
};

class Share {
 public:
  Share(std::uint64_t id, std::string name, std::shared_ptr<vfs::FileSystem> file_system, vfs::NodeId root,
        ShareRules rules);

  std::uint64_t id() const noexcept { return id_; }
  /// Without slashes: NFS exports it as "/name", SMB as "\\server\name".
  const std::string& name() const noexcept { return name_; }
  vfs::FileSystem& file_system() const noexcept { return *file_system_; }
  /// What happens in the file system, for whoever wants to watch; null when it does not tell.
  Changes* changes() const noexcept { return changes_; }
  vfs::NodeId root() const noexcept { return root_; }
  const ShareRules& rules() const noexcept { return rules_; }
  /// Of the server that the share belongs to; null as long as it belongs to none.
  Coordinator* coordinator() const noexcept { return coordinator_; }

  /// The same tree under other rules.
  std::shared_ptr<Share> with_rules(ShareRules rules) const;

  /// `claimed` after squash.
  vfs::Credential squash(const vfs::Credential& claimed) const noexcept;
  bool admits(const std::array<std::uint8_t, 16>& peer) const noexcept;

 private:
  std::uint64_t id_;
  std::string name_;
  std::shared_ptr<vfs::FileSystem> file_system_;
  Changes* changes_;  // the file system's
  vfs::NodeId root_;
  ShareRules rules_;
  friend class Shares;
  // Set when it comes into the registry.
  Coordinator* coordinator_ = nullptr;
};

/// A path, "/" first, from the top of the share to a node, for people to read; empty where none is known, or where one
/// would have to be waited for. Whatever who reads it may see.
std::string path_of(const Share& share, vfs::NodeId node, Timestamp now, vfs::Blocking blocking);

/// All shares of a server, and what is held in them. What find() and all() give is there as long as a reader of
/// epochs() lives that began before, or until collect() gives it out. Any thread reads; one at a time changes.
class Shares {
 public:
  using List = std::vector<std::shared_ptr<const Share>>;
  Shares();
  ~Shares();

  /// Exists when name or id are taken.
  Result<void> add(std::shared_ptr<Share> share);
  /// For replace(): a share that is to come.
  std::shared_ptr<const Share> admit(std::shared_ptr<Share> share) const;
  /// Puts these in place of all that there are.
  void replace(List shares);
  /// What was replaced and no reader sees any more; empty while some may. Asked again and again, it comes by and by.
  std::vector<List> collect();
  /// Whether all that was replaced has been collected.
  bool settled() const noexcept { return fresh_.empty() && asked_.empty(); }
  /// Nothing is held any more, and nothing exported. There are no readers.
  void clear();
  const Share* find(std::string_view name) const noexcept;
  const Share* find(std::uint64_t id) const noexcept;
  const List& all() const noexcept { return *current_.load(); }
  Coordinator& coordinator() const noexcept { return *coordinator_; }
  Epochs& epochs() const noexcept { return epochs_; }

 private:
  mutable Epochs epochs_;
  std::atomic<const List*> current_;
  std::unique_ptr<const List> owned_;                       // *current_
  std::vector<std::unique_ptr<const List>> fresh_, asked_;  // replaced: not asked for yet, and asked for
  std::unique_ptr<Coordinator> coordinator_;  // goes first: it keeps nodes of the shares' file systems in memory
};

}  // namespace ditto::gate
