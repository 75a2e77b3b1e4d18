#include "nfs/common/entrance.hpp"
#include "nfs/v3/attributes.hpp"
#include "nfs/v3/failure.hpp"
#include "nfs/v3/procedures.hpp"

namespace ditto::nfs3 {

// RFC 1813, 3.3.20.
Task<PATHCONF3res> pathconf(Service& service, rpc::Call& call, const PATHCONF3args& args) {
  const auto at = nfs::locate(service.shares, call, args.object.data.bytes());
  if (!at) co_return failed<PATHCONF3res>(at.error());
  nfs::Entrance entrance(call, *at->share);

  const auto attributes = co_await entrance.gate.getattr(at->node);
  if (!attributes) co_return failed<PATHCONF3res>(attributes.error());
  const vfs::FileSystemLimits limits = at->share->file_system().limits();
  co_return PATHCONF3res{.resok = {.obj_attributes = attributes_of(*attributes, *at->share),
                                   .linkmax = limits.link_max,
                                   .name_max = limits.name_max,
                                   .no_trunc = true,
                                   .chown_restricted = true,
                                   .case_insensitive = limits.case_insensitive,
                                   .case_preserving = limits.case_preserving}};
}

}  // namespace ditto::nfs3
