#include "nfs/v4/attribute_table.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/look.hpp"
#include "nfs/v4/stateids.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;

/// Version 1 knows no ISDIR here: a size is only for regular files.
nfsstat4 failure(const Compound& compound, Error error, const vfs::SetAttributes& changes) noexcept {
  if (error == Error::Busy) return NFS4ERR_LOCKED;
  if (error == Error::NotSupported) return NFS4ERR_ATTRNOTSUPP;  // named attributes have no owner and mode to set
  const bool wrong_type = error == Error::IsDirectory && changes.size && compound.minor > 0;
  return settings_failure(compound, changes, wrong_type ? Error::WrongType : error);
}

}  // namespace

// RFC 8881, 18.30.
Task<SETATTR4res> setattr(Compound& compound, const SETATTR4args& args) {
  const Place at = *compound.current.place;
  if (at.is_pseudo_root()) co_return SETATTR4res{.status = NFS4ERR_ROFS};
  const auto settings = settings_of(args.obj_attributes, compound.service, compound.minor, SettingsOf::Node);
  if (!settings) co_return SETATTR4res{.status = settings.error()};
  if (settings->changes.size) {  // which is a write
    const nfsstat4 status = judge(compound, args.stateid, Intent::Write);
    if (status != NFS4_OK) co_return SETATTR4res{.status = status};
  }
  const auto change = co_await compound.entrance(*at.share).gate.setattr(at.node, settings->changes, std::nullopt);
  if (!change) co_return SETATTR4res{.status = failure(compound, change.error(), settings->changes)};
  co_return SETATTR4res{.attrsset = settings->which};
}

}  // namespace ditto::nfs4
