#include "nfs/common/entrance.hpp"
#include "nfs/v3/attributes.hpp"
#include "nfs/v3/failure.hpp"
#include "nfs/v3/listing.hpp"
#include "nfs/v3/now.hpp"
#include "nfs/v3/procedures.hpp"
#include "rpc/reply_room.hpp"

namespace ditto::nfs3 {

// RFC 1813, 3.3.16.
Task<READDIR3res> readdir(Service& service, rpc::Call& call, const READDIR3args& args) {
  const auto at = nfs::locate(service.shares, call, args.dir.data.bytes());
  if (!at) co_return failed<READDIR3res>(at.error());
  nfs::Entrance entrance(call, *at->share);

  Error error{};
  if (const auto budget = listing_budget(args.count); !budget) {
    error = Error::TooSmall;
  } else if (!continues(args.cookie, args.cookieverf)) {
    error = Error::BadCookie;
  } else {
    co_await rpc::room_for_reply(call, *budget);
    std::optional<xdr::ListBuilder<entry3, limits::io_bytes>> entries;
    auto restart = [&] { entries.emplace(*budget); };
    auto visit = [&](const vfs::DirectoryEntry& entry) {
      return entries->add({.fileid = shown(entry, at->node, *at->share).inode,
                           .name = filename3::lend(entry.name),
                           .cookie = entry.cookie});
    };
    const auto read = co_await entrance.gate.readdir(at->node, args.cookie, false, restart, visit);
    if (read && (read->end || entries->size() > 0)) {
      READDIR3res result;
      result.resok.dir_attributes = attributes_of(read->directory, *at->share);
      result.resok.reply.entries = entries->finish();
      result.resok.reply.eof = read->end;
      co_return result;
    }
    error = read ? Error::TooSmall : read.error();
  }
  auto result = failed<READDIR3res>(error);
  result.resfail.dir_attributes = co_await attributes_now(entrance, at->node);
  co_return result;
}

}  // namespace ditto::nfs3
