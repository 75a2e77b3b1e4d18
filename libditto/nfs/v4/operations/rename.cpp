#include "nfs/v4/change_info.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/names.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;

/// The file system speaks as rename() does. Between two directories, a directory in place of a file and the other way
/// round are EXIST here (RFC 8881, 18.26.3), and what a sticky directory forbids is ACCESS.
Task<nfsstat4> failure(Compound& compound, const Place& from, const Place& to, Error error) {
  switch (error) {
    case Error::NotPermitted: co_return NFS4ERR_ACCESS;
    case Error::IsDirectory: co_return NFS4ERR_EXIST;
    case Error::NotDirectory: break;
    default: co_return compound.status_of(error);
  }
  nfs::Entrance& entrance = compound.entrance(*from.share);
  for (const vfs::NodeId node : {from.node, to.node}) {
    const auto attributes = co_await entrance.gate.getattr(node);
    if (attributes && attributes->type != vfs::FileType::Directory) co_return NFS4ERR_NOTDIR;
  }
  co_return NFS4ERR_EXIST;
}

}  // namespace

// RFC 8881, 18.26. From the saved filehandle's directory to the current one's.
Task<RENAME4res> rename(Compound& compound, const RENAME4args& args) {
  const Place from = *compound.saved.place, to = *compound.current.place;
  for (const component4* name : {&args.oldname, &args.newname}) {
    if (const nfsstat4 good = check_name(*name); good != NFS4_OK) co_return RENAME4res{.status = good};
  }
  if (from.share != to.share) co_return RENAME4res{.status = NFS4ERR_XDEV};
  if (from.is_pseudo_root()) co_return RENAME4res{.status = NFS4ERR_ROFS};
  const auto renamed =
      co_await compound.entrance(*from.share).gate.rename(from.node, args.oldname, to.node, args.newname);
  if (!renamed) co_return RENAME4res{.status = co_await failure(compound, from, to, renamed.error())};
  co_return RENAME4res{.resok4 = {change_info_of(renamed->from), change_info_of(renamed->to)}};
}

}  // namespace ditto::nfs4
