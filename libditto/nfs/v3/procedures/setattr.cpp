#include "nfs/common/entrance.hpp"
#include "nfs/v3/attributes.hpp"
#include "nfs/v3/failure.hpp"
#include "nfs/v3/now.hpp"
#include "nfs/v3/procedures.hpp"

namespace ditto::nfs3 {

// RFC 1813, 3.3.2.
Task<SETATTR3res> setattr(Service& service, rpc::Call& call, const SETATTR3args& args) {
  const auto at = nfs::locate(service.shares, call, args.object.data.bytes());
  if (!at) co_return failed<SETATTR3res>(at.error());
  nfs::Entrance entrance(call, *at->share);

  std::optional<Timestamp> guard;
  if (args.guard) guard = timestamp_of(*args.guard);
  Error error{};
  if (const auto changes = changes_of(args.new_attributes); !changes) {
    error = changes.error();
  } else if (const auto change = co_await entrance.gate.setattr(at->node, *changes, guard); !change) {
    error = change.error();
  } else {
    co_return SETATTR3res{.resok = {.obj_wcc = wcc_of(*change, *at->share)}};
  }
  auto result = failed<SETATTR3res>(error);
  result.resfail.obj_wcc = co_await wcc_now(entrance, at->node);
  co_return result;
}

}  // namespace ditto::nfs3
