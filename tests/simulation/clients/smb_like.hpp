// A client as SMB's are, through the gate: opens with access and deny, leases whose keys many opens may share, oplocks,
// mandatory locks, and files that go with their last open.
#pragma once

#include "clients/caching.hpp"

namespace ditto::sim {

class SmbLike final : public CachingClient {
 public:
  using CachingClient::CachingClient;

  std::string_view kind() const noexcept override { return "SMB"; }
  void forget() override;

 private:
  struct Locked {
    Opened open;
    state::ByteRange range;
  };

  std::optional<WantedOpen> some_open() override;
  bool act_otherwise() override;
  state::Caching keeps(const Copy& copy) override;
  void serve_answer(const Answer& answer) override;
  Detached serve_close(state::ClientId life, Opened open) override;
  bool grant_goes_with_last_open() const noexcept override { return true; }
  state::LockOwner lock_owner_of(const Opened& open) const override {
    return {state::LockRules::Smb, open.holder.client, open.id};
  }

  void lock(const Opened& open);
  void unlock();
  void set_delete(const Opened& open);
  Detached serve_lock(state::ClientId life, Opened open, state::ByteLock lock);

  std::vector<Locked> locked_;
};

}  // namespace ditto::sim
