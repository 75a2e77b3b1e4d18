#include <algorithm>

#include "base/limits.hpp"
#include "nfs/common/entrance.hpp"
#include "nfs/v3/attributes.hpp"
#include "nfs/v3/failure.hpp"
#include "nfs/v3/now.hpp"
#include "nfs/v3/procedures.hpp"
#include "rpc/reply_room.hpp"

namespace ditto::nfs3 {

// RFC 1813, 3.3.6. A count beyond rtmax is clipped; nothing is beyond the largest file, so reading there is at its end.
Task<READ3res> read(Service& service, rpc::Call& call, const READ3args& args) {
  const auto at = nfs::locate(service.shares, call, args.file.data.bytes());
  if (!at) co_return failed<READ3res>(at.error());
  nfs::Entrance entrance(call, *at->share);

  const std::uint64_t offset = std::min(args.offset, limits::file_size);
  const std::uint64_t room = std::min<std::uint64_t>(limits::io_bytes, limits::file_size - offset);
  const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(args.count, room));
  co_await rpc::room_for_reply(call, count);
  auto read = co_await entrance.gate.read(at->node, offset, count);

  READ3res result;
  if (read) {
    result.resok.file_attributes = attributes_of(read->attributes, *at->share);
    result.resok.count = static_cast<count3>(read->data.size());
    result.resok.eof = read->end_of_file || offset >= read->attributes.size;
    result.resok.data = std::move(read->data);
  } else {
    // The RFC knows no ISDIR here: a directory is not a regular file.
    result.status = status_of(read.error() == Error::IsDirectory ? Error::WrongType : read.error());
    result.resfail.file_attributes = co_await attributes_now(entrance, at->node);
  }
  co_return result;
}

}  // namespace ditto::nfs3
