#include "nfs/v4/handlers.hpp"
#include "nfs/v4/walk.hpp"

namespace ditto::nfs4 {

// RFC 8881, 18.14.
Task<LOOKUPP4res> lookupp(Compound& compound) {
  const auto found = co_await walk_up(compound, *compound.current.place);
  if (!found) co_return LOOKUPP4res{found.error()};
  compound.move_to(*found);
  co_return LOOKUPP4res{};
}

}  // namespace ditto::nfs4
