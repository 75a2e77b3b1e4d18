#include "base/limits.hpp"
#include "nfs/common/entrance.hpp"
#include "nfs/v3/attributes.hpp"
#include "nfs/v3/failure.hpp"
#include "nfs/v3/procedures.hpp"

namespace ditto::nfs3 {

namespace {
constexpr std::uint32_t io_bytes = limits::io_bytes;
constexpr std::uint32_t io_multiple_bytes = 4096;
/// A few hundred entries with attributes: a round trip worth making, and memory that a small client has.
constexpr std::uint32_t directory_bytes = 64 << 10;
}  // namespace

// RFC 1813, 3.3.19.
Task<FSINFO3res> fsinfo(Service& service, rpc::Call& call, const FSINFO3args& args) {
  const auto at = nfs::locate(service.shares, call, args.fsroot.data.bytes());
  if (!at) co_return failed<FSINFO3res>(at.error());
  nfs::Entrance entrance(call, *at->share);

  const auto attributes = co_await entrance.gate.getattr(at->node);
  if (!attributes) co_return failed<FSINFO3res>(attributes.error());
  co_return FSINFO3res{.resok = {.obj_attributes = attributes_of(*attributes, *at->share),
                                 .rtmax = io_bytes,
                                 .rtpref = io_bytes,
                                 .rtmult = io_multiple_bytes,
                                 .wtmax = io_bytes,
                                 .wtpref = io_bytes,
                                 .wtmult = io_multiple_bytes,
                                 .dtpref = directory_bytes,
                                 .maxfilesize = at->share->file_system().limits().file_size_max,
                                 .time_delta = {.seconds = 0, .nseconds = 1},
                                 .properties = FSF3_LINK | FSF3_SYMLINK | FSF3_HOMOGENEOUS | FSF3_CANSETTIME}};
}

}  // namespace ditto::nfs3
