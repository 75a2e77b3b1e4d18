#include "nfs/v4/handlers.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;

/// Version 0 has one word for all that has no named attributes (RFC 7530, 16.17.4).
nfsstat4 failure(const Compound& compound, Error error) noexcept {
  return compound.status_of(error == Error::WrongType && compound.minor == 0 ? Error::NotSupported : error);
}

}  // namespace

// RFC 8881, 18.17. Where there are some already, nothing is made: not on a read-only share either.
Task<OPENATTR4res> openattr(Compound& compound, const OPENATTR4args& args) {
  const Place at = *compound.current.place;
  if (at.is_pseudo_root()) co_return OPENATTR4res{NFS4ERR_NOTSUPP};
  nfs::Entrance& entrance = compound.entrance(*at.share);
  auto directory = co_await entrance.gate.stream_directory(at.node);
  if (!directory && directory.error() == Error::NotFound && args.createdir) {
    directory = co_await entrance.gate.make_stream_directory(at.node);
  }
  if (!directory) co_return OPENATTR4res{failure(compound, directory.error())};
  compound.move_to({at.share, directory->id});
  co_return OPENATTR4res{};
}

}  // namespace ditto::nfs4
