#pragma once

// A computer with one disk in memory, which a test kills programs on and cuts the power of, again and again. Between
// two power cuts it is one WatchedFolder; after a cut it starts with an image of what the disk may have kept. Programs
// here are objects of the test: after kill() or a cut they find that nothing can be changed any more, are destroyed,
// and leave the disk as it was at that moment. One thread owns it; is_off() may be asked by any.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "store/temporary_folder.hpp"
#include "support/power_cut/watched_folder.hpp"

namespace ditto::test {

class Machine {
 public:
  Machine();
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  /// Where programs have their files; another folder after each power cut.
  std::string path() const { return folder_ / ("disk" + std::to_string(boots_)); }
  WatchedFolder& disk() { return *watched_; }

  /// The power goes at the sync point that comes after `points` others: before or after what it syncs is durable. While
  /// no program runs.
  void plan_cut(std::size_t points, bool done);
  void cut_now();
  /// All programs end at once; what they wrote stays in the system's memory and is not durable.
  void kill();

  /// By a cut or kill(): what programs are told since then is not true.
  bool is_off() const { return cut_ || killed_; }
  bool is_cut() const { return cut_; }
  /// The file of the sync point at which the power went; empty: it went at none.
  const std::string& cut_at() const { return cut_at_; }

  /// It is on again; no program runs. After a cut the disk holds what `seed` chooses.
  void restart(std::uint64_t seed, const Damage& damage = {});

 private:
  void cut(std::string_view at);
  void watch();

  TemporaryFolder folder_{fast_disk()};
  std::size_t boots_ = 0;
  std::unique_ptr<WatchedFolder> watched_;
  std::atomic<std::size_t> chosen_ = 0;  // sync point; 0: none
  bool chosen_done_ = false;
  std::atomic<bool> killed_ = false;
  std::mutex mutex_;  // guards the next two
  std::optional<Moment> moment_;
  std::string cut_at_;
  std::atomic<bool> cut_ = false;
};

}  // namespace ditto::test
