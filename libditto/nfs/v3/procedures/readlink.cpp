#include "nfs/common/entrance.hpp"
#include "nfs/v3/failure.hpp"
#include "nfs/v3/now.hpp"
#include "nfs/v3/procedures.hpp"

namespace ditto::nfs3 {

// RFC 1813, 3.3.5.
Task<READLINK3res> readlink(Service& service, rpc::Call& call, const READLINK3args& args) {
  const auto at = nfs::locate(service.shares, call, args.symlink.data.bytes());
  if (!at) co_return failed<READLINK3res>(at.error());
  nfs::Entrance entrance(call, *at->share);

  const auto target = co_await entrance.gate.readlink(at->node);
  READLINK3res result;
  if (target && target->size() <= nfspath3::max_size) {
    result.resok.data = nfspath3::copy_of(*target);
    result.resok.symlink_attributes = co_await attributes_now(entrance, at->node);
  } else {
    result.status = status_of(target ? Error::NameTooLong : target.error());
    result.resfail.symlink_attributes = co_await attributes_now(entrance, at->node);
  }
  co_return result;
}

}  // namespace ditto::nfs3
