#include "nfs/v4/compare.hpp"
#include "nfs/v4/handlers.hpp"

namespace ditto::nfs4 {

// RFC 8881, 18.15.
Task<NVERIFY4res> nverify(Compound& compound, const NVERIFY4args& args) {
  const auto same = co_await compare(compound, args.obj_attributes);
  if (!same) co_return NVERIFY4res{same.error()};
  co_return NVERIFY4res{*same ? nfsstat4::NFS4ERR_SAME : nfsstat4::NFS4_OK};
}

}  // namespace ditto::nfs4
