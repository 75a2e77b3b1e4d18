#include "nfs/common/access_bits.hpp"
#include "nfs/common/entrance.hpp"
#include "nfs/v3/attributes.hpp"
#include "nfs/v3/failure.hpp"
#include "nfs/v3/procedures.hpp"

namespace ditto::nfs3 {

// RFC 1813, 3.3.4.
Task<ACCESS3res> access(Service& service, rpc::Call& call, const ACCESS3args& args) {
  const auto at = nfs::locate(service.shares, call, args.object.data.bytes());
  if (!at) co_return failed<ACCESS3res>(at.error());
  nfs::Entrance entrance(call, *at->share);

  const auto attributes = co_await entrance.gate.getattr(at->node);
  if (!attributes) co_return failed<ACCESS3res>(attributes.error());
  const nfs::AccessBits bits(attributes->type, at->share->rules().read_only, args.access);
  const auto granted = co_await entrance.gate.access(at->node, bits.wanted());

  ACCESS3res result;
  if (!granted) {
    result.status = status_of(granted.error());
    result.resfail.obj_attributes = attributes_of(*attributes, *at->share);
    co_return result;
  }
  result.resok.obj_attributes = attributes_of(*attributes, *at->share);
  result.resok.access = bits.given(*granted);
  co_return result;
}

}  // namespace ditto::nfs3
