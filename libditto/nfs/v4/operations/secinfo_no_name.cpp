#include "nfs/v4/flavors.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/walk.hpp"

namespace ditto::nfs4 {

// RFC 8881, 18.45.
Task<SECINFO_NO_NAME4res> secinfo_no_name(Compound& compound, const SECINFO_NO_NAME4args& args) {
  if (args == secinfo_style4::SECINFO_STYLE4_PARENT) {
    const auto found = co_await walk_up(compound, *compound.current.place);
    if (!found) co_return SECINFO_NO_NAME4res{.status = found.error()};
  }
  compound.consume();
  co_return SECINFO_NO_NAME4res{.resok4 = flavors()};
}

}  // namespace ditto::nfs4
