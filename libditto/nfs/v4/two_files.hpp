// What CLONE and COPY have in common: the saved filehandle is the file that bytes come from, the current one that they
// go to, each with a stateid of its own. Belongs to the operation, on the caller's loop.
#pragma once

#include <optional>

#include "base/task.hpp"
#include "nfs/v4/compound.hpp"
#include "nfs/v4/types.hpp"

namespace ditto::nfs4 {

class TwoFiles {
 public:
  explicit TwoFiles(Compound& compound) noexcept
      : compound_(compound), from_(*compound.saved.place), to_(*compound.current.place) {}

  /// Both stateids are good for it, and both are regular files (WRONG_TYPE).
  Task<nfsstat4> judge(const stateid4& source, const stateid4& target);

  // Once that was so.

  const Place& from() const noexcept { return from_; }
  const Place& to() const noexcept { return to_; }
  bool of_one_store() const noexcept { return &from_.share->file_system() == &to_.share->file_system(); }
  bool are_one() const noexcept { return of_one_store() && from_.node == to_.node; }
  /// What they were judged by: what the current one stands for.
  const stateid4& source() const noexcept { return source_; }
  const stateid4& target() const noexcept { return target_; }
  /// Who reads, by the source's stateid.
  nfs::Entrance& reader() noexcept { return *reader_; }
  /// Who writes, by the target's.
  nfs::Entrance& writer() { return compound_.entrance(*to_.share); }

 private:
  nfsstat4 judge_source(const stateid4& source);

  Compound& compound_;
  const Place from_, to_;
  stateid4 source_, target_;
  std::optional<nfs::Entrance> reader_;
};

}  // namespace ditto::nfs4
