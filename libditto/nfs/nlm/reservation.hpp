// Share reservations of NLM: each is an open of the file, with deny bits, beside those of every other protocol. On the
// call's loop.
#pragma once

#include "base/task.hpp"
#include "nfs/nlm/service.hpp"
#include "nfs/nlm/types.hpp"
#include "rpc/call.hpp"

namespace ditto::nlm {

/// A new one, or other bits for the one that the owner has there.
Task<nlm4_stats> reserve(Service& service, rpc::Call& call, const nlm4_shareargs& args);
nlm4_stats unreserve(Service& service, const rpc::Call& call, const nlm4_share& share, const Place& place);

}  // namespace ditto::nlm
