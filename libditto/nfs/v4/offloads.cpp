#include "nfs/v4/offloads.hpp"

#include <iterator>
#include <utility>

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;

/// A copy stateid is never another one of the client's, whose numbers begin at 1.
constexpr std::uint32_t first_number = std::uint32_t{1} << 31U;
/// It never changes, and 0 is none (RFC 7862, 4.8).
constexpr std::uint32_t only_sequence = 1;

}  // namespace

std::size_t Offloads::of_client(state::ClientId client) const {
  const auto first = copies_.lower_bound({client, 0});
  const auto last = copies_.upper_bound({client, ~std::uint32_t{0}});
  return static_cast<std::size_t>(std::distance(first, last));
}

std::optional<state::StateId> Offloads::begin(state::ClientId client, const state::FileKey& target,
                                              std::uint32_t user) {
  const std::lock_guard lock(mutex_);
  if (copies_.size() >= most || of_client(client) >= most_of_a_client) return std::nullopt;
  const state::StateId id{only_sequence, client, first_number | ++last_number_};
  if (!copies_.try_emplace(key_of(id), Copy{.target = target, .user = user, .waiting = {}}).second) return std::nullopt;
  ++counts_.under_way;
  ++counts_.begun;
  return id;
}

bool Offloads::moved(const state::StateId& id, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  Copy& copy = copies_.at(key_of(id));
  copy.bytes = bytes;
  return copy.phase == Phase::UnderWay;
}

bool Offloads::end(const state::StateId& id, nfsstat4 status, std::uint64_t bytes, state::Moment until) {
  {
    const std::lock_guard lock(mutex_);
    Copy& copy = copies_.at(key_of(id));
    if (copy.phase == Phase::UnderWay) {
      copy.phase = Phase::Over;
      copy.bytes = bytes;
      copy.status = status;
      copy.until = until;
      --counts_.under_way;
      ++(status == NFS4_OK ? counts_.finished : counts_.failed);
      return true;
    }
  }
  abandon(id);
  return false;
}

void Offloads::abandon(const state::StateId& id) {
  const std::lock_guard lock(mutex_);
  const auto found = copies_.find(key_of(id));
  if (found->second.phase == Phase::UnderWay) ++counts_.dropped;
  --counts_.under_way;
  for (Ended* each : found->second.waiting) each->home->post(*each);
  copies_.erase(found);
}

void Offloads::told(const state::StateId& id) {
  const std::lock_guard lock(mutex_);
  copies_.erase(key_of(id));
}

Offloads::Copies::const_iterator Offloads::find(const state::StateId& id, const state::FileKey& file) const {
  if (id.sequence != only_sequence) return copies_.end();
  const auto found = copies_.find(key_of(id));
  const bool is_there = found != copies_.end() && found->second.target == file;
  return is_there && found->second.phase != Phase::CalledOff ? found : copies_.end();
}

OFFLOAD_STATUS4res Offloads::status(const state::StateId& id, const state::FileKey& file) const {
  const std::lock_guard lock(mutex_);
  const auto found = find(id, file);
  if (found == copies_.end()) return {.status = NFS4ERR_BAD_STATEID};
  OFFLOAD_STATUS4res result{.resok4 = {.osr_count = found->second.bytes, .osr_complete = {}}};
  if (found->second.phase == Phase::Over) result.resok4.osr_complete.push_back(found->second.status);
  return result;
}

Offloads::Cancelled Offloads::cancel(const state::StateId& id, const state::FileKey& file, std::uint32_t user,
                                     Ended& ended) {
  const std::lock_guard lock(mutex_);
  const auto found = find(id, file);
  if (found == copies_.end() || found->second.user != user) return {.status = NFS4ERR_BAD_STATEID};
  if (found->second.phase == Phase::Over) return {.status = NFS4ERR_COMPLETE_ALREADY};
  Copy& copy = copies_.at(found->first);
  copy.phase = Phase::CalledOff;
  copy.waiting.push_back(&ended);
  ++counts_.cancelled;
  return {.status = NFS4_OK, .waits = true};
}

void Offloads::drop(state::ClientId client) {
  const std::lock_guard lock(mutex_);
  const auto last = copies_.upper_bound({client, ~std::uint32_t{0}});
  for (auto at = copies_.lower_bound({client, 0}); at != last;) {
    Copy& copy = at->second;
    if (copy.phase == Phase::UnderWay) ++counts_.dropped;
    if (copy.phase == Phase::UnderWay) copy.phase = Phase::CalledOff;
    at = copy.phase == Phase::Over ? copies_.erase(at) : std::next(at);
  }
}

void Offloads::advance(state::Moment now) {
  const std::lock_guard lock(mutex_);
  std::erase_if(copies_,
                [&](const auto& each) { return each.second.phase == Phase::Over && each.second.until <= now; });
}

OffloadCounts Offloads::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace ditto::nfs4
