#include "nfs/v4/two_files.hpp"

#include <utility>

#include "nfs/v4/keeper.hpp"

#include "nfs/v4/stateids.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

// A stateid is judged for the current filehandle; the current stateid that goes with the source is the saved one.
nfsstat4 TwoFiles::judge_source(const stateid4& source) {
  std::swap(compound_.current, compound_.saved);
  const nfsstat4 status = nfs4::judge(compound_, source, Intent::Read);
  source_ = meant_by(compound_, source);
  std::swap(compound_.current, compound_.saved);
  if (status != NFS4_OK) return status;
  const gate::Actor& as = compound_.entrance(*from_.share).actor();
  reader_.emplace(compound_.call, *from_.share, as.rights);
  reader_->actor().as = as.as;
  // The target's stateid says by which open it is written.
  compound_.act_as_caller();
  return NFS4_OK;
}

Task<nfsstat4> TwoFiles::judge(const stateid4& source, const stateid4& target) {
  if (from_.is_pseudo_root() || to_.is_pseudo_root()) co_return NFS4ERR_WRONG_TYPE;
  if (const nfsstat4 status = judge_source(source); status != NFS4_OK) co_return status;
  if (const nfsstat4 status = nfs4::judge(compound_, target, Intent::Write); status != NFS4_OK) co_return status;
  target_ = meant_by(compound_, target);
  const auto read = co_await reader().gate.stored_attributes(from_.node);
  if (!read) co_return compound_.status_of(read.error());
  const auto written = co_await writer().gate.stored_attributes(to_.node);
  if (!written) co_return compound_.status_of(written.error());
  const bool regular = read->type == vfs::FileType::Regular && written->type == vfs::FileType::Regular;
  co_return regular ? NFS4_OK : NFS4ERR_WRONG_TYPE;
}

}  // namespace ditto::nfs4
