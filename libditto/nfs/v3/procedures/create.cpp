#include "nfs/v3/attributes.hpp"
#include "nfs/v3/make.hpp"
#include "nfs/v3/procedures.hpp"

namespace ditto::nfs3 {

// RFC 1813, 3.3.8. An exclusive create carries no attributes: its client sets them afterwards.
Task<CREATE3res> create(Service& service, rpc::Call& call, const CREATE3args& args) {
  const bool exclusive = args.how.mode == createmode3::EXCLUSIVE;
  auto request = request_of(vfs::FileType::Regular, exclusive ? sattr3{} : args.how.obj_attributes);
  if (request) {
    switch (args.how.mode) {
      case createmode3::UNCHECKED: request->mode = vfs::CreateMode::Unchecked; break;
      case createmode3::GUARDED: request->mode = vfs::CreateMode::Guarded; break;
      case createmode3::EXCLUSIVE:
        request->mode = vfs::CreateMode::Exclusive;
        request->verifier = number_of(args.how.verf);
        break;
    }
  }
  co_return co_await make(service, call, args.where, request);
}

}  // namespace ditto::nfs3
