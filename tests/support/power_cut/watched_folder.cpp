#include "support/power_cut/watched_folder.hpp"

#include <utility>

#include "support/power_cut/recorder.hpp"

namespace ditto::test {

WatchedFolder::WatchedFolder(const std::string& path) : recorder_(std::make_shared<Recorder>(path)) {
  Recorder::set_current(recorder_);
}

WatchedFolder::~WatchedFolder() { Recorder::set_current(nullptr); }

Moment WatchedFolder::capture() const { return recorder_->capture(); }
void WatchedFolder::freeze(bool frozen) { recorder_->freeze(frozen); }
Moment WatchedFolder::cut() { return recorder_->cut(); }
void WatchedFolder::on_sync(std::function<void(const SyncPoint&)> hook) { recorder_->set_hook(std::move(hook)); }
std::size_t WatchedFolder::sync_points() const { return recorder_->sync_points(); }
std::size_t WatchedFolder::syncs(std::string_view suffix) const { return recorder_->syncs(suffix); }
void WatchedFolder::fail(const Failure& failure) { recorder_->fail(failure); }
void WatchedFolder::repair() { recorder_->repair(); }
void WatchedFolder::set_full(bool full) { recorder_->set_full(full); }

}  // namespace ditto::test
