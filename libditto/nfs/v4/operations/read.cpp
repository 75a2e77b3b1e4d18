#include "base/limits.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/look.hpp"
#include "nfs/v4/stateids.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

// RFC 8881, 18.22. A count beyond maxread is clipped; nothing is beyond the largest file, so reading there is at its
// end.
Task<READ4res> read(Compound& compound, const READ4args& args) {
  const Place at = *compound.current.place;
  if (at.is_pseudo_root()) co_return READ4res{.status = NFS4ERR_ISDIR};
  if (const nfsstat4 status = judge(compound, args.stateid, Intent::Read); status != NFS4_OK) {
    co_return READ4res{.status = status};
  }
  const std::uint64_t offset = std::min(args.offset, limits::file_size);
  const std::uint64_t most = std::min<std::uint64_t>(limits::io_bytes, limits::file_size - offset);
  const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(args.count, most));
  if (!co_await compound.memory_for(count)) co_return READ4res{.status = NFS4ERR_DELAY};

  auto read = co_await compound.entrance(*at.share).gate.read(at.node, offset, count);
  if (!read) co_return READ4res{.status = co_await contents_failure(compound, at, read.error())};
  co_return READ4res{
      .resok4 = {.eof = read->end_of_file || offset >= read->attributes.size, .data = std::move(read->data)}};
}

}  // namespace ditto::nfs4
