#include "nfs/common/entrance.hpp"
#include "nfs/common/names.hpp"
#include "nfs/common/tree.hpp"
#include "nfs/v3/attributes.hpp"
#include "nfs/v3/failure.hpp"
#include "nfs/v3/now.hpp"
#include "nfs/v3/procedures.hpp"

namespace ditto::nfs3 {

// RFC 1813, 3.3.3.
Task<LOOKUP3res> lookup(Service& service, rpc::Call& call, const LOOKUP3args& args) {
  const auto at = nfs::locate(service.shares, call, args.what.dir.data.bytes());
  if (!at) co_return failed<LOOKUP3res>(at.error());
  nfs::Entrance entrance(call, *at->share);

  LOOKUP3res result;
  if (const auto name = nfs::check_name(args.what.name); !name) {
    result.status = status_of(name.error());
  } else if (const auto found = co_await nfs::lookup(entrance, at->node, args.what.name); !found) {
    result.status = status_of(found.error());
  } else {
    result.resok.object = filehandle_of(found->id, *at->share);
    result.resok.obj_attributes = attributes_of(found->attributes, *at->share);
    result.resok.dir_attributes = co_await attributes_now(entrance, at->node);
    co_return result;
  }
  result.resfail.dir_attributes = co_await attributes_now(entrance, at->node);
  co_return result;
}

}  // namespace ditto::nfs3
