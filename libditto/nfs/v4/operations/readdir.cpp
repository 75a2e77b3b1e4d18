#include "base/limits.hpp"
#include "nfs/common/entrance.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/look.hpp"
#include "nfs/v4/pseudo_root.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;

/// Cookies 0 to 2 are reserved (RFC 8881, 18.23.3).
constexpr nfs_cookie4 first_cookie = 3;

/// Bytes of the result beside its entries: status, verifier, the end of the list, eof.
constexpr std::size_t frame_bytes = 4 + NFS4_VERIFIER_SIZE + 4 + 4;

/// Encodes entries as they come, within the budgets of the client and of the reply.
class Listing {
 public:
  Listing(const READDIR4args& args, std::size_t budget) noexcept
      : hint_(args.dircount == 0 ? limits::io_bytes : args.dircount), budget_(budget) {}

  void restart() {
    entries_.emplace(budget_);
    names_bytes_ = 0;
  }
  /// False: it has no room any more. dircount is a hint: one entry comes whatever it says.
  bool add(nfs_cookie4 cookie, std::string_view name, const fattr4& attributes) {
    const std::size_t cost = sizeof cookie + 4 + name.size() + xdr::padding_of(name.size());
    if (names_bytes_ > 0 && names_bytes_ + cost > hint_) return false;
    if (!entries_->add({.cookie = cookie, .name = component4::lend(name), .attrs = attributes})) return false;
    names_bytes_ += cost;
    return true;
  }
  bool empty() const noexcept { return names_bytes_ == 0; }
  auto finish() { return entries_->finish(); }

 private:
  const std::size_t hint_, budget_;
  std::size_t names_bytes_ = 0;
  std::optional<xdr::ListBuilder<entry4, limits::io_bytes>> entries_;
};

/// The shares. Their attributes are those of their roots, as LOOKUP would come to them. False: not all of them.
Task<std::expected<bool, nfsstat4>> list_shares(Compound& compound, const READDIR4args& args, Listing& listing) {
  const auto& shares = compound.service.shares.all();
  if (args.cookie >= first_cookie + shares.size()) co_return std::unexpected(NFS4ERR_BAD_COOKIE);
  listing.restart();
  for (std::size_t i = args.cookie == 0 ? 0 : args.cookie - first_cookie + 1; i < shares.size(); ++i) {
    const gate::Share& share = *shares[i];
    if (!share.admits(compound.call.peer.address)) continue;
    const Place root{&share, share.root()};
    const auto seen = co_await look(compound, root, args.attr_request);
    if (!seen && !args.attr_request.has(FATTR4_RDATTR_ERROR)) {
      co_return std::unexpected(compound.status_of(seen.error()));
    }
    const fattr4 attributes = seen ? values_of(args.attr_request, subject_of(compound, root, *seen))
                                   : no_values(compound.status_of(seen.error()));
    if (!listing.add(first_cookie + i, share.name(), attributes)) co_return false;
  }
  co_return true;
}

/// The entries of a directory without "." and "..", in one pass over one view. False: not all of them.
Task<std::expected<bool, nfsstat4>> list_directory(Compound& compound, const READDIR4args& args, Listing& listing) {
  const Place at = *compound.current.place;
  store::Space space;
  if (wants_space(args.attr_request)) {
    const auto status = co_await compound.entrance(*at.share).gate.status(at.node);
    if (!status) co_return std::unexpected(compound.status_of(status.error()));
    space = status->space;
  }
  const bool lists = wants_list(args.attr_request);
  const vfs::Credential& who = compound.entrance(*at.share).who();
  bool refused = false;
  auto restart = [&] {
    listing.restart();
    refused = false;
  };
  auto visit = [&](const vfs::DirectoryEntry& entry) {
    if (entry.cookie < first_cookie) return true;
    const Subject subject{.service = compound.service,
                          .minor = compound.minor,
                          .place = {at.share, entry.id},
                          .attributes = *entry.attributes,
                          .space = space,
                          .acl = entry.acl};
    const bool hidden =
        lists && entry.acl && !any(vfs::granted({*entry.attributes, entry.acl}, who, vfs::Access::ReadAcl));
    if (!hidden) return listing.add(entry.cookie, entry.name, values_of(args.attr_request, subject));
    refused = !args.attr_request.has(FATTR4_RDATTR_ERROR);
    return !refused && listing.add(entry.cookie, entry.name, no_values(NFS4ERR_ACCESS));
  };
  const auto read = co_await compound.entrance(*at.share).gate.readdir(at.node, args.cookie, true, restart, visit);
  if (!read) co_return std::unexpected(compound.status_of(read.error()));
  if (refused) co_return std::unexpected(NFS4ERR_ACCESS);
  co_return read->end;
}

/// Cookies of a directory stay good whatever happens to it; those of the pseudo root are good for the same shares.
std::uint64_t verifier_of(const Compound& compound) noexcept {
  if (!compound.current.place->is_pseudo_root()) return 0;
  return pseudo_root::attributes(compound.service.shares, compound.call).change;
}

}  // namespace

// RFC 8881, 18.23.
Task<READDIR4res> readdir(Compound& compound, const READDIR4args& args) {
  if (const nfsstat4 asked = check_asked(args.attr_request, compound.minor); asked != NFS4_OK) {
    co_return READDIR4res{.status = asked};
  }
  if (args.cookie != 0 && args.cookie < first_cookie) co_return READDIR4res{.status = NFS4ERR_BAD_COOKIE};
  READDIR4res result;
  store_be(result.resok4.cookieverf.data(), verifier_of(compound));
  if (args.cookie != 0 && args.cookieverf != result.resok4.cookieverf)
    co_return READDIR4res{.status = NFS4ERR_NOT_SAME};

  // The status is no part of what maxcount counts.
  const std::size_t wanted = std::min<std::size_t>(args.maxcount, limits::io_bytes) + 4;
  const std::size_t there = compound.room > 4 ? compound.room - 4 : 0;
  const std::size_t bytes = std::min(wanted, there);
  const nfsstat4 too_small = wanted <= there ? NFS4ERR_TOOSMALL : compound.beyond();
  if (bytes < frame_bytes) co_return READDIR4res{.status = too_small};
  if (!co_await compound.memory_for(bytes)) co_return READDIR4res{.status = NFS4ERR_DELAY};

  Listing listing(args, bytes - frame_bytes);
  const bool shares = compound.current.place->is_pseudo_root();
  const auto end =
      shares ? co_await list_shares(compound, args, listing) : co_await list_directory(compound, args, listing);
  if (!end) co_return READDIR4res{.status = end.error()};
  if (!*end && listing.empty()) co_return READDIR4res{.status = too_small};
  result.resok4.reply.entries = listing.finish();
  result.resok4.reply.eof = *end;
  co_return result;
}

}  // namespace ditto::nfs4
