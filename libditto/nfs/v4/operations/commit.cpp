#include "base/limits.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/look.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

// RFC 8881, 18.3. A range that would leave the largest file reaches to the end; version 0 wants one that no number can
// name refused (RFC 7530, 16.3.5).
Task<COMMIT4res> commit(Compound& compound, const COMMIT4args& args) {
  const Place at = *compound.current.place;
  if (at.is_pseudo_root()) co_return COMMIT4res{.status = NFS4ERR_ISDIR};
  if (compound.minor == 0 && args.count > NFS4_UINT64_MAX - args.offset) co_return COMMIT4res{.status = NFS4ERR_INVAL};

  const std::uint64_t offset = std::min(args.offset, limits::file_size);
  const std::uint64_t count = args.count > limits::file_size - offset ? 0 : args.count;
  const auto change = co_await compound.entrance(*at.share).gate.commit(at.node, offset, count);
  COMMIT4res result;
  if (change) {
    // Taken after the commit: if unstable data was lost meanwhile, the client must see the verifier change.
    store_be(result.resok4.writeverf.data(), at.share->file_system().write_verifier());
  } else {
    result.status = co_await contents_failure(compound, at, change.error());
  }
  co_return result;
}

}  // namespace ditto::nfs4
