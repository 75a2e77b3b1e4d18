// Getting a lock and giving it up, for whichever procedure wants that: LOCK, NM_LOCK, CANCEL, UNLOCK and what their
// message forms share. On the call's loop, unless it says otherwise.
#pragma once

#include <memory>

#include "base/task.hpp"
#include "nfs/nlm/blocks.hpp"
#include "nfs/nlm/service.hpp"
#include "nfs/nlm/types.hpp"
#include "rpc/call.hpp"

namespace ditto::nlm {

/// Whether the server tells the host's status monitor should it start anew.
enum class Monitoring : bool { No, Yes };

Task<nlm4_stats> acquire(Service& service, rpc::Call& call, const nlm4_lockargs& args, Monitoring monitoring);

/// `range` is free again, and whoever waits for it goes on. False: LockQueue::unlock. Any thread.
bool give_back(Service& service, const Hosts::Use& owner, const Place& place, const state::ByteRange& range);
/// The open that a share reservation is ends. Any thread.
void close_reservation(Service& service, const Place& place, state::OpenId open);
/// The block waits no longer. False: it did not, but may hold its lock. Any thread.
bool withdraw(Service& service, Block& block);

/// Tells the client of a block that holds its lock. On the loop of Outside.
Detached tell(Service& service, std::shared_ptr<Block> block);

}  // namespace ditto::nlm
