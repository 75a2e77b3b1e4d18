#include "nfs/v4/handlers.hpp"
#include "nfs/v4/look.hpp"
#include "nfs/v4/two_files.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

// RFC 7862, 15.13.
Task<CLONE4res> clone(Compound& compound, const CLONE4args& args) {
  TwoFiles files(compound);
  const nfsstat4 status = co_await files.judge(args.cl_src_stateid, args.cl_dst_stateid);
  if (status != NFS4_OK) co_return CLONE4res{.status = status};
  if (!files.of_one_store()) co_return CLONE4res{.status = NFS4ERR_XDEV};
  const gate::CloneFrom from{.node = files.from().node, .offset = args.cl_src_offset, .reader = files.reader().actor()};
  const auto cloned = co_await files.writer().gate.clone(from, files.to().node, args.cl_dst_offset, args.cl_count);
  if (!cloned) co_return CLONE4res{.status = co_await room_failure(compound, files.to(), cloned.error())};
  co_return CLONE4res{};
}

}  // namespace ditto::nfs4
