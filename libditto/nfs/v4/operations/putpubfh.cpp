#include "nfs/v4/handlers.hpp"

namespace ditto::nfs4 {

// RFC 8881, 18.20: the public filehandle is the root's.
PUTPUBFH4res putpubfh(Compound& compound) { return putrootfh(compound); }

}  // namespace ditto::nfs4
