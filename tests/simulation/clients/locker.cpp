#include "clients/locker.hpp"

#include <algorithm>

#include "request.hpp"
#include "rules/rules.hpp"

namespace ditto::sim {

struct Locker::ParkedLock : gate::TicketWait {
  Locker& locker;
  state::ClientId life;
  vfs::NodeId node;
  state::ByteLock lock;
  bool parked = false;

  ParkedLock(Locker& client, state::ClientId client_life, Executor& loop, vfs::NodeId file,
             const state::ByteLock& wanted)
      : locker(client), life(client_life), node(file), lock(wanted) {
    home = &loop;
    run = [](Job* self) { static_cast<ParkedLock*>(self)->over(); };
  }
  void over() {
    World& world = locker.world_;
    std::erase(locker.parked_, this);
    if (refused) {
      world.tally.event(*refused == state::Refusal::Cancelled  ? "parked locks cancelled"
                        : *refused == state::Refusal::TimedOut ? "parked locks that gave up"
                                                               : "parked locks in a deadlock");
    } else {
      world.tally.event("parked locks granted");
      world.tell(locker, true, [&client = locker, life = life, node = node, lock = lock] {
        if (client.id() == life) client.granted(node, lock);
      });
    }
    delete this;
  }
};

Locker::~Locker() {
  for (ParkedLock* parked : parked_) delete parked;
}

vfs::NodeId Locker::some_file() {
  const auto& names = world_.truth.names;
  if (names.empty()) return {};
  const Inode inode = std::next(names.begin(), static_cast<long>(world_.dice.below(names.size())))->second;
  return world_.truth.directories.contains(inode) ? vfs::NodeId{} : vfs::NodeId{0, inode};
}

void Locker::act() {
  const std::size_t what = world_.dice.below(10);
  if (what < 5 || wanted_.empty()) {
    const vfs::NodeId node = some_file();
    if (node.inode == 0) return;
    const std::size_t first = world_.dice.below(cells_of_a_file * cell_bytes), length = 1 + world_.dice.below(12);
    const state::LockOwner owner{state::LockRules::Posix, id(), world_.dice.below(2)};
    const state::ByteLock lock{{first, first + length - 1},
                               world_.dice.chance(2, 3) ? state::LockKind::Exclusive : state::LockKind::Shared,
                               owner};
    if (wanted_.size() < 6) wanted_.push_back({node, lock});
    return ask_for(node, lock,
                   world_.dice.one_of(
                       {state::Waiting::No, state::Waiting::Parked, state::Waiting::Parked, state::Waiting::Polling}));
  }
  const std::size_t at = world_.dice.below(wanted_.size());
  const Wanted wanted = wanted_[at];
  if (what < 7) return ask_for(wanted.node, wanted.lock, state::Waiting::Polling);
  wanted_.erase(wanted_.begin() + static_cast<long>(at));
  if (what < 8) {
    return world_.ask(*this, [=, this, life = id()] { serve_cancel(life, wanted.node, wanted.lock); });
  }
  unlock(wanted.node, wanted.lock);
}

void Locker::unlock(vfs::NodeId node, const state::ByteLock& lock) {
  world_.ask(*this, [=, this, life = id()] { serve_unlock(life, node, lock); });
}

void Locker::ask_for(vfs::NodeId node, const state::ByteLock& lock, state::Waiting waiting) {
  world_.note("NLM ", number(), " asks for a lock of ", node.inode);
  world_.ask(*this, [=, this, life = id()] { serve_lock(life, node, lock, waiting); });
}

Detached Locker::serve_lock(state::ClientId life, vfs::NodeId node, state::ByteLock lock, state::Waiting waiting) {
  World& world = world_;
  if (!world.session_lives(life)) co_return;
  if (world.in_grace()) {
    world.tally.event("locks refused: grace");
    co_return;
  }
  // A repeated request is the one that waits already.
  bool waits = false;
  world.with_state(node.inode,
                   [&](const state::FileState& file) { waits = file.locks().find_parked(lock).has_value(); });
  if (waits) co_return;
  const bool exclusive = lock.kind == state::LockKind::Exclusive;
  const state::Holder holder{life, {}};
  world.meets(exclusive ? state::Operation::LockExclusive : state::Operation::LockShared, node.inode, holder);
  Request request(world, *this, life, {.holder = holder, .open = 0, .locks = lock.owner});
  auto wait = std::make_unique<ParkedLock>(*this, life, request.actor().home, node, lock);
  const state::Moment until = world.dice.chance(1, 3) ? state::never : world.now() + 3 * state::one_second;
  const auto tried = co_await gate::lock_bytes(
      request.actor(), world.share(), node,
      {.lock = lock,
       .waiting = waiting,
       .until = waiting == state::Waiting::Polling ? world.now() + 3 * state::one_second : until,
       .wait = wait.get()});
  if (!tried) {
    world.tally.event(tried.error().refusal() == state::Refusal::Deadlock ? "locks refused: deadlock"
                                                                          : "locks refused: other reasons");
    co_return;
  }
  switch (tried->outcome.kind) {
    case state::LockOutcome::Kind::Granted:
      world.tally.event("locks granted");
      rules::gained(world, *this);
      break;
    case state::LockOutcome::Kind::Denied: world.tally.event("locks denied"); break;
    case state::LockOutcome::Kind::Parked:
      world.tally.event("locks parked");
      parked_.push_back(wait.release());
      break;
    default: break;
  }
  // Its machine was taken for dead meanwhile.
  if (!request.session_lives()) {
    state::Effects effects;
    world.coordinator().files().with(world.key_of(node),
                                     [&](state::FileState& file) { file.drop_client(life, world.now(), effects); });
    world.coordinator().deliver(effects);
  }
}

void Locker::serve_unlock(state::ClientId life, vfs::NodeId node, const state::ByteLock& lock) {
  if (!world_.session_lives(life)) return;
  state::Effects effects;
  world_.coordinator().files().with(world_.key_of(node), [&](state::FileState& file) {
    (void)file.unlock(lock.owner, lock.range, world_.now(), effects);
  });
  world_.coordinator().deliver(effects);
}

void Locker::serve_cancel(state::ClientId life, vfs::NodeId node, const state::ByteLock& lock) {
  if (!world_.session_lives(life)) return;
  state::Effects effects;
  world_.coordinator().files().with(world_.key_of(node), [&](state::FileState& file) {
    const auto ticket = file.locks().find_parked(lock);
    if (!ticket || !file.locks().withdraw(*ticket, world_.now(), effects)) return;
    effects.push_back(state::Resume{*ticket, state::Refusal::Cancelled});
  });
  world_.coordinator().deliver(effects);
}

void Locker::granted(vfs::NodeId node, const state::ByteLock& lock) {
  const auto wants = [&](const Wanted& wanted) { return wanted.node == node && wanted.lock == lock; };
  if (std::ranges::none_of(wanted_, wants)) unlock(node, lock);
}

void Locker::lock_available(const state::LockAvailable& available) {
  for (const Wanted& wanted : wanted_) {
    if (wanted.lock.owner == available.owner && wanted.node.inode == available.file.inode) {
      return ask_for(wanted.node, wanted.lock, state::Waiting::Polling);
    }
  }
}

}  // namespace ditto::sim
