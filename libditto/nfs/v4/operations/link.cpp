#include "nfs/v4/change_info.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/names.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

// RFC 8881, 18.9. The saved filehandle is the file, the current one the directory.
Task<LINK4res> link(Compound& compound, const LINK4args& args) {
  const Place file = *compound.saved.place, directory = *compound.current.place;
  if (const nfsstat4 name = check_name(args.newname); name != NFS4_OK) co_return LINK4res{.status = name};
  if (directory.is_pseudo_root()) co_return LINK4res{.status = NFS4ERR_ROFS};
  if (file.share != directory.share) co_return LINK4res{.status = NFS4ERR_XDEV};

  const auto linked = co_await compound.entrance(*file.share).gate.link(file.node, directory.node, args.newname);
  if (linked) co_return LINK4res{.resok4 = {change_info_of(linked->directory)}};
  switch (linked.error()) {
    case Error::NotPermitted: co_return LINK4res{.status = NFS4ERR_ISDIR};  // of a directory
    case Error::NotFound: co_return LINK4res{.status = NFS4ERR_STALE};      // removed under who holds it open
    default: co_return LINK4res{.status = compound.status_of(linked.error())};
  }
}

}  // namespace ditto::nfs4
