#include "nfs/nsm/watchers.hpp"

#include <algorithm>

#include "nfs/nsm/names.hpp"

namespace ditto::nsm {

bool Watchers::add(const mon& wanted) {
  const std::string_view host = wanted.mon_id.mon_name.view();
  const my_id& id = wanted.mon_id.my_id;
  const std::lock_guard lock(mutex_);
  for (Watcher& watcher : watchers_) {
    if (watcher.host != host || !watcher.is(id)) continue;
    watcher.priv = wanted.priv;
    return true;
  }
  if (watchers_.size() >= max_watchers) return false;
  watchers_.push_back(
      {std::string(host), std::string(id.my_name.view()), id.my_prog, id.my_vers, id.my_proc, wanted.priv});
  return true;
}

void Watchers::remove(const mon_id& unwanted) {
  const std::lock_guard lock(mutex_);
  std::erase_if(watchers_, [&](const Watcher& watcher) {
    return watcher.host == unwanted.mon_name.view() && watcher.is(unwanted.my_id);
  });
}

void Watchers::remove_all(const my_id& whose) {
  const std::lock_guard lock(mutex_);
  std::erase_if(watchers_, [&](const Watcher& watcher) { return watcher.is(whose); });
}

std::vector<Watcher> Watchers::of(std::string_view host) const {
  std::vector<Watcher> found;
  const std::lock_guard lock(mutex_);
  std::ranges::copy_if(watchers_, std::back_inserter(found),
                       [&](const Watcher& watcher) { return same_host(watcher.host, host); });
  return found;
}

}  // namespace ditto::nsm
