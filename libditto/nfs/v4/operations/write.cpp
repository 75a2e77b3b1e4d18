#include "base/limits.hpp"
#include "nfs/common/alike.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/look.hpp"
#include "nfs/v4/stateids.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;
using nfs::alike;

static_assert(alike(stable_how4::UNSTABLE4, vfs::Stability::Unstable) &&
              alike(stable_how4::DATA_SYNC4, vfs::Stability::DataSync) &&
              alike(stable_how4::FILE_SYNC4, vfs::Stability::FileSync));

// RFC 8881, 18.32.
Task<WRITE4res> write(Compound& compound, const WRITE4args& args) {
  const Place at = *compound.current.place;
  if (at.is_pseudo_root()) co_return WRITE4res{.status = NFS4ERR_ISDIR};
  if (const nfsstat4 status = judge(compound, args.stateid, Intent::Write); status != NFS4_OK) {
    co_return WRITE4res{.status = status};
  }
  if (args.offset > limits::file_size || args.data.size() > limits::file_size - args.offset) {
    co_return WRITE4res{.status = NFS4ERR_FBIG};
  }
  // Taken before the write: if unstable data is lost between the two, the client must see the verifier change.
  const std::uint64_t verifier = at.share->file_system().write_verifier();
  const auto written = co_await compound.entrance(*at.share).gate.write(at.node, args.offset, args.data.chain,
                                                                        static_cast<vfs::Stability>(args.stable));
  if (!written) co_return WRITE4res{.status = co_await contents_failure(compound, at, written.error())};
  WRITE4res result{.resok4 = {.count = written->count, .committed = static_cast<stable_how4>(written->committed)}};
  store_be(result.resok4.writeverf.data(), verifier);
  co_return result;
}

}  // namespace ditto::nfs4
