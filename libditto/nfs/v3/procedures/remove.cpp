#include "nfs/common/names.hpp"
#include "nfs/v3/procedures.hpp"
#include "nfs/v3/unmake.hpp"

namespace ditto::nfs3 {

// RFC 1813, 3.3.12.
Task<REMOVE3res> remove(Service& service, rpc::Call& call, const REMOVE3args& args) {
  const auto name = nfs::check_entry_name(args.object.name, Error::AccessDenied);
  co_return co_await unmake(service, call, args.object, name, vfs::RemoveKind::NonDirectory);
}

}  // namespace ditto::nfs3
