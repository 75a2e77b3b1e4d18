#include "nfs/mount/address.hpp"
#include "nfs/mount/procedures.hpp"

namespace ditto::mount {

namespace {

/// The networks that may mount `share`; nobody named means everybody.
xdr::list<groupnode, groups_bytes> groups_of(const gate::Share& share) {
  xdr::ListBuilder<groupnode, groups_bytes> groups;
  for (const gate::Network& network : share.rules().networks) {
    const std::string text = to_text(network);
    if (!groups.add({.gr_name = name::lend(text)})) break;
  }
  return groups.finish();
}

}  // namespace

// RFC 1813, appendix I, 5.2.5.
Task<exports> export_(Service& service, rpc::Call&) {
  xdr::ListBuilder<exportnode, list_bytes> nodes;
  for (const auto& share : service.shares.all()) {
    const std::string path = "/" + share->name();
    if (path.size() > MNTPATHLEN) continue;
    if (!nodes.add({.ex_dir = dirpath::lend(path), .ex_groups = groups_of(*share)})) break;
  }
  exports result;
  result.nodes = nodes.finish();
  co_return result;
}

}  // namespace ditto::mount
