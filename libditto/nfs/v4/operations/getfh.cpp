#include "nfs/v4/handlers.hpp"

namespace ditto::nfs4 {

// RFC 8881, 18.8.
GETFH4res getfh(Compound& compound) { return {.resok4 = {filehandle_of(*compound.current.place)}}; }

}  // namespace ditto::nfs4
