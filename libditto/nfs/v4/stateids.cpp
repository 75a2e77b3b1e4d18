#include "nfs/v4/stateids.hpp"

#include <algorithm>

#include "nfs/v4/keeper.hpp"
#include "nfs/v4/wire_stateid.hpp"

namespace ditto::nfs4 {

namespace {

bool all(const stateid4& stateid, std::byte value) noexcept {
  return std::ranges::all_of(stateid.other, [&](std::byte each) { return each == value; });
}

bool is_special(const stateid4& stateid) noexcept {
  return all(stateid, std::byte{0}) || all(stateid, std::byte{0xff});
}

}  // namespace

nfsstat4 judge(Compound& compound, const stateid4& stateid, Intent intent) {
  using enum nfsstat4;
  const bool zeros = all(stateid, std::byte{0}), ones = all(stateid, std::byte{0xff});
  if ((zeros && stateid.seqid == 0) || (ones && stateid.seqid == NFS4_UINT32_MAX)) {
    // RFC 8881, 8.4.2.1: GRACE where somebody may yet reclaim an open that denies it, which is on record; for anything
    // else nobody has to wait.
    Keeper* keeper = compound.service.keeper;
    return keeper && keeper->is_reserved(*compound.current.place, intent) ? NFS4ERR_GRACE : NFS4_OK;
  }

  const bool current = zeros && stateid.seqid == 1 && compound.minor > 0;
  if (zeros && !current) return NFS4ERR_BAD_STATEID;
  // RFC 8881, 16.2.3.1.2: an anonymous stateid is not passed on this way.
  const stateid4& meant = current ? compound.current.stateid : stateid;
  if (is_special(meant) || !compound.service.stateids) return NFS4ERR_BAD_STATEID;
  return compound.service.stateids->judge(compound, meant, intent);
}

nfsstat4 judge_again(const Keeper& keeper, const stateid4& stateid, const state::FileKey& file, Intent intent) {
  return is_special(stateid) ? nfsstat4::NFS4_OK : keeper.judge_again(stateid_of(stateid), file, intent);
}

}  // namespace ditto::nfs4
