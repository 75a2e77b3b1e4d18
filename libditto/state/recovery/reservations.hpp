// What on one file is kept for whoever may still claim it after a restart: promises of the last incarnation that were
// not claimed yet. They stand against what they would forbid; whoever meets one waits until it was claimed, or grace is
// over. Belongs to the file's state, under its lock; pure.
#pragma once

#include <span>
#include <vector>

#include "state/operation.hpp"
#include "state/recovery/object_record.hpp"

namespace ditto::state {

class Reservations {
 public:
  bool empty() const noexcept { return all_.empty(); }
  std::span<const ObjectRecord> all() const noexcept { return all_; }
  void add(ObjectRecord record) { all_.push_back(std::move(record)); }
  void clear() noexcept { all_.clear(); }

  /// Whether one forbids that, to whoever acts without an open.
  bool forbid(const Demand& demand, const ByteRange& range) const noexcept;
  /// Whether one of anybody but `except` does not go with an open of `mode`.
  bool forbid(const ShareMode& mode, const Claimant* except) const noexcept;
  /// What `who` may claim that it denied to others.
  Share denied_by(const Claimant& who) const noexcept;
  /// `who` has an open of `mode` again, or, with its name alone, its delegation: what that makes good is not reserved
  /// any more.
  std::vector<ObjectRecord> take(const Claimant& who, const ShareMode& mode);

 private:
  std::vector<ObjectRecord> all_;
};

}  // namespace ditto::state
