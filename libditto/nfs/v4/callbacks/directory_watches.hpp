// What happens in directories that NFSv4.1 clients have delegations of: each has a watch (gate/changes.hpp), and what
// its holder asked to be told goes to it by CB_NOTIFY, one at a time, so that changes arrive in their order. Whoever
// cannot be told all of it, or does not take it, is asked for the delegation; that of a directory that is removed is
// gone at once. Changes of the holder's own are not told. Watches begin and end on any thread, the rest happens on the
// loop of Outside.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/task.hpp"
#include "gate/changes.hpp"
#include "nfs/common/outside.hpp"
#include "nfs/v4/callbacks/delegated.hpp"
#include "nfs/v4/callbacks/directory_changes.hpp"
#include "nfs/v4/messages/callback.hpp"
#include "nfs/v4/place.hpp"
#include "nfs/v4/service.hpp"
#include "vfs/credential.hpp"

namespace ditto::nfs4 {

class Callbacks;

class DirectoryWatches {
 public:
  /// What happens within so long goes together.
  static constexpr state::Moment batch_window = state::one_second / 20;
  /// More changes than these are told at once.
  static constexpr std::size_t at_once_above = 100;
  /// More than these are not kept for a holder that is slow to take them: the delegation is recalled.
  static constexpr std::size_t most_waiting = 1024;
  /// The same of all together: it is recalled from whoever comes then.
  static constexpr std::size_t most_waiting_in_all = 65536;

  /// A delegation of the directory at `share` and `node`, and by whose rights its holder looks into that.
  struct Directory {
    state::GrantId grant = 0;
    Delegated delegated;
    state::FileKey file;
    std::uint64_t share = 0;
    vfs::NodeId node;
    gate::Changes* changes = nullptr;
    NoticesGiven given;
    std::uint32_t minor = 1;
    vfs::Credential who;
    // Of the server.
    const Service& service;
    Executor& pool;
    const Clock& clock;
  };

  DirectoryWatches(Callbacks& callbacks, nfs::Outside& outside) : callbacks_(callbacks), outside_(outside) {}
  ~DirectoryWatches();
  DirectoryWatches(const DirectoryWatches&) = delete;
  DirectoryWatches& operator=(const DirectoryWatches&) = delete;

  /// Once the delegation has been granted, and before its client is told so.
  void begin(Directory directory);
  /// Nothing more is told.
  void end(state::GrantId grant);
  void drop(state::ClientId client);
  std::size_t size() const;
  std::size_t waiting() const noexcept { return *waiting_; }

  /// The client has taken a CB_NOTIFY, or never will. On the loop.
  void answered(state::GrantId grant, bool taken);

 private:
  class Watched;
  using Shared = std::shared_ptr<Watched>;

  void unwatch(const Shared& watched);
  void look(const Shared& watched);
  void go_on(const Shared& watched);
  Detached gather(Shared watched);
  Detached tell(Shared watched);
  void ask_back(const Shared& watched);

  Callbacks& callbacks_;
  nfs::Outside& outside_;
  /// Changes that wait, of all who are told.
  const std::shared_ptr<std::atomic<std::size_t>> waiting_ = std::make_shared<std::atomic<std::size_t>>(0);
  mutable std::mutex mutex_;  // guards the rest; a leaf
  std::unordered_map<state::GrantId, Shared> watched_;
};

}  // namespace ditto::nfs4
