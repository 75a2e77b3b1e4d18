#include "nfs/common/entrance.hpp"
#include "nfs/v3/attributes.hpp"
#include "nfs/v3/failure.hpp"
#include "nfs/v3/listing.hpp"
#include "nfs/v3/now.hpp"
#include "nfs/v3/procedures.hpp"
#include "rpc/reply_room.hpp"

namespace ditto::nfs3 {

namespace {

/// Encodes the entries of one directory as they are visited, within both budgets.
class PlusListing {
 public:
  PlusListing(const nfs::Located& at, std::size_t budget, std::size_t directory_budget) noexcept
      : at_(at), budget_(budget), directory_budget_(directory_budget) {}

  void restart() {
    entries_.emplace(budget_);
    directory_bytes_ = 0;
    itself_.reset();
  }

  bool add(const vfs::DirectoryEntry& entry) {
    // Deviation: a dircount that holds not even one entry gets one all the same. Clients guess it from maxcount.
    const std::size_t name_bytes = entry.name.size() + xdr::padding_of(entry.name.size());
    const std::size_t cost = xdr::min_size<entry3>() + 4 + name_bytes;
    if (directory_bytes_ > 0 && directory_bytes_ + cost > directory_budget_) return false;

    const vfs::NodeId node = shown(entry, at_.node, *at_.share);
    entryplus3 encoded{.fileid = node.inode, .name = filename3::lend(entry.name), .cookie = entry.cookie};
    encoded.name_handle = filehandle_of(node, *at_.share);
    if (node != entry.id) {
      encoded.name_attributes = itself_;
    } else if (entry.attributes) {
      encoded.name_attributes = attributes_of(*entry.attributes, *at_.share);
      if (node == at_.node) itself_ = encoded.name_attributes;
    }
    if (!entries_->add(encoded)) return false;
    directory_bytes_ += cost;
    return true;
  }

  bool empty() const noexcept { return directory_bytes_ == 0; }
  auto finish() { return entries_->finish(); }

 private:
  const nfs::Located& at_;
  const std::size_t budget_, directory_budget_;
  std::size_t directory_bytes_ = 0;
  std::optional<xdr::ListBuilder<entryplus3, limits::io_bytes>> entries_;
  post_op_attr itself_;  // of the directory, once "." was visited
};

}  // namespace

// RFC 1813, 3.3.17.
Task<READDIRPLUS3res> readdirplus(Service& service, rpc::Call& call, const READDIRPLUS3args& args) {
  const auto at = nfs::locate(service.shares, call, args.dir.data.bytes());
  if (!at) co_return failed<READDIRPLUS3res>(at.error());
  nfs::Entrance entrance(call, *at->share);

  Error error{};
  if (const auto budget = listing_budget(args.maxcount); !budget) {
    error = Error::TooSmall;
  } else if (!continues(args.cookie, args.cookieverf)) {
    error = Error::BadCookie;
  } else {
    co_await rpc::room_for_reply(call, *budget);
    PlusListing listing(*at, *budget, args.dircount);
    auto restart = [&] { listing.restart(); };
    auto visit = [&](const vfs::DirectoryEntry& entry) { return listing.add(entry); };
    const auto read = co_await entrance.gate.readdir(at->node, args.cookie, true, restart, visit);
    if (read && (read->end || !listing.empty())) {
      READDIRPLUS3res result;
      result.resok.dir_attributes = attributes_of(read->directory, *at->share);
      result.resok.reply.entries = listing.finish();
      result.resok.reply.eof = read->end;
      co_return result;
    }
    error = read ? Error::TooSmall : read.error();
  }
  auto result = failed<READDIRPLUS3res>(error);
  result.resfail.dir_attributes = co_await attributes_now(entrance, at->node);
  co_return result;
}

}  // namespace ditto::nfs3
