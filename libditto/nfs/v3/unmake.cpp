#include "nfs/v3/unmake.hpp"

#include "nfs/common/entrance.hpp"
#include "nfs/v3/attributes.hpp"
#include "nfs/v3/failure.hpp"
#include "nfs/v3/now.hpp"

namespace ditto::nfs3 {

Task<REMOVE3res> unmake(Service& service, rpc::Call& call, const diropargs3& object, Result<void> name,
                        vfs::RemoveKind kind) {
  const auto at = nfs::locate(service.shares, call, object.dir.data.bytes());
  if (!at) co_return failed<REMOVE3res>(at.error());
  nfs::Entrance entrance(call, *at->share);

  Error error{};
  if (!name) {
    error = name.error();
  } else if (const auto removed = co_await entrance.gate.remove(at->node, object.name, kind); !removed) {
    error = removed.error();
  } else {
    co_return REMOVE3res{.resok = {.dir_wcc = wcc_of(removed->directory, *at->share)}};
  }
  auto result = failed<REMOVE3res>(error);
  result.resfail.dir_wcc = co_await wcc_now(entrance, at->node);
  co_return result;
}

}  // namespace ditto::nfs3
