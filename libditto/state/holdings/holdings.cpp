#include "state/holdings/holdings.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace ditto::state {
namespace {

constexpr std::uint32_t bit_of(const ShareMode& mode) noexcept {
  return std::uint32_t{1} << (static_cast<unsigned>(mode.access & Share::Both) * 4 +
                              static_cast<unsigned>(mode.deny & Share::Both));
}

Holdings::Used::By used_by(const OpenState& open) noexcept {
  return {.open = open.open,
          .mode = open.mode,
          .opener = open.opener,
          .confirmed = !open.sequencer || open.sequencer->confirmed()};
}

}  // namespace

bool Holdings::was_opened_as(const OpenState& state, const ShareMode& mode) noexcept {
  ShareMode all;
  for (unsigned bit = 0; bit < 16; ++bit) {
    if ((state.opened_as >> bit & 1U) == 0) continue;
    const ShareMode one{Share(bit / 4), Share(bit % 4)};
    const bool part = (one.access | mode.access) == mode.access && (one.deny | mode.deny) == mode.deny;
    if (part) all = {all.access | one.access, all.deny | one.deny};
  }
  return all == mode;
}

OpenState* Holdings::open_of(std::uint32_t number) {
  const auto found = opens_.find(number);
  return found == opens_.end() ? nullptr : &found->second;
}
const OpenState* Holdings::open_of(std::uint32_t number) const { return const_cast<Holdings*>(this)->open_of(number); }

Answer<void> Holdings::check(std::uint32_t given, std::uint32_t current, bool revoked, ZeroSequence zero) const {
  if (revoked) return refuse(Refusal::AdminRevoked);
  return check_sequence(given, current, zero);
}

Answer<Holdings::OpenBegun> Holdings::begin_open(std::string_view owner, const FileKey& file, OpenId open,
                                                 std::shared_ptr<OwnerSequence> sequencer) {
  const Changing lock(*this);
  if (const auto known = opens_by_owner_.find({std::string(owner), file}); known != opens_by_owner_.end()) {
    OpenState& state = opens_.at(known->second);
    if (state.busy) return refuse(Refusal::Delay);
    state.busy = true;
    return OpenBegun{state, false};
  }
  if (opens_.size() >= limits_.opens) return refuse(Refusal::LimitReached);
  OpenState fresh{.number = new_number(),
                  .owner = std::string(owner),
                  .file = file,
                  .open = open,
                  .sequencer = std::move(sequencer),
                  .busy = true};
  opens_by_owner_.emplace(OwnerOnFile{fresh.owner, file}, fresh.number);
  opens_.emplace(fresh.number, fresh);
  return OpenBegun{std::move(fresh), true};
}

StateId Holdings::end_open(std::uint32_t number, const ShareMode& mode, std::uint64_t opener) {
  const Changing lock(*this);
  OpenState& state = opens_.at(number);
  if (state.sequence == 0 && state.sequencer) state.sequencer->hold();
  state.mode = {state.mode.access | mode.access, state.mode.deny | mode.deny};
  state.opened_as |= bit_of(mode);
  state.opener = opener;
  state.sequence = next_sequence(state.sequence);
  state.busy = false;
  return id_of(number, state.sequence);
}

void Holdings::abandon_open(std::uint32_t number) {
  const Changing lock(*this);
  const auto found = opens_.find(number);
  DITTO_ASSERT(found != opens_.end() && found->second.busy);
  found->second.busy = false;
  if (found->second.sequence != 0) return;
  unname(opens_by_owner_, {found->second.owner, found->second.file}, number);
  opens_.erase(found);
}

/// A revoked one may have a successor of the same owner.
void Holdings::unname(std::map<OwnerOnFile, std::uint32_t>& by_owner, const OwnerOnFile& owner, std::uint32_t number) {
  const auto named = by_owner.find(owner);
  if (named != by_owner.end() && named->second == number) by_owner.erase(named);
}

Answer<OpenState> Holdings::begin_change(const StateId& id, const FileKey& file, ZeroSequence zero) {
  const Changing lock(*this);
  OpenState* state = open_of(id.number);
  if (!state || state->sequence == 0 || state->file != file) return refuse(Refusal::BadStateId);
  if (const auto good = check(id.sequence, state->sequence, state->revoked, zero); !good) return refuse(good.error());
  if (state->busy) return refuse(Refusal::Delay);
  state->busy = true;
  return *state;
}

StateId Holdings::end_change(std::uint32_t number) {
  const Changing lock(*this);
  OpenState& state = opens_.at(number);
  state.sequence = next_sequence(state.sequence);
  state.busy = false;
  return id_of(number, state.sequence);
}

