#include <algorithm>

#include "rules.hpp"

namespace ditto::sim::rules {
namespace {

// Said again here, so that the rule does not stand on what it checks.
bool denies(const state::ShareMode& one, const state::ShareMode& other) {
  return (std::uint8_t(one.deny) & std::uint8_t(other.access)) != 0 && any(one.access);
}

bool overlap(const state::ByteRange& a, const state::ByteRange& b) {
  return !a.empty && !b.empty && a.first <= b.last && b.first <= a.last;
}

}  // namespace

void conflicts(World& world, const state::FileKey&, const state::FileState& file) {
  const auto opens = file.opens();
  for (std::size_t i = 0; i < opens.size(); ++i) {
    for (std::size_t j = 0; j < opens.size(); ++j) {
      if (i != j && denies(opens[i].mode, opens[j].mode)) {
        world.violated(Rule::Conflicts, "an open does what another denies");
      }
    }
  }
  const auto locks = file.locks().table().all();
  for (const state::ByteLock& one : locks) {
    for (const state::ByteLock& other : locks) {
      if (one.kind != state::LockKind::Exclusive || one.owner == other.owner) continue;
      if (overlap(one.range, other.range)) world.violated(Rule::Conflicts, "a byte is locked beside an exclusive lock");
    }
  }
}

void conflicts_of_io(World& world, const vfs::Context& context, vfs::NodeId node, const state::ByteRange& range,
                     bool writes) {
  const state::Actor* actor = world.request_of(context);
  if (!actor) return;
  const state::Share does = writes ? state::Share::Write : state::Share::Read;
  world.with_state(node.inode, [&](const state::FileState& file) {
    const auto is_own = [&](const state::Open& open) {
      return open.holder.client == actor->holder.client && any(open.mode.access & does);
    };
    const bool has_open = actor->open != 0 && std::ranges::any_of(file.opens(), is_own);
    for (const state::Open& open : file.opens()) {
      if (!has_open && any(open.mode.access) && any(open.mode.deny & does)) {
        world.violated(Rule::Conflicts, writes ? "a write across a deny mode" : "a read across a deny mode");
      }
    }
    for (const state::ByteLock& lock : file.locks().table().all()) {
      if (lock.owner.rules != state::LockRules::Smb || !overlap(lock.range, range)) continue;
      const bool forbids = lock.kind == state::LockKind::Exclusive ? lock.owner != actor->locks : writes;
      if (forbids) world.violated(Rule::Conflicts, "a read or write across a mandatory lock");
    }
  });
}

void conflicts_of_names(World& world, const vfs::Context& context, vfs::NodeId node, state::Operation operation) {
  const state::Actor* actor = world.request_of(context);
  const state::Holder as = actor ? actor->holder : state::Holder{};
  world.with_state(node.inode, [&](const state::FileState& file) {
    for (const state::Grant& grant : file.grants().all()) {
      const bool asks = grant.kind == state::GrantKind::Delegation || any(grant.held & state::Caching::Handle);
      if (grant.holder != as && asks)
        world.violated(Rule::Conflicts, "a name goes, and who keeps the file open knows not");
    }
    for (const state::Open& open : file.opens()) {
      const bool denied = operation == state::Operation::Unlink && any(open.mode.deny & state::Share::Delete);
      if (denied && !(actor && actor->open != 0)) world.violated(Rule::Conflicts, "a name goes across a deny mode");
    }
  });
}

}  // namespace ditto::sim::rules
