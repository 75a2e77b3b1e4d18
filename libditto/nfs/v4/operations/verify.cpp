#include "nfs/v4/compare.hpp"
#include "nfs/v4/handlers.hpp"

namespace ditto::nfs4 {

// RFC 8881, 18.31.
Task<VERIFY4res> verify(Compound& compound, const VERIFY4args& args) {
  const auto same = co_await compare(compound, args.obj_attributes);
  if (!same) co_return VERIFY4res{same.error()};
  co_return VERIFY4res{*same ? nfsstat4::NFS4_OK : nfsstat4::NFS4ERR_NOT_SAME};
}

}  // namespace ditto::nfs4
