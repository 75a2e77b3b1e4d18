#include "nfs/v4/callbacks/directory_watches.hpp"

#include <atomic>
#include <exception>
#include <limits>
#include <utility>

#include "nfs/v4/callbacks/callbacks.hpp"
#include "nfs/v4/callbacks/directory_notice.hpp"

namespace ditto::nfs4 {

class DirectoryWatches::Watched final : public gate::Watcher, public std::enable_shared_from_this<Watched> {
 public:
  Watched(DirectoryWatches& owner, Directory of) : owner_(owner), waiting_(owner.waiting_), directory(std::move(of)) {}
  ~Watched() override { *waiting_ -= counted_; }

  /// What waits is counted in all of it.
  void count() noexcept {
    *waiting_ += changes.size() - counted_;
    counted_ = changes.size();
  }

  void has_changes(state::WatchId) override {
    post(owner_.outside_.loop(), [self = shared_from_this()] {
      if (!self->over) self->owner_.look(self);
    });
  }

 private:
  DirectoryWatches& owner_;  // there as long as it is not over
  const std::shared_ptr<std::atomic<std::size_t>> waiting_;
  std::size_t counted_ = 0;

 public:
  const Directory directory;
  std::atomic<bool> over{false};
  state::WatchId watch = 0;  // under DirectoryWatches::mutex_; 0: not yet

  // On the loop.
  enum class Phase : std::uint8_t { Quiet, Gathering, Telling };
  Phase phase = Phase::Quiet;
  std::uint64_t turn = 0;  // of phases, so that a pause knows whether it is its own still
  DirectoryChanges changes;
  bool more = false;  // it did not fit into the last one
};

DirectoryWatches::~DirectoryWatches() {
  for (const auto& [grant, watched] : std::exchange(watched_, {})) {
    watched->over = true;
    if (watched->watch != 0) watched->directory.changes->unwatch(watched->watch);
  }
}

void DirectoryWatches::begin(Directory directory) {
  if (!directory.changes) return;
  const state::Watch what = watch_for(directory.given, directory.file);
  const auto watched = std::make_shared<Watched>(*this, std::move(directory));
  {
    const std::lock_guard lock(mutex_);
    watched_[watched->directory.grant] = watched;
  }
  const state::WatchId watch = watched->directory.changes->watch(what, watched);
  {
    const std::lock_guard lock(mutex_);
    watched->watch = watch;
    if (!watched->over) return;
  }
  watched->directory.changes->unwatch(watch);
}

void DirectoryWatches::unwatch(const Shared& watched) {
  state::WatchId watch = 0;
  {
    const std::lock_guard lock(mutex_);
    watched->over = true;
    watch = watched->watch;
  }
  if (watch != 0) watched->directory.changes->unwatch(watch);
}

void DirectoryWatches::end(state::GrantId grant) {
  Shared watched;
  {
    const std::lock_guard lock(mutex_);
    const auto found = watched_.find(grant);
    if (found == watched_.end()) return;
    watched = std::move(found->second);
    watched_.erase(found);
  }
  unwatch(watched);
}

void DirectoryWatches::drop(state::ClientId client) {
  std::vector<Shared> gone;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(watched_, [&](const auto& each) {
      if (each.second->directory.delegated.client != client) return false;
      gone.push_back(each.second);
      return true;
    });
  }
  for (const Shared& watched : gone) unwatch(watched);
}

std::size_t DirectoryWatches::size() const {
  const std::lock_guard lock(mutex_);
  return watched_.size();
}

void DirectoryWatches::ask_back(const Shared& watched) {
  callbacks_.ask_back(watched->directory.file, watched->directory.grant);
}

/// Everything is taken, so that the next change is heard of as well.
void DirectoryWatches::look(const Shared& watched) {
  const Directory& directory = watched->directory;
  state::WatchId watch = 0;
  {
    const std::lock_guard lock(mutex_);
    watch = watched->watch;
  }
  // It is only just beginning: what there is waits for the next turn of the loop.
  if (watch == 0) return watched->has_changes(watch);
  const auto taken = directory.changes->take(watch, std::numeric_limits<std::size_t>::max());
  for (const state::Notice& notice : taken.notices) {
    if (any(notice.what & state::Happened::DirectoryRemoved) && notice.node == directory.file) {
      return callbacks_.take(directory.file, directory.grant);
    }
    if (notice.by.client != directory.delegated.client) watched->changes.add(notice);
  }
  watched->count();
  const bool too_many = watched->changes.size() > most_waiting || waiting() > most_waiting_in_all;
  if (taken.overflow || too_many || !watched->changes.can_be_told(directory.given)) return ask_back(watched);
  go_on(watched);
}

void DirectoryWatches::go_on(const Shared& watched) {
  using Phase = Watched::Phase;
  if (watched->phase == Phase::Telling || watched->changes.empty()) return;
  if (watched->more || watched->changes.size() > at_once_above) {
    tell(watched);
  } else if (watched->phase == Phase::Quiet) {
    watched->phase = Phase::Gathering;
    gather(watched);
  }
}

Detached DirectoryWatches::gather(Shared watched) {
  const nfs::Outside::Errand errand(outside_);
  const std::uint64_t turn = ++watched->turn;
  try {
    if (errand) co_await outside_.pause(batch_window);
  } catch (const std::exception&) {
    // No memory to wait: it is told now.
  }
  if (outside_.closed() || watched->over || watched->turn != turn) co_return;
  tell(std::move(watched));
}

Detached DirectoryWatches::tell(Shared watched) {
  const nfs::Outside::Errand errand(outside_);
  ++watched->turn;
  watched->phase = Watched::Phase::Telling;
  std::optional<DirectoryNotice> told;
  try {
    const std::size_t room = callbacks_.bytes_for(watched->directory.delegated.client);
    if (errand) told = co_await directory_notice(watched->directory, outside_.loop(), watched->changes, room);
  } catch (const std::exception&) {
    // No memory for it: it cannot be told.
  }
  if (watched->over || outside_.closed()) co_return;
  if (!told) {
    ask_back(watched);
    co_return;
  }
  watched->count();
  watched->more = !told->whole;
  callbacks_.notify(watched->directory.delegated, watched->directory.grant, watched->directory.file,
                    std::move(told->args));
}

void DirectoryWatches::answered(state::GrantId grant, bool taken) {
  Shared watched;
  {
    const std::lock_guard lock(mutex_);
    const auto found = watched_.find(grant);
    if (found == watched_.end()) return;
    watched = found->second;
  }
  if (!taken) return ask_back(watched);
  watched->phase = Watched::Phase::Quiet;
  go_on(watched);
}

}  // namespace ditto::nfs4
