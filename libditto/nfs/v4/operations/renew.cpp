#include "nfs/v4/handlers.hpp"
#include "nfs/v4/keeper.hpp"

namespace ditto::nfs4 {

// RFC 7530, 16.28.
RENEW4res renew(Compound& compound, const RENEW4args& args) {
  const auto client = compound.service.keeper->client_of(compound, args.clientid);
  return {client ? nfsstat4::NFS4_OK : client.error()};
}

}  // namespace ditto::nfs4
