#include "nfs/v4/handlers.hpp"
#include "nfs/v4/walk.hpp"

namespace ditto::nfs4 {

// RFC 8881, 18.13.
Task<LOOKUP4res> lookup(Compound& compound, const LOOKUP4args& args) {
  const auto found = co_await walk(compound, *compound.current.place, args.objname);
  if (!found) co_return LOOKUP4res{found.error()};
  compound.move_to(*found);
  co_return LOOKUP4res{};
}

}  // namespace ditto::nfs4
