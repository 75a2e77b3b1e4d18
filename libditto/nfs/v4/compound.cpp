#include "nfs/v4/compound.hpp"

#include "rpc/reply_room.hpp"

namespace ditto::nfs4 {

nfs::Entrance& Compound::entrance(const gate::Share& share) {
  if (!entrance_ || &entrance_->share() != &share) {
    entrance_.emplace(call, share, vfs::IoRights::Checked);
    entrance_->actor().as.holder = caller_;
  }
  return *entrance_;
}

void Compound::act_as(state::ClientId client) noexcept {
  caller_ = {client, {}};
  if (!entrance_) return;
  entrance_->actor().rights = vfs::IoRights::Checked;
  entrance_->actor().as = {.holder = caller_, .open = 0, .locks = {}};
}

nfsstat4 Compound::beyond() const noexcept {
  return beyond_.value_or(minor == 0 ? nfsstat4::NFS4ERR_RESOURCE : nfsstat4::NFS4ERR_REP_TOO_BIG);
}

Task<bool> Compound::memory_for(std::size_t bytes) {
  if (holds_memory_) co_return rpc::more_room_for_reply(call, bytes);
  holds_memory_ = true;
  co_await rpc::room_for_reply(call, bytes);
  co_return true;
}

}  // namespace ditto::nfs4
