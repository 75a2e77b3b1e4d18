#include "nfs/v4/handlers.hpp"

namespace ditto::nfs4 {

// RFC 8881, 18.27. Version 0 has a word of its own for a filehandle that was never saved (RFC 7530, 16.29).
RESTOREFH4res restorefh(Compound& compound) {
  using enum nfsstat4;
  if (!compound.saved.place) return {compound.minor == 0 ? NFS4ERR_RESTOREFH : NFS4ERR_NOFILEHANDLE};
  compound.current = compound.saved;
  return {};
}

}  // namespace ditto::nfs4
