// A client as SMB's are, through the gate: opens with access and deny, leases whose keys many opens may share, oplocks,
// mandatory locks, and files that go with their last open; directories that it opens with leases of their own, whose
// keys go with what it changes there (MS-SMB2, 2.2.13.2.10: ParentLeaseKey).
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
  void want_directory() override;
  state::Holder holder_in(std::size_t directory) override;
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
