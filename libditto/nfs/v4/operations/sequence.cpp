#include "nfs/v4/handlers.hpp"
#include "nfs/v4/sessions.hpp"

namespace ditto::nfs4 {

// RFC 8881, 18.46.
SEQUENCE4res sequence(Compound& compound, const SEQUENCE4args& args) {
  if (!compound.service.sessions) return {.status = nfsstat4::NFS4ERR_NOTSUPP};
  return compound.service.sessions->sequence(compound, args);
}

}  // namespace ditto::nfs4
