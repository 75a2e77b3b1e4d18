#include "nfs/v4/flavors.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/walk.hpp"

namespace ditto::nfs4 {

// RFC 8881, 18.29. In version 0 the current filehandle stays (RFC 7530, 16.31.4).
Task<SECINFO4res> secinfo(Compound& compound, const SECINFO4args& args) {
  const auto found = co_await walk(compound, *compound.current.place, args.name);
  if (!found) co_return SECINFO4res{.status = found.error()};
  if (compound.minor > 0) compound.consume();
  co_return SECINFO4res{.resok4 = flavors()};
}

}  // namespace ditto::nfs4