StateId Holdings::end_downgrade(std::uint32_t number, const ShareMode& mode) {
  {
    const Changing lock(*this);
    OpenState& state = opens_.at(number);
    state.mode = mode;
    // What it was opened as beyond that, it is not any more.
    for (unsigned bit = 0; bit < 16; ++bit) {
      const ShareMode one{Share(bit / 4), Share(bit % 4)};
      const bool part = (one.access | mode.access) == mode.access && (one.deny | mode.deny) == mode.deny;
      if (!part) state.opened_as &= ~(std::uint32_t{1} << bit);
    }
  }
  return end_change(number);
}

void Holdings::erase_lock(std::map<std::uint32_t, LockState>::iterator lock, Moment now) {
  const LockState& state = lock->second;
  if (state.sequence != 0 && state.sequencer) state.sequencer->drop(now);
  const auto [first, last] = locks_by_open_.equal_range(state.open);
  for (auto at = first; at != last; ++at) {
    if (at->second != state.number) continue;
    locks_by_open_.erase(at);
    break;
  }
  unname(locks_by_owner_, {state.owner, state.file}, state.number);
  if (--lock_owners_.at(state.owner).states == 0) keep_idle(state.owner);
  locks_.erase(lock);
}

/// Who was refused and will ask again holds nothing meanwhile, but has its turn: by the number that it had.
void Holdings::keep_idle(const std::string& owner) {
  idle_owners_.push_back(owner);
  if (idle_owners_.size() <= most_idle_owners) return;
  const auto oldest = lock_owners_.find(idle_owners_.front());
  if (oldest != lock_owners_.end() && oldest->second.states == 0) lock_owners_.erase(oldest);
  idle_owners_.pop_front();
}

Holdings::Closed Holdings::close(std::uint32_t number, Moment now) {
  const Changing lock(*this);
  return close_locked(number, now);
}

Holdings::Closed Holdings::close_locked(std::uint32_t number, Moment now) {
  const auto found = opens_.find(number);
  DITTO_ASSERT(found != opens_.end());
  Closed closed;
  for (auto at = locks_by_open_.find(number); at != locks_by_open_.end(); at = locks_by_open_.find(number)) {
    const auto depends = locks_.find(at->second);
    ++closed.gone.locks;
    closed.gone.revoked += depends->second.revoked && depends->second.sequence != 0;
    closed.locks.push_back(depends->second);
    erase_lock(depends, now);
  }
  closed.open = std::move(found->second);
  ++closed.gone.opens;
  closed.gone.revoked += closed.open.revoked;
  if (closed.open.sequence != 0 && closed.open.sequencer) closed.open.sequencer->drop(now);
  remember_closed(closed.open);
  unname(opens_by_owner_, {closed.open.owner, closed.open.file}, number);
  opens_.erase(found);
  return closed;
}

void Holdings::remember_closed(const OpenState& open) {
  if (!open.sequencer) return;
  const auto [last, first_time] = last_closed_.try_emplace(open.sequencer.get(), open.number);
  if (!first_time) closed_.erase(std::exchange(last->second, open.number));
  closed_.emplace(open.number, open.sequencer);
  if (closed_.size() <= limits_.opens) return;
  last_closed_.erase(closed_.begin()->second.get());
  closed_.erase(closed_.begin());
}

std::shared_ptr<OwnerSequence> Holdings::sequencer_of(std::uint32_t number) const {
  const std::lock_guard lock(mutex_);
  if (const OpenState* open = open_of(number)) return open->sequencer;
  if (const auto found = locks_.find(number); found != locks_.end()) return found->second.sequencer;
  const auto closed = closed_.find(number);
  return closed == closed_.end() ? nullptr : closed->second;
}

std::optional<std::string> Holdings::lock_owner_name(std::uint64_t number) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, owner] : lock_owners_) {
    if (owner.number == number) return name;
  }
  return std::nullopt;
}

Answer<Holdings::LockBegun> Holdings::begin_lock(const StateId& id, std::string_view owner, const FileKey& file,
                                                 ZeroSequence zero, std::shared_ptr<OwnerSequence> sequencer) {
  const Changing lock(*this);
  const OpenState* open = open_of(id.number);
  if (!open || open->sequence == 0 || open->file != file) return refuse(Refusal::BadStateId);
  if (const auto good = check(id.sequence, open->sequence, open->revoked, zero); !good) return refuse(good.error());
  if (const auto known = locks_by_owner_.find({std::string(owner), file}); known != locks_by_owner_.end()) {
    return LockBegun{locks_.at(known->second), *open, false};
  }
  if (locks_.size() >= limits_.locks) return refuse(Refusal::LimitReached);
  NamedOwner& named = lock_owners_[std::string(owner)];
  if (named.number == 0) named.number = ++last_owner_;
  ++named.states;
  LockState fresh{.number = new_number(),
                  .owner = std::string(owner),
                  .file = file,
                  .open = id.number,
                  .holder = {LockRules::Posix, client_, named.number},
                  .sequencer = std::move(sequencer)};
  locks_by_owner_.emplace(OwnerOnFile{fresh.owner, file}, fresh.number);
  locks_by_open_.emplace(fresh.open, fresh.number);
  locks_.emplace(fresh.number, fresh);
  return LockBegun{std::move(fresh), *open, true};
}

