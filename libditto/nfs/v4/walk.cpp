#include "nfs/v4/walk.hpp"

#include "nfs/common/tree.hpp"
#include "nfs/v4/names.hpp"
#include "nfs/v4/pseudo_root.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;

/// A client must know that what it takes for a directory is a symbolic link (RFC 7530, 16.13.4; RFC 8881, 18.13.4).
Task<nfsstat4> failure(Compound& compound, const Place& at, Error error) {
  if (error != Error::NotDirectory) co_return compound.status_of(error);
  const auto attributes = co_await compound.entrance(*at.share).gate.getattr(at.node);
  const bool symlink = attributes && attributes->type == vfs::FileType::Symlink;
  co_return symlink ? NFS4ERR_SYMLINK : NFS4ERR_NOTDIR;
}

}  // namespace

Task<std::expected<Place, nfsstat4>> walk(Compound& compound, const Place& at, const component4& name) {
  if (const nfsstat4 status = check_name(name); status != NFS4_OK) co_return std::unexpected(status);
  if (at.is_pseudo_root()) {
    const gate::Share* share = pseudo_root::find(compound.service.shares, compound.call, name);
    if (!share) co_return std::unexpected(NFS4ERR_NOENT);
    co_return Place{share, share->root()};
  }
  const auto found = co_await nfs::lookup(compound.entrance(*at.share), at.node, name);
  if (!found) co_return std::unexpected(co_await failure(compound, at, found.error()));
  co_return Place{at.share, found->id};
}

Task<std::expected<Place, nfsstat4>> walk_up(Compound& compound, const Place& at) {
  if (at.is_pseudo_root()) co_return std::unexpected(NFS4ERR_NOENT);
  if (at.is_share_root()) co_return Place{};
  const auto found = co_await nfs::lookup(compound.entrance(*at.share), at.node, "..");
  if (!found && compound.minor > 0) co_return std::unexpected(co_await failure(compound, at, found.error()));
  // In version 0 a symbolic link has no word of its own here (RFC 7530, 16.14.5).
  if (!found) co_return std::unexpected(compound.status_of(found.error()));
  co_return Place{at.share, found->id};
}

}  // namespace ditto::nfs4
