// Kinds of locks between the wire and state/, and what a refused lock is told. Pure functions but for the keeper's
// names.
#pragma once

#include "nfs/v4/keeper.hpp"
#include "nfs/v4/messages/locks.hpp"

namespace ditto::nfs4 {

constexpr state::LockKind kind_of(nfs_lock_type4 type) noexcept {
  const bool shared = type == nfs_lock_type4::READ_LT || type == nfs_lock_type4::READW_LT;
  return shared ? state::LockKind::Shared : state::LockKind::Exclusive;
}
/// The client would wait, and asks again from time to time.
constexpr bool waits(nfs_lock_type4 type) noexcept {
  return type == nfs_lock_type4::READW_LT || type == nfs_lock_type4::WRITEW_LT;
}

inline LOCK4denied denied_of(const Keeper& keeper, const state::ByteLock& holder) {
  const bool shared = holder.kind == state::LockKind::Shared;
  return {.offset = holder.range.first,
          .length = holder.range.length(),
          .locktype = shared ? nfs_lock_type4::READ_LT : nfs_lock_type4::WRITE_LT,
          .owner = keeper.name_of(holder.owner)};
}

}  // namespace ditto::nfs4
