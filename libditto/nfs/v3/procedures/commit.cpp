#include <algorithm>

#include "base/limits.hpp"
#include "nfs/common/entrance.hpp"
#include "nfs/v3/attributes.hpp"
#include "nfs/v3/failure.hpp"
#include "nfs/v3/now.hpp"
#include "nfs/v3/procedures.hpp"

namespace ditto::nfs3 {

// RFC 1813, 3.3.21. A range that would leave the largest file reaches to the end.
Task<COMMIT3res> commit(Service& service, rpc::Call& call, const COMMIT3args& args) {
  const auto at = nfs::locate(service.shares, call, args.file.data.bytes());
  if (!at) co_return failed<COMMIT3res>(at.error());
  nfs::Entrance entrance(call, *at->share);

  const std::uint64_t offset = std::min(args.offset, limits::file_size);
  const std::uint64_t count = args.count > limits::file_size - offset ? 0 : args.count;
  const auto change = co_await entrance.gate.commit(at->node, offset, count);
  COMMIT3res result;
  if (change) {
    result.resok.file_wcc = wcc_of(*change, *at->share);
    // Taken after the commit: if unstable data was lost meanwhile, the client must see the verifier change.
    result.resok.verf = verifier_of<writeverf3>(at->share->file_system().write_verifier());
  } else {
    // The RFC knows no ISDIR here: a directory is not a regular file.
    result.status = status_of(change.error() == Error::IsDirectory ? Error::WrongType : change.error());
    result.resfail.file_wcc = co_await wcc_now(entrance, at->node);
  }
  co_return result;
}

}  // namespace ditto::nfs3
