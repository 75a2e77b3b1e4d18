#include "nfs/v4/handlers.hpp"
#include "nfs/v4/sessions.hpp"

namespace ditto::nfs4 {

// RFC 8881, 18.46.
Task<SEQUENCE4res> sequence(Compound& compound, const SEQUENCE4args& args) {
  if (!compound.service.sessions) co_return SEQUENCE4res{.status = nfsstat4::NFS4ERR_NOTSUPP};
  co_return co_await compound.service.sessions->sequence(compound, args);
}

}  // namespace ditto::nfs4
