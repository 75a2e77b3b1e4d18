#include "clients/delegated.hpp"

#include <algorithm>

#include "gate/anchor.hpp"
#include "rules/rules.hpp"

namespace ditto::sim {

using state::Share;

namespace {

bool is_removed(World& world, vfs::NodeId node) {
  vfs::Context context{.who = world.root, .now = world.clock.now(), .blocking = vfs::Blocking::Allowed};
  const auto pin = world.fs().under().pin(context, node);
  const auto attributes = pin ? world.fs().under().getattr(context, **pin) : fail(pin.error());
  return !attributes || attributes->link_count == 0;
}

}  // namespace

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

void Delegated::want_directory() {
  busy_ = true;
  world_.ask(*this, [=, this, life = id(), name = world_.some_directory(), answers = answers_] {
    serve_directory(life, name, answers);
  });
}

Detached Delegated::serve_directory(state::ClientId life, Name name, unsigned answers) {
  World& world = world_;
  if (!world.session_lives(life)) co_return;
  const state::Holder holder{life, {}};
  Request request(world, *this, life, {holder, 0, {}});
  if (world.in_grace()) co_return answer(request, [] {});
  const auto found = co_await find(request, name);
  if (!found) co_return answer(request, [] {});
  const vfs::NodeId node = *found;
  world.meets(state::Operation::List, node.inode, holder);
  const auto call = [](vfs::FileSystem& fs, vfs::Context& context, auto& in) -> Result<gate::Hold> {
    if (const auto held = fs.hold(context, in[0]); !held) return fail(held.error());
    return gate::Hold(fs, vfs::NodePin(in[0]));
  };
  auto hold = co_await gate::Operation<1, decltype(call)>(request.actor(), world.share(),
                                                          {{{node, state::Operation::List}}}, call);
  if (!hold || !request.session_lives()) co_return answer(request, [] {});
  const auto grant = world.coordinator().files().grant(
      world.key_of(node), [&] { return std::make_unique<gate::NodeAnchor>(world.share().id(), *std::move(hold)); },
      {.id = world.coordinator().new_id(),
       .holder = holder,
       .kind = state::GrantKind::Delegation,
       .caching = state::caching::rh});
  // Whoever removed it since it was found asked nobody.
  if (grant && is_removed(world, node)) {
    world.tally.event("directory delegations of what was removed");
    serve_answer({.grant = grant->id, .node = node});
    co_return answer(request, [] {});
  }
  if (grant) {
    world.tally.event("directory delegations");
    world.tally.transition(grant->kind, state::Caching::None, grant->held);
    rules::gained(world, *this);
  }
  world.note("directory ", node.inode, " for client ", life, ", grant ", grant ? grant->id : 0);
  answer(request, [=, this] {
    if (grant) granted(holder, node, vfs::FileType::Directory, *grant, answers);
  });
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
