#include "clients/smb_like.hpp"

#include <algorithm>

#include "gate/operation.hpp"
#include "rules/rules.hpp"

namespace ditto::sim {

using state::Caching;
using state::Share;

namespace {

constexpr std::uint64_t first_directory_key = 32;

std::uint64_t key_of(const Name& name) {
  return name.directory * 256 + (name.name.empty() ? 0 : static_cast<unsigned char>(name.name[0]));
}

/// Nobody keeps changes to a directory back (MS-SMB2, 3.3.5.9.11).
void as_directory(auto& wanted, Caching caching) {
  wanted.type = vfs::FileType::Directory;
  wanted.mode.access = Share::Read;
  wanted.how = state::Operation::OpenRead;
  wanted.caching = caching;
}

}  // namespace

void SmbLike::forget() {
  CachingClient::forget();
  locked_.clear();
}

std::optional<CachingClient::WantedOpen> SmbLike::some_open() {
  auto& dice = world_.dice;
  WantedOpen wanted{.name = world_.some_name(), .id = world_.coordinator().new_id()};
  wanted.mode.access = dice.one_of({Share::Read, Share::Write, Share::Both, Share::Both, Share::All});
  wanted.mode.deny = dice.one_of({Share::None, Share::None, Share::None, Share::Delete, Share::Write, Share::Read});
  const bool writes = any(wanted.mode.access & Share::Write);
  if (writes) wanted.how = dice.chance(1, 5) ? state::Operation::Overwrite : state::Operation::OpenWrite;
  // Keys belong to files; some opens have none and an oplock of their own.
  if (dice.chance(1, 3)) {
    wanted.kind = state::GrantKind::Oplock;
    wanted.holder = {id(), {wanted.id, 1}};
    wanted.caching = dice.one_of({Caching::Read, state::caching::rw, state::caching::rwh});
  } else {
    wanted.kind = state::GrantKind::Lease;
    wanted.holder = {id(), {key_of(wanted.name), 16 + dice.below(2)}};
    wanted.caching =
        dice.one_of({Caching::None, Caching::Read, state::caching::rh, state::caching::rw, state::caching::rwh});
  }
  // What it has open, once more: by the same key it may gain.
  if (!opens_.empty() && dice.chance(1, 3)) {
    const Opened& again = opens_[dice.below(opens_.size())];
    if (copy_of(again.holder, again.node) && again.holder.key[1] >= 16) {
      wanted.name = again.name;
      wanted.holder = again.holder;
      wanted.kind = state::GrantKind::Lease;
      wanted.mode.deny = Share::None;
      wanted.caching = state::caching::rwh;
      if (again.type == vfs::FileType::Directory) as_directory(wanted, state::caching::rh);
    }
  }
  return wanted;
}

void SmbLike::want_directory() {
  if (opens_.size() >= 4) return;
  auto& dice = world_.dice;
  WantedOpen wanted{
      .name = world_.some_directory(), .id = world_.coordinator().new_id(), .kind = state::GrantKind::Lease};
  wanted.mode.deny = dice.one_of({Share::None, Share::None, Share::None, Share::Delete});
  wanted.holder = {id(), {key_of(wanted.name), first_directory_key + dice.below(2)}};
  as_directory(wanted, dice.one_of({Caching::None, Caching::Read, state::caching::rh, state::caching::rh}));
  open(wanted);
}

/// By the key of the directory's lease, or by none, as who does not know of it.
state::Holder SmbLike::holder_in(std::size_t directory) {
  if (world_.dice.chance(1, 4)) return {id(), {world_.coordinator().new_id(), 1}};
  return {id(), {key_of({directory, {}}), first_directory_key + world_.dice.below(2)}};
}

bool SmbLike::act_otherwise() {
  if (busy_) return false;
  const Opened open = opens_[world_.dice.below(opens_.size())];
  if (open.type == vfs::FileType::Directory) return false;
  switch (world_.dice.below(4)) {
    case 0: unlock(); return true;
    case 1:
      if (any(open.mode.access & Share::Delete)) set_delete(open);
      return true;
    default: lock(open); return true;
  }
}

Caching SmbLike::keeps(const Copy& copy) {
  const Caching to = copy.asked->to;
  // Less than it might is always allowed.
  if (copy.kind == state::GrantKind::Lease && world_.dice.chance(1, 4)) return to & Caching::Read;
  return world_.dice.chance(1, 8) ? Caching::None : to;
}

void SmbLike::serve_answer(const Answer& answer) {
  state::Effects effects;
  bool taken = false;
  Caching had{};
  state::GrantKind kind{};
  world_.coordinator().files().with(world_.key_of(answer.node), [&](state::FileState& file) {
    if (const state::Grant* has = file.grants().find(answer.grant)) {
      had = has->held;
      kind = has->kind;
    }
    const state::Moment deadline = world_.now() + gate::recall_time;
    taken = file.acknowledge(answer.grant, answer.epoch, answer.kept, deadline, effects).has_value();
  });
  if (taken) {
    rules::acknowledged(world_, answer.grant, answer.recalls);
    world_.tally.transition(kind, had, answer.kept);
  }
  world_.tally.event(taken ? "breaks answered" : "answers to breaks refused");
  world_.coordinator().deliver(effects);
}

Detached SmbLike::serve_close(state::ClientId life, Opened open) {
  World& world = world_;
  if (!world.session_lives(life)) co_return;
  Request request(world, *this, life, {open.holder, open.id, lock_owner_of(open)});
  gate::unlock_owner(request.actor(), world.share(), open.node, lock_owner_of(open));
  gate::close_open(world.share(), open.node, open.id);
  // A lease goes with its key's last open, a file that is to be deleted with its last open.
  state::Effects effects;
  bool deletes = false;
  world.coordinator().files().with(world.key_of(open.node), [&](state::FileState& file) {
    const auto keeps = [&](const state::Open& other) { return other.holder == open.holder; };
    const state::Grant* grant = file.grants().find(open.holder);
    if (grant && std::ranges::none_of(file.opens(), keeps)) file.give_back(grant->id, effects);
    deletes = file.delete_pending() && file.opens().empty();
  });
  world.coordinator().deliver(effects);
  if (deletes) {
    world.tally.event("files deleted on close");
    (void)co_await request.gate().remove(world.directory(open.name.directory), open.name.name,
                                         vfs::RemoveKind::NonDirectory);
  }
  answer(request,
         [=, this] { std::erase_if(locked_, [&](const Locked& locked) { return locked.open.id == open.id; }); });
}

void SmbLike::set_delete(const Opened& open) {
  world_.ask(*this, [=, this, life = id()] {
    if (!world_.session_lives(life)) return;
    world_.coordinator().files().with(world_.key_of(open.node), [&](state::FileState& file) {
      if (file.find_open(open.id)) file.set_delete_pending(true);
    });
  });
}

void SmbLike::lock(const Opened& open) {
  const std::size_t first = world_.dice.below(cells_of_a_file * cell_bytes), length = 1 + world_.dice.below(12);
  const state::ByteLock lock{{first, first + length - 1},
                             world_.dice.chance(1, 2) ? state::LockKind::Exclusive : state::LockKind::Shared,
                             lock_owner_of(open)};
  busy_ = true;
  world_.ask(*this, [=, this, life = id()] { serve_lock(life, open, lock); });
}

Detached SmbLike::serve_lock(state::ClientId life, Opened open, state::ByteLock lock) {
  World& world = world_;
  if (!world.session_lives(life)) co_return;
  const bool exclusive = lock.kind == state::LockKind::Exclusive;
  world.meets(exclusive ? state::Operation::LockExclusive : state::Operation::LockShared, open.node.inode, open.holder);
  Request request(world, *this, life, actor_of(open));
  const auto tried = co_await gate::lock_bytes(request.actor(), world.share(), open.node, {.lock = lock});
  const bool granted = tried && tried->outcome.kind == state::LockOutcome::Kind::Granted;
  world.tally.event(granted ? "mandatory locks granted" : "mandatory locks denied");
  if (granted && !request.session_lives()) {
    gate::unlock_owner(request.actor(), world.share(), open.node, lock.owner);
    co_return;
  }
  answer(request, [=, this] {
    if (granted) locked_.push_back({open, lock.range});
  });
}

void SmbLike::unlock() {
  if (locked_.empty()) return;
  const Locked locked = locked_.back();
  locked_.pop_back();
  busy_ = true;
  world_.ask(*this, [=, this, life = id()] {
    if (!world_.session_lives(life)) return;
    Request request(world_, *this, life, actor_of(locked.open));
    (void)gate::unlock_bytes(request.actor(), world_.share(), locked.open.node, lock_owner_of(locked.open),
                             locked.range);
    answer(request, [] {});
  });
}

}  // namespace ditto::sim