Answer<Holdings::LockBegun> Holdings::find_lock(const StateId& id, const FileKey& file, ZeroSequence zero) const {
  const std::lock_guard lock(mutex_);
  const auto found = locks_.find(id.number);
  if (found == locks_.end() || found->second.sequence == 0 || found->second.file != file) {
    return refuse(Refusal::BadStateId);
  }
  const LockState& state = found->second;
  if (const auto good = check(id.sequence, state.sequence, state.revoked, zero); !good) return refuse(good.error());
  return LockBegun{state, opens_.at(state.open), false};
}

Answer<StateId> Holdings::end_lock(std::uint32_t number) {
  const Changing lock(*this);
  const auto found = locks_.find(number);
  if (found == locks_.end()) return refuse(Refusal::BadStateId);
  LockState& state = found->second;
  if (state.revoked) return refuse(Refusal::AdminRevoked);
  if (state.sequence == 0 && state.sequencer) state.sequencer->hold();
  state.sequence = next_sequence(state.sequence);
  return id_of(number, state.sequence);
}

bool Holdings::abandon_lock(std::uint32_t number, Moment now) {
  const Changing lock(*this);
  const auto found = locks_.find(number);
  if (found == locks_.end() || found->second.sequence != 0) return false;
  erase_lock(found, now);
  return true;
}

LockOwner Holdings::lock_owner(std::string_view owner) const {
  const std::lock_guard lock(mutex_);
  const auto found = lock_owners_.find(owner);
  return {LockRules::Posix, client_, found == lock_owners_.end() ? 0 : found->second.number};
}

std::vector<LockState> Holdings::of_lock_owner(std::string_view owner) const {
  const std::lock_guard lock(mutex_);
  std::vector<LockState> found;
  for (const auto& [number, state] : locks_) {
    if (state.owner == owner) found.push_back(state);
  }
  return found;
}

Holdings::Gone Holdings::release_lock_owner(std::string_view owner, Moment now) {
  const Changing lock(*this);
  Gone gone;
  for (auto at = locks_.begin(); at != locks_.end();) {
    const auto here = at++;
    if (here->second.owner != owner) continue;
    ++gone.locks;
    gone.revoked += here->second.revoked && here->second.sequence != 0;
    erase_lock(here, now);
  }
  return gone;
}

Answer<Holdings::Used> Holdings::use(const StateId& id, const FileKey& file, ZeroSequence zero) const {
  const std::lock_guard lock(mutex_);
  if (const OpenState* open = open_of(id.number)) {
    if (open->sequence == 0 || open->file != file) return refuse(Refusal::BadStateId);
    if (const auto good = check(id.sequence, open->sequence, open->revoked, zero); !good) return refuse(good.error());
    return Used{used_by(*open), LockOwner{LockRules::Posix, client_, 0}};
  }
  if (const auto found = delegations_.find(id.number); found != delegations_.end()) {
    const DelegationState& state = found->second;
    if (const auto good = check(state, id.sequence, file, zero); !good) return refuse(good.error());
    const ShareMode mode{state.writes ? Share::Both : Share::Read, Share::None};
    return Used{{.mode = mode, .opener = state.opener}, LockOwner{LockRules::Posix, client_, 0}};
  }
  const auto found = locks_.find(id.number);
  if (found == locks_.end() || found->second.sequence == 0 || found->second.file != file) {
    return refuse(Refusal::BadStateId);
  }
  const LockState& state = found->second;
  if (const auto good = check(id.sequence, state.sequence, state.revoked, zero); !good) return refuse(good.error());
  return Used{used_by(opens_.at(state.open)), state.holder};
}

