// Whether a stateid lets its bearer read or write: the special stateids (RFC 7530, 9.1.4.3; RFC 8881, 8.2.3) are judged
// here, all others by Stateids, which whoever keeps opens and locks implements. Runs on the caller's loop.
#pragma once

#include "nfs/v4/compound.hpp"
#include "nfs/v4/types.hpp"

namespace ditto::nfs4 {

enum class Intent : bool { Read, Write };

class Stateids {
 public:
  /// For the current filehandle, which is a node. OK, or why not: BAD_STATEID, OLD_STATEID, EXPIRED, OPENMODE,
  /// LOCKED...
  virtual nfsstat4 judge(Compound& compound, const stateid4& stateid, Intent intent) = 0;

 protected:
  ~Stateids() = default;
};

/// The anonymous stateid is all zeros, the one that bypasses locks all ones; both may do what the caller's credential
/// may. In version 1, seqid 1 and zeros is the current stateid of the COMPOUND.
nfsstat4 judge(Compound& compound, const stateid4& stateid, Intent intent);

/// Whether one that was good for it still is, for who goes on after his COMPOUND was answered. Any thread.
nfsstat4 judge_again(const Keeper& keeper, const stateid4& stateid, const state::FileKey& file, Intent intent);

}  // namespace ditto::nfs4
