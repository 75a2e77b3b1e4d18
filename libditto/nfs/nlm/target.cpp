#include "nfs/nlm/target.hpp"

#include "gate/operation.hpp"
#include "nfs/nlm/status.hpp"
#include "vfs/access.hpp"

namespace ditto::nlm {

HostName host_of(const rpc::Call& call, const name& caller_name) {
  return {std::string(caller_name.view()), call.peer.address};
}

std::expected<Place, nlm4_stats> place_of(const Service& service, const rpc::Call& call, const netobj& fh) {
  const auto at = nfs::locate(service.shares, call, fh.bytes());
  if (!at) return std::unexpected(status_of(at.error()));
  return Place{gate::file_key(at->share->file_system(), at->node), at->share, at->node};
}

std::expected<Target, nlm4_stats> target_of(const Service& service, const rpc::Call& call, const nlm4_lock& lock) {
  const auto place = place_of(service, call, lock.fh);
  if (!place) return std::unexpected(place.error());
  const auto range = state::ByteRange::of_nlm(lock.l_offset, lock.l_len);
  if (!range) return std::unexpected(nlm4_stats::NLM4_FBIG);
  return Target{*place, *range};
}

Task<Result<void>> may_lock(nfs::Entrance& entrance, vfs::NodeId node) {
  const auto attributes = co_await entrance.gate.getattr(node);
  if (!attributes) co_return fail(attributes.error());
  if (attributes->type != vfs::FileType::Regular) co_return fail(Error::WrongType);
  const auto has = co_await entrance.gate.may(node, vfs::Access::ReadData | vfs::writing | vfs::Access::Execute);
  if (!has) co_return fail(has.error());
  const auto reads = vfs::check_stateless(*attributes, entrance.who(), vfs::Access::ReadData, *has);
  if (reads) co_return Result<void>();
  co_return vfs::check_stateless(*attributes, entrance.who(), vfs::writing, *has);
}

}  // namespace ditto::nlm