Answer<std::variant<OpenState, LockState, DelegationState>> Holdings::find_any(const StateId& id,
                                                                               ZeroSequence zero) const {
  const std::lock_guard lock(mutex_);
  if (const auto found = delegations_.find(id.number); found != delegations_.end()) {
    const auto good = check_sequence(id.sequence, found->second.sequence, zero);
    if (!good) return refuse(good.error());
    return found->second;
  }
  if (const OpenState* open = open_of(id.number); open && open->sequence != 0) {
    if (const auto good = check_sequence(id.sequence, open->sequence, zero); !good) return refuse(good.error());
    return *open;
  }
  const auto found = locks_.find(id.number);
  if (found == locks_.end() || found->second.sequence == 0) return refuse(Refusal::BadStateId);
  if (const auto good = check_sequence(id.sequence, found->second.sequence, zero); !good) return refuse(good.error());
  return found->second;
}

Answer<void> Holdings::test(const StateId& id, ZeroSequence zero) const {
  const auto found = find_any(id, zero);
  if (!found) return refuse(found.error());
  if (!std::visit([](const auto& state) { return state.revoked; }, *found)) return {};
  return refuse(std::holds_alternative<DelegationState>(*found) ? Refusal::DelegRevoked : Refusal::AdminRevoked);
}

Holdings::Gone Holdings::forget(std::uint32_t number, Moment now) {
  const Changing lock(*this);
  if (const auto found = locks_.find(number); found != locks_.end()) {
    const Gone gone{.locks = 1, .revoked = found->second.revoked && found->second.sequence != 0};
    erase_lock(found, now);
    return gone;
  }
  if (const auto found = delegations_.find(number); found != delegations_.end()) {
    if (!found->second.revoked) return {};
    delegations_.erase(found);
    return {.delegations = 1};
  }
  const OpenState* open = open_of(number);
  return open && !open->busy ? close_locked(number, now).gone : Gone{};
}

std::vector<std::uint32_t> Holdings::all_opens() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::uint32_t> found;
  for (const auto& [number, state] : opens_) {
    if (state.sequence != 0 && !state.revoked) found.push_back(number);
  }
  return found;
}

std::vector<std::uint32_t> Holdings::number_of(OpenId open) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [number, state] : opens_) {
    if (state.open == open && state.sequence != 0 && !state.revoked) return {number};
  }
  return {};
}

std::vector<std::uint32_t> Holdings::numbers_of(std::uint64_t owner, std::uint64_t inode) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::uint32_t> found;
  for (const auto& [number, state] : locks_) {
    if (state.holder.number == owner && state.file.inode == inode && state.sequence != 0 && !state.revoked) {
      found.push_back(number);
    }
  }
  return found;
}

Holdings::Revoked Holdings::revoke(std::uint32_t number) {
  const Changing lock(*this);
  Revoked revoked;
  if (OpenState* open = open_of(number); open && !open->revoked && open->sequence != 0) {
    open->revoked = true;
    unname(opens_by_owner_, {open->owner, open->file}, number);
    revoked.open = *open;
  }
  for (auto& [each, state] : locks_) {
    if ((each != number && state.open != number) || std::exchange(state.revoked, true)) continue;
    unname(locks_by_owner_, {state.owner, state.file}, each);
    // A LOCK that is on its way finds out at its end.
    if (state.sequence != 0) revoked.locks.push_back(state);
  }
  return revoked;
}

Holdings::Gone Holdings::drop_files(const std::vector<FileKey>& files, Moment now) {
  const Changing lock(*this);
  Gone gone;
  for (auto next = opens_.begin(); next != opens_.end();) {
    const auto here = next++;
    // One that is being opened or changed just now ends by itself.
    if (here->second.busy || !std::ranges::binary_search(files, here->second.file)) continue;
    const Gone more = close_locked(here->first, now).gone;
    gone = {gone.opens + more.opens, gone.locks + more.locks, gone.revoked + more.revoked, 0};
  }
  return gone;
}

std::vector<std::uint32_t> Holdings::of_open_owner(const std::shared_ptr<OwnerSequence>& sequencer) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::uint32_t> found;
  for (const auto& [number, state] : opens_) {
    if (state.sequencer == sequencer && !state.busy) found.push_back(number);
  }
  return found;
}

bool Holdings::empty() const {
  const std::lock_guard lock(mutex_);
  return opens_.empty() && locks_.empty() && delegations_.empty();
}
std::size_t Holdings::opens() const {
  const std::lock_guard lock(mutex_);
  return opens_.size();
}
std::size_t Holdings::locks() const {
  const std::lock_guard lock(mutex_);
  return locks_.size();
}

std::vector<FileKey> Holdings::files() const {
  const std::lock_guard lock(mutex_);
  std::vector<FileKey> files;
  for (const auto& [number, state] : opens_) files.push_back(state.file);
  files.insert(files.end(), delegated_files_.begin(), delegated_files_.end());
  std::ranges::sort(files);
  files.erase(std::ranges::unique(files).begin(), files.end());
  return files;
}

}  // namespace ditto::state
