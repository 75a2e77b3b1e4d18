#include "clients/delegated.hpp"

#include <algorithm>

#include "rules/rules.hpp"

namespace ditto::sim {

using state::Share;

std::optional<CachingClient::WantedOpen> Delegated::some_open() {
  auto& dice = world_.dice;
  WantedOpen wanted{.name = world_.some_name(), .holder = {id(), {}}, .id = world_.coordinator().new_id()};
  wanted.mode.access = dice.one_of({Share::Read, Share::Read, Share::Both});
  wanted.mode.deny = dice.one_of({Share::None, Share::None, Share::None, Share::None, Share::Write});
  const bool writes = any(wanted.mode.access & Share::Write);
  if (writes) wanted.how = dice.chance(1, 5) ? state::Operation::Overwrite : state::Operation::OpenWrite;
  wanted.kind = state::GrantKind::Delegation;
  wanted.caching = writes ? state::caching::rwh : state::caching::rh;
  if (dice.chance(1, 5)) wanted.caching = state::Caching::None;
  return wanted;
}

/// It gives a delegation back that nobody asked for.
bool Delegated::act_otherwise() {
  if (copies_.empty() || busy_) return false;
  Copy& copy = copies_[world_.dice.below(copies_.size())];
  if (copy.asked || copy.flushing != 0) return false;
  if (copy.any_changed()) {
    write_back(copy);
    return true;
  }
  world_.tally.event("delegations returned unasked");
  world_.ask(*this, [this, life = id(), grant = copy.grant, node = copy.node] {
    if (world_.session_lives(life)) serve_answer({.grant = grant, .node = node});
  });
  drop(copy.grant);
  return true;
}

void Delegated::serve_answer(const Answer& answer) {
  state::Effects effects;
  bool taken = false;
  world_.coordinator().files().with(world_.key_of(answer.node), [&](state::FileState& file) {
    if (const state::Grant* has = file.grants().find(answer.grant)) {
      world_.tally.transition(has->kind, has->held, state::Caching::None);
    }
    taken = file.give_back(answer.grant, effects);
  });
  world_.tally.event(taken ? "delegations returned" : "returns refused");
  world_.coordinator().deliver(effects);
}

Detached Delegated::serve_close(state::ClientId life, Opened open) {
  World& world = world_;
  if (!world.session_lives(life)) co_return;
  Request request(world, *this, life, actor_of(open));
  gate::close_open(world.share(), open.node, open.id);
  answer(request, [] {});
}

}  // namespace ditto::sim
