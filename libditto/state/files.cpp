#include "state/files.hpp"

#include <algorithm>

namespace ditto::state {

Files::Locked::Locked(Files& files, const FileKey& file, MakeAnchor make) : Locked(files.shard_of(file), file) {
  if (!*this) found_ = shard_.files.emplace(file, std::make_unique<File>(file, files, make())).first;
}

void Files::settle(Shard& shard, Map::iterator found) {
  File& file = *found->second;
  file.anchor->concern(file.state.concerns_readers(), file.state.concerns_writers());
  const Moment next = file.state.next_deadline();
  if (next != file.deadline) {
    if (file.deadline != never) shard.deadlines.erase({file.deadline, found->first});
    if (next != never) shard.deadlines.emplace(next, found->first);
    file.deadline = next;
  }
  if (file.state.empty()) shard.files.erase(found);
}

bool Files::exclude(File& file, bool readers, bool writers) noexcept {
  file.anchor->concern(readers || file.state.concerns_readers(), writers || file.state.concerns_writers());
  const Anchor::InFlight now = file.anchor->in_flight();
  return (!readers || now.readers == 0) && (!writers || now.writers == 0);
}

Verdict Files::park_if_told(File& file, const Verdict& verdict, const Holder& holder, const Wait& wait) {
  if (verdict.kind != Verdict::Kind::Wait) return verdict;
  const auto parked = file.state.park({wait.ticket, verdict.until_met, holder, wait.until, wait.since});
  return parked ? verdict : Verdict::refused(parked.error());
}

std::optional<Verdict> Files::enter(const FileKey& key, Operation operation, const Actor& actor, const ByteRange& range,
                                    const Wait& wait, Effects& effects) {
  const Locked file(shard_of(key), key);
  if (!file) return std::nullopt;
  Verdict verdict = Verdict::proceed();
  if (wait.knows) verdict = file->state.know(actor.holder, wait.known_since, wait.recall_by, effects);
  if (verdict.kind == Verdict::Kind::Proceed) {
    const Kept kept = verdict.kept;
    verdict = file->state.enter(operation, actor, range, wait.recall_by, effects);
    verdict.kept = kept;
  }
  if (verdict.kind == Verdict::Kind::Proceed) file->anchor->count_in(demand_of(operation).writes);
  return park_if_told(*file, verdict, actor.holder, wait);
}

Verdict Files::open(const FileKey& key, MakeAnchor make, const Open& wanted, Operation how, const Wait& wait,
                    Effects& effects, const Promise* promise) {
  const Locked file(*this, key, make);
  Verdict verdict = Verdict::again();
  if (exclude(*file, any(wanted.mode.deny & Share::Read), any(wanted.mode.deny & (Share::Write | Share::Delete)))) {
    verdict = file->state.open(wanted, how, wait.recall_by, effects, promise);
  }
  return park_if_told(*file, verdict, wanted.holder, wait);
}

Verdict Files::upgrade(const FileKey& key, OpenId id, const ShareMode& more, const Wait& wait, Effects& effects,
                       const Promise* promise) {
  Verdict verdict = Verdict::refused(Refusal::NoSuchOpen);
  const Locked file(shard_of(key), key);
  if (!file) return verdict;
  if (!exclude(*file, any(more.deny & Share::Read), any(more.deny & (Share::Write | Share::Delete)))) {
    verdict = Verdict::again();
  } else {
    verdict = file->state.upgrade(id, more, wait.recall_by, effects, promise);
  }
  const Open* open = file->state.find_open(id);
  return park_if_told(*file, verdict, open ? open->holder : Holder{}, wait);
}

void Files::reserve(MakeAnchor make, ObjectRecord record) {
  const FileKey key = record.file;
  const Locked file(*this, key, make);
  file->state.reserve(std::move(record));
}

std::optional<Grant> Files::grant(const FileKey& key, MakeAnchor make, const GrantTable::Wanted& wanted) {
  const Locked file(*this, key, make);
  return grant(*file, wanted);
}

std::optional<Grant> Files::grant(const FileKey& key, const GrantTable::Wanted& wanted) {
  const Locked file(shard_of(key), key);
  return file ? grant(*file, wanted) : std::nullopt;
}

std::optional<Grant> Files::grant(File& file, const GrantTable::Wanted& wanted) {
  GrantTable::Wanted possible = wanted;
  const bool writes = any(wanted.caching & Caching::Write);
  if (!exclude(file, writes, true)) {
    const bool writers = file.anchor->in_flight().writers != 0;
    possible.caching = writers ? Caching::None : without(wanted.caching, Caching::Write);
  }
  const Grant* granted = file.state.grant(possible);
  return granted ? std::optional(*granted) : std::nullopt;
}

LockOutcome Files::lock(const FileKey& key, MakeAnchor make, const Holder& holder, const LockRequest& request,
                        Moment now, Effects& effects) {
  const Locked file(*this, key, make);
  const bool exclusive = request.lock.kind == LockKind::Exclusive;
  const Demand& demand = demand_of(exclusive ? Operation::LockExclusive : Operation::LockShared);
  const bool mandatory = request.lock.owner.rules == LockRules::Smb;
  LockOutcome outcome{.kind = LockOutcome::Kind::Again, .holder = {}};
  if (!file->state.grants().blocks(demand, holder) && (!mandatory || exclude(*file, exclusive, true))) {
    outcome = file->state.lock(request, now, effects);
  }
  return outcome;
}

void Files::each(FunctionRef<void(const FileKey&, const FileState&)> visit) const {
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    for (const auto& [key, file] : shard.files) visit(key, file->state);
  }
}

std::vector<FileKey> Files::drop_share(std::uint64_t share, Effects& effects) {
  std::vector<FileKey> dropped;
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    for (auto next = shard.files.begin(); next != shard.files.end();) {
      const auto file = next++;
      if (file->second->state.share() != share) continue;
      dropped.push_back(file->first);
      file->second->state.clear(effects);
      settle(shard, file);
    }
  }
  return dropped;
}

void Files::advance(Moment now, Effects& effects) {
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    while (!shard.deadlines.empty() && shard.deadlines.begin()->first <= now) {
      const auto found = shard.files.find(shard.deadlines.begin()->second);
      found->second->state.advance(now, effects);
      settle(shard, found);
    }
  }
}

Moment Files::next_deadline() const noexcept {
  Moment next = never;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    if (!shard.deadlines.empty()) next = std::min(next, shard.deadlines.begin()->first);
  }
  return next;
}

std::size_t Files::size() const noexcept {
  std::size_t total = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    total += shard.files.size();
  }
  return total;
}

}  // namespace ditto::state
