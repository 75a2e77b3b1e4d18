// What an administrator, or the end of a share, takes from NFSv4's clients.
#include <utility>

#include "nfs/v4/keeper.hpp"
#include "nfs/v4/persisted.hpp"

namespace ditto::nfs4 {

namespace {

/// While it lives, what the client frees does not unmark its record.
class Taking {
 public:
  Taking(Keeper& keeper, state::Client& client) noexcept : keeper_(keeper), client_(client) { ++client.taking; }
  Taking(const Taking&) = delete;
  Taking& operator=(const Taking&) = delete;
  ~Taking() {
    state::ClientEffects effects;
    keeper_.clients().end_taking(client_, effects);
    keeper_.deliver(effects);
  }

 private:
  Keeper& keeper_;
  state::Client& client_;
};

std::vector<std::uint32_t> numbers_of(const state::Holdings& held, const Keeper::ToTake& what) {
  if (what.open != 0) return held.number_of(what.open);
  if (what.lock_owner != 0) return held.numbers_of(what.lock_owner, what.inode);
  return held.all_opens();
}

}  // namespace

Task<bool> Keeper::mark_taken(Executor& home, state::Client& client) {
  for (;;) {
    state::ClientEffects effects;
    const auto begun = clients_.begin_taking(client, effects);
    deliver(effects);
    if (!begun) co_return false;
    if (begun->ready) co_return true;
    co_await Persisted(*this, home, begun->token);
    if (!client.taken_from) co_return false;
  }
}

Task<Keeper::Taken> Keeper::take(Executor& home, ToTake what) {
  using Outcome = Taken::Outcome;
  const auto client = clients_.client(what.client);
  if (!client) co_return Taken{.outcome = Outcome::Unknown};
  const auto held = find_holdings(what.client);
  const bool everything = what.open == 0 && what.lock_owner == 0;
  if (!everything && (!held || numbers_of(*held, what).empty())) co_return Taken{.outcome = Outcome::Unknown};
  const Taking taking(*this, *client);
  if (!co_await mark_taken(home, *client)) co_return Taken{.outcome = Outcome::NotDurable};
  Taken taken;
  if (everything) taken.grants = take_grants(what.client);
  if (!held) co_return taken;
  for (const std::uint32_t number : numbers_of(*held, what)) {
    const state::Holdings::Revoked revoked = held->revoke(number);
    client->revoked_by_admin += revoked.states();
    taken.opens += revoked.open ? 1 : 0;
    taken.locks += revoked.locks.size();
    take_from_file(revoked);
  }
  co_return taken;
}

void Keeper::take_from_file(const state::Holdings::Revoked& revoked) {
  for (const state::LockState& lock : revoked.locks) {
    state::Effects effects;
    coordinator_.files().with(lock.file,
                              [&](state::FileState& file) { file.locks().drop_owner(lock.holder, now(), effects); });
    coordinator_.deliver(effects);
  }
  if (!revoked.open) return;
  state::Effects effects;
  coordinator_.files().with(revoked.open->file,
                            [&](state::FileState& file) { file.close(revoked.open->open, effects); });
  coordinator_.deliver(effects);
}

std::size_t Keeper::take_grants(state::ClientId client) {
  std::vector<std::pair<state::FileKey, state::GrantId>> grants;
  coordinator_.files().each([&](const state::FileKey& key, const state::FileState& file) {
    for (const state::Grant& grant : file.grants().all()) {
      if (grant.holder.client == client) grants.emplace_back(key, grant.id);
    }
  });
  for (const auto& [key, id] : grants) {
    state::Effects effects;
    coordinator_.files().with(key, [&](state::FileState& file) { file.revoke(id, effects); });
    coordinator_.deliver(effects);
  }
  return grants.size();
}

void Keeper::drop_files(const std::vector<state::FileKey>& files) {
  std::vector<std::pair<state::ClientId, std::shared_ptr<state::Holdings>>> all;
  {
    const std::lock_guard lock(mutex_);
    all.assign(holdings_.begin(), holdings_.end());
  }
  for (const auto& [id, held] : all) {
    const state::Holdings::Gone gone = held->drop_files(files, now());
    if (const auto client = clients_.client(id)) count_off(*client, gone);
  }
}

}  // namespace ditto::nfs4
