#include "nfs/common/names.hpp"
#include "nfs/v3/procedures.hpp"
#include "nfs/v3/unmake.hpp"

namespace ditto::nfs3 {

// RFC 1813, 3.3.13, which wants INVAL for "." and EXIST for "..".
Task<RMDIR3res> rmdir(Service& service, rpc::Call& call, const RMDIR3args& args) {
  const Error dots = nfs::is_dot(args.object.name) ? Error::InvalidArgument : Error::Exists;
  const auto name = nfs::check_entry_name(args.object.name, dots);
  co_return co_await unmake(service, call, args.object, name, vfs::RemoveKind::Directory);
}

}  // namespace ditto::nfs3
