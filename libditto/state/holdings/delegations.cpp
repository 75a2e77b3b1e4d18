// What a client's delegations are to it.
#include "state/holdings/holdings.hpp"

namespace ditto::state {

Answer<void> Holdings::check(const DelegationState& state, std::uint32_t given, const FileKey& file,
                             ZeroSequence zero) noexcept {
  if (state.file != file) return refuse(Refusal::BadStateId);
  if (state.revoked) return refuse(Refusal::DelegRevoked);
  return check_sequence(given, state.sequence, zero);
}

std::optional<StateId> Holdings::begin_delegation(const FileKey& file, GrantId grant, bool writes,
                                                  std::uint64_t opener) {
  const Changing lock(*this);
  if (delegated_files_.contains(file)) return std::nullopt;
  const DelegationState fresh{.number = new_number(), .file = file, .grant = grant, .writes = writes, .opener = opener};
  delegated_files_.insert(file);
  delegations_.emplace(fresh.number, fresh);
  return id_of(fresh.number, fresh.sequence);
}

void Holdings::lower_delegation(std::uint32_t number) {
  const Changing lock(*this);
  if (const auto found = delegations_.find(number); found != delegations_.end()) found->second.writes = false;
}

Answer<DelegationState> Holdings::find_delegation(const StateId& id, const FileKey& file, ZeroSequence zero) const {
  const std::lock_guard lock(mutex_);
  const auto found = delegations_.find(id.number);
  if (found == delegations_.end()) return refuse(Refusal::BadStateId);
  if (const auto good = check(found->second, id.sequence, file, zero); !good) return refuse(good.error());
  return found->second;
}

bool Holdings::end_delegation(std::uint32_t number) {
  const Changing lock(*this);
  const auto found = delegations_.find(number);
  if (found == delegations_.end() || found->second.revoked) return false;
  delegated_files_.erase(found->second.file);
  delegations_.erase(found);
  return true;
}

bool Holdings::revoke_delegation(std::uint32_t number, bool stays) {
  const Changing lock(*this);
  const auto found = delegations_.find(number);
  if (found == delegations_.end() || found->second.revoked) return false;
  delegated_files_.erase(found->second.file);
  found->second.revoked = true;
  if (!stays) delegations_.erase(found);
  return true;
}

}  // namespace ditto::state
