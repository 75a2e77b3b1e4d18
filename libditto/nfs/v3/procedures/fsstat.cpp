#include "nfs/common/entrance.hpp"
#include "nfs/v3/failure.hpp"
#include "nfs/v3/now.hpp"
#include "nfs/v3/procedures.hpp"

namespace ditto::nfs3 {

// RFC 1813, 3.3.18. The numbers change with every write: invarsec is 0.
Task<FSSTAT3res> fsstat(Service& service, rpc::Call& call, const FSSTAT3args& args) {
  const auto at = nfs::locate(service.shares, call, args.fsroot.data.bytes());
  if (!at) co_return failed<FSSTAT3res>(at.error());
  nfs::Entrance entrance(call, *at->share);

  const auto status = co_await entrance.gate.status(at->node);
  FSSTAT3res result;
  if (status) {
    const store::Space& space = status->space;
    result.resok = {.tbytes = space.total_bytes,
                    .fbytes = space.free_bytes,
                    .abytes = space.available_bytes,
                    .tfiles = space.total_files,
                    .ffiles = space.free_files,
                    .afiles = space.free_files};
    result.resok.obj_attributes = co_await attributes_now(entrance, at->node);
  } else {
    result.status = status_of(status.error());
    result.resfail.obj_attributes = co_await attributes_now(entrance, at->node);
  }
  co_return result;
}

}  // namespace ditto::nfs3
