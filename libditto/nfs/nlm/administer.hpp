// What an administrator, or the end of a share, takes from hosts that lock through NLM: it is simply gone, since the
// protocol has no word for that. Any thread.
#pragma once

#include "nfs/nlm/service.hpp"

namespace ditto::nlm {

/// All that a host holds. False: there is no such host, or it holds nothing.
bool take_host(Service& service, state::ClientId client);
/// What an owner has locked of files with that inode number. False: nothing.
bool take_locks(Service& service, const state::LockOwner& owner, std::uint64_t inode);
/// A share reservation.
bool take_reservation(Service& service, state::ClientId client, state::OpenId open);

}  // namespace ditto::nlm
