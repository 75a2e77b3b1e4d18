// What a request by stateid needs before it begins: whose the stateid is, what that client holds, and the current
// filehandle as the files know it. On the COMPOUND's loop.
#pragma once

#include <memory>
#include <optional>

#include "gate/operation.hpp"
#include "nfs/v4/in_sequence.hpp"
#include "nfs/v4/keeper.hpp"
#include "nfs/v4/wire_stateid.hpp"

namespace ditto::nfs4 {

class HeldState {
 public:
  /// Of the current filehandle, which is there.
  HeldState(Compound& compound, const stateid4& stateid) : compound_(compound) {
    id_ = stateid_of(meant_by(compound, stateid));
    const Place& at = *compound.current.place;
    if (at.is_pseudo_root()) return;
    file_ = gate::file_key(at.share->file_system(), at.node);
    auto bearer = compound.service.keeper->bearer_of(compound, id_);
    if (!bearer) {
      status_ = bearer.error();
      return;
    }
    client_ = *std::move(bearer);
    holdings_ = compound.service.keeper->find_holdings(id_.client);
  }

  /// False: status() says why there is nothing of the kind.
  explicit operator bool() const noexcept { return holdings_ != nullptr; }
  nfsstat4 status() const noexcept { return status_; }

  state::Client& client() const noexcept { return *client_; }
  state::Holdings& holdings() const noexcept { return *holdings_; }
  const state::StateId& id() const noexcept { return id_; }
  const state::FileKey& file() const noexcept { return file_; }
  state::ZeroSequence zero() const noexcept { return Keeper::zero_of(compound_); }
  nfsstat4 status_of(state::Refusal refusal) const noexcept { return nfs4::status_of(refusal, compound_.minor); }

  /// The request's place among its owner's; an answer, when there is one without running it. Nothing in version 1.
  template <class RES, class ARGS>
  std::optional<RES> begin(InSequence<RES>& sequence, state::OwnerUse use, std::uint32_t number,
                           const ARGS& args) const {
    if (compound_.minor > 0) return std::nullopt;
    const auto owner = holdings_->sequencer_of(id_.number);
    if (!owner) {
      RES result{};
      result.status = nfsstat4::NFS4ERR_BAD_STATEID;
      return result;
    }
    const state::OwnerRequest request{.use = use, .sequence = number, .fingerprint = fingerprint_of(args)};
    return sequence.begin(compound_, owner, owner->begin(request, compound_.service.keeper->now()));
  }

 private:
  Compound& compound_;
  state::StateId id_;
  state::FileKey file_;
  std::shared_ptr<state::Client> client_;
  std::shared_ptr<state::Holdings> holdings_;
  nfsstat4 status_ = nfsstat4::NFS4ERR_BAD_STATEID;
};

}  // namespace ditto::nfs4
