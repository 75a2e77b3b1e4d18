#include "nfs/v4/compound.hpp"

#include <utility>

#include "nfs/v4/link.hpp"
#include "state/clients/session.hpp"

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
  if (minor == 0) named_ = client;
  if (!entrance_) return;
  entrance_->actor().rights = vfs::IoRights::Checked;
  entrance_->actor().as = {.holder = caller_, .open = 0, .locks = {}};
}

void Compound::act_as_caller() noexcept {
  if (minor > 0) return act_as(session() ? session()->client()->id : state::nobody);
  const Link* const of = link_of(*this);
  act_as(named_ == state::nobody && of ? of->speaks_for : named_);
}

nfsstat4 Compound::beyond() const noexcept {
  return beyond_.value_or(minor == 0 ? nfsstat4::NFS4ERR_RESOURCE : nfsstat4::NFS4ERR_REP_TOO_BIG);
}

MemoryFor Compound::memory_for(std::size_t bytes) { return {call, bytes, std::exchange(holds_memory_, true)}; }

}  // namespace ditto::nfs4
