#include "nfs/v4/handlers.hpp"

namespace ditto::nfs4 {

// RFC 8881, 18.28.
SAVEFH4res savefh(Compound& compound) {
  compound.saved = compound.current;
  return {};
}

}  // namespace ditto::nfs4
