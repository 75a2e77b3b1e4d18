#include "nfs/v3/make.hpp"
#include "nfs/v3/procedures.hpp"

namespace ditto::nfs3 {

// RFC 1813, 3.3.9.
Task<MKDIR3res> mkdir(Service& service, rpc::Call& call, const MKDIR3args& args) {
  const auto request = request_of(vfs::FileType::Directory, args.attributes);
  co_return co_await make(service, call, args.where, request);
}

}  // namespace ditto::nfs3
