// What a call of the lock manager is about: which host, which file, which bytes. Pure but for the file check, which
// awaits the gate on the caller's loop.
#pragma once

#include <expected>

#include "base/task.hpp"
#include "nfs/common/entrance.hpp"
#include "nfs/nlm/hosts.hpp"
#include "nfs/nlm/service.hpp"
#include "nfs/nlm/types.hpp"
#include "rpc/call.hpp"

namespace ditto::nlm {

struct Target {
  Place place;
  state::ByteRange range;
};

/// By which the caller came, and is called.
inline rpc::portmap::Protocol protocol_of(const rpc::Call& call) noexcept {
  return call.backchannel_source ? rpc::portmap::Protocol::Tcp : rpc::portmap::Protocol::Udp;
}
HostName host_of(const rpc::Call& call, const name& caller_name);

std::expected<Place, nlm4_stats> place_of(const Service& service, const rpc::Call& call, const netobj& fh);
/// NLM4_STALE_FH, NLM4_FBIG, NLM4_FAILED.
std::expected<Target, nlm4_stats> target_of(const Service& service, const rpc::Call& call, const nlm4_lock& lock);

/// Whether the caller may read or write the file at all: nobody keeps others waiting on a file that it could not open.
Task<Result<void>> may_lock(nfs::Entrance& entrance, vfs::NodeId node);

}  // namespace ditto::nlm
