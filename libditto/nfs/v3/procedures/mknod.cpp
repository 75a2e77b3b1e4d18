#include "nfs/v3/make.hpp"
#include "nfs/v3/procedures.hpp"

namespace ditto::nfs3 {

namespace {

Result<vfs::CreateRequest> request_for(const mknoddata3& what) noexcept {
  switch (what.type) {
    case ftype3::NF3CHR:
    case ftype3::NF3BLK: {
      const bool block = what.type == ftype3::NF3BLK;
      auto request =
          request_of(block ? vfs::FileType::BlockDevice : vfs::FileType::CharDevice, what.device.dev_attributes);
      if (request) request->device = {what.device.spec.specdata1, what.device.spec.specdata2};
      return request;
    }
    case ftype3::NF3SOCK: return request_of(vfs::FileType::Socket, what.pipe_attributes);
    case ftype3::NF3FIFO: return request_of(vfs::FileType::Fifo, what.pipe_attributes);
    case ftype3::NF3REG:
    case ftype3::NF3DIR:
    case ftype3::NF3LNK: break;
  }
  return fail(Error::WrongType);
}

}  // namespace

// RFC 1813, 3.3.11.
Task<MKNOD3res> mknod(Service& service, rpc::Call& call, const MKNOD3args& args) {
  const auto request = request_for(args.what);
  auto result = co_await make(service, call, args.where, request);
  // Types that other procedures make, and those that nobody knows.
  const bool bad_type = !request && request.error() == Error::WrongType;
  if (bad_type && result.status == nfsstat3::NFS3ERR_INVAL) result.status = nfsstat3::NFS3ERR_BADTYPE;
  co_return result;
}

}  // namespace ditto::nfs3
