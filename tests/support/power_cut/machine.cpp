#include "support/power_cut/machine.hpp"

#include <filesystem>
#include <string_view>

namespace ditto::test {

Machine::Machine() {
  std::filesystem::create_directory(path());
  watch();
}

Machine::~Machine() = default;

void Machine::watch() {
  watched_ = std::make_unique<WatchedFolder>(path());
  watched_->on_sync([this](const SyncPoint& point) {
    if (point.number == chosen_ && point.done == chosen_done_) cut(point.path);
  });
}

void Machine::plan_cut(std::size_t points, bool done) {
  chosen_ = watched_->sync_points() + 1 + points;
  chosen_done_ = done;
}

void Machine::cut(std::string_view at) {
  const std::lock_guard lock(mutex_);
  if (moment_) return;
  // First of all: what a program is told while the moment is taken may be true only after it.
  cut_ = true;
  moment_ = watched_->cut();
  cut_at_ = at;
}

void Machine::cut_now() { cut({}); }

void Machine::kill() {
  chosen_ = 0;
  killed_ = true;
  watched_->freeze();
}

void Machine::restart(std::uint64_t seed, const Damage& damage) {
  chosen_ = 0;
  killed_ = false;
  if (!cut_) return watched_->freeze(false);
  const std::string old = path();
  watched_.reset();
  ++boots_;
  moment_->build_image(path(), seed, damage);
  std::filesystem::remove_all(old);
  moment_.reset();
  cut_at_.clear();
  cut_ = false;
  watch();
}

}  // namespace ditto::test
