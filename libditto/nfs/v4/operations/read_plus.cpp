#include <algorithm>
#include <utility>

#include "base/limits.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/look.hpp"
#include "nfs/v4/stateids.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;

Task<READ_PLUS4res> read_data(Compound& compound, std::uint64_t offset, std::uint32_t count) {
  const Place at = *compound.current.place;
  if (!co_await compound.memory_for(count)) co_return READ_PLUS4res{.status = NFS4ERR_DELAY};
  auto read = co_await compound.entrance(*at.share).gate.read(at.node, offset, count);
  if (!read) co_return READ_PLUS4res{.status = co_await contents_failure(compound, at, read.error())};
  READ_PLUS4res result;
  result.resok4.rpr_eof = read->end_of_file || offset >= read->attributes.size;
  if (!read->data.empty()) {
    result.resok4.rpr_contents.push_back({.rpc_content = data_content4::NFS4_CONTENT_DATA,
                                          .rpc_data = {.d_offset = offset, .d_data = std::move(read->data)}});
  }
  co_return result;
}

}  // namespace

// RFC 7862, 15.10. One piece: the data or the hole that is at the offset. A hole is told no further than it was asked
// for, so that it never leaves what the reader has locked.
Task<READ_PLUS4res> read_plus(Compound& compound, const READ_PLUS4args& args) {
  const Place at = *compound.current.place;
  if (at.is_pseudo_root()) co_return READ_PLUS4res{.status = NFS4ERR_ISDIR};
  if (const nfsstat4 status = judge(compound, args.rpa_stateid, Intent::Read); status != NFS4_OK) {
    co_return READ_PLUS4res{.status = status};
  }
  const std::uint64_t offset = std::min(args.rpa_offset, limits::file_size);
  const std::uint64_t most = std::min<std::uint64_t>(limits::io_bytes, limits::file_size - offset);
  const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(args.rpa_count, most));
  const auto data = co_await compound.entrance(*at.share).gate.seek(at.node, offset, vfs::Content::Data);
  if (!data && data.error() != Error::NotSupported) {
    co_return READ_PLUS4res{.status = co_await contents_failure(compound, at, data.error())};
  }
  if (!data || count == 0 || data->offset == offset) co_return co_await read_data(compound, offset, count);
  READ_PLUS4res result;
  result.resok4.rpr_eof = true;
  if (offset >= data->size) co_return result;
  const std::uint64_t length = std::min<std::uint64_t>(data->offset - offset, count);
  result.resok4.rpr_contents.push_back({.rpc_content = data_content4::NFS4_CONTENT_HOLE,
                                        .rpc_data = {},
                                        .rpc_hole = {.di_offset = offset, .di_length = length}});
  result.resok4.rpr_eof = offset + length == data->size;
  co_return result;
}

}  // namespace ditto::nfs4
