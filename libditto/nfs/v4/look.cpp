#include "nfs/v4/look.hpp"

#include "nfs/v4/pseudo_root.hpp"

namespace ditto::nfs4 {

Task<Result<Seen>> look(Compound& compound, const Place& place, const bitmap4& asked) {
  if (place.is_pseudo_root()) {
    co_return Seen{
        .attributes = pseudo_root::attributes(compound.service.shares, compound.call), .space = {}, .acl = nullptr};
  }
  nfs::Entrance& entrance = compound.entrance(*place.share);
  const auto attributes = co_await entrance.gate.getattr(place.node);
  if (!attributes) co_return fail(attributes.error());
  Seen seen{.attributes = *attributes, .space = {}, .acl = nullptr};
  if (wants_space(asked)) {
    const auto status = co_await entrance.gate.status(place.node);
    if (!status) co_return fail(status.error());
    seen.space = status->space;
  }
  if (wants_list(asked)) {
    auto list = co_await entrance.gate.getacl(place.node);
    if (!list && list.error() != Error::NotSupported) co_return fail(list.error());
    if (list) seen.acl = std::move(*list);
  }
  co_return seen;
}

Task<nfsstat4> contents_failure(Compound& compound, const Place& place, Error error) {
  using enum nfsstat4;
  if (error == Error::Busy) co_return NFS4ERR_LOCKED;
  if (error != Error::InvalidArgument && error != Error::WrongType) co_return compound.status_of(error);
  const auto attributes = co_await compound.entrance(*place.share).gate.getattr(place.node);
  if (!attributes || attributes->type == vfs::FileType::Regular) co_return compound.status_of(error);
  if (compound.minor == 0) co_return NFS4ERR_INVAL;
  co_return attributes->type == vfs::FileType::Symlink ? NFS4ERR_SYMLINK : NFS4ERR_WRONG_TYPE;
}

Task<nfsstat4> room_failure(Compound& compound, const Place& place, Error error) {
  using enum nfsstat4;
  const nfsstat4 status = co_await contents_failure(compound, place, error);
  co_return status == NFS4ERR_ISDIR || status == NFS4ERR_SYMLINK ? NFS4ERR_WRONG_TYPE : status;
}

}  // namespace ditto::nfs4
