#include "nfs/common/entrance.hpp"
#include "nfs/v3/attributes.hpp"
#include "nfs/v3/failure.hpp"
#include "nfs/v3/procedures.hpp"

namespace ditto::nfs3 {

// RFC 1813, 3.3.1.
Task<GETATTR3res> getattr(Service& service, rpc::Call& call, const GETATTR3args& args) {
  const auto at = nfs::locate(service.shares, call, args.object.data.bytes());
  if (!at) co_return failed<GETATTR3res>(at.error());
  nfs::Entrance entrance(call, *at->share);

  const auto attributes = co_await entrance.gate.getattr(at->node);
  if (!attributes) co_return failed<GETATTR3res>(attributes.error());
  co_return GETATTR3res{.resok = {.obj_attributes = attributes_of(*attributes, *at->share)}};
}

}  // namespace ditto::nfs3
