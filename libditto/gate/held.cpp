#include "gate/held.hpp"

#include <memory>

#include "gate/anchor.hpp"
#include "gate/promises.hpp"

namespace ditto::gate {
namespace {

Error mistaken(vfs::FileType is, vfs::FileType wanted) noexcept {
  if (wanted == vfs::FileType::Directory) return Error::NotDirectory;
  return is == vfs::FileType::Directory ? Error::IsDirectory : Error::WrongType;
}

struct Checked {
  vfs::Attributes attributes;
  Hold hold;
};

/// A node of that type that the actor may access, held.
auto check_and_hold(Actor& actor, const Share& share, vfs::NodeId node, vfs::Access wanted,
                    vfs::FileType type = vfs::FileType::Regular) {
  const bool read_only = share.rules().read_only;
  auto call = [wanted, type, read_only](vfs::FileSystem& fs, vfs::Context& context, auto& in) -> Result<Checked> {
    const auto attributes = fs.getattr(context, in[0]);
    if (!attributes) return fail(attributes.error());
    if (attributes->type != type) return fail(mistaken(attributes->type, type));
    if (read_only && any(wanted & vfs::Access::WriteData)) return fail(Error::ReadOnly);
    if (any(wanted)) {
      const auto has = fs.access(context, in[0], wanted);
      if (!has) return fail(has.error());
      if (*has != wanted) return fail(Error::AccessDenied);
    }
    if (auto held = fs.hold(context, in[0]); !held) return fail(held.error());
    return Checked{*attributes, Hold(fs, vfs::NodePin(in[0]))};
  };
  return Operation<1, decltype(call)>(actor, share, {{{node, state::Operation::GetAttributes}}}, std::move(call));
}

/// What a verdict leaves to be done: nothing, an obstacle, or another attempt after a wait.
class Attempt : TicketWait {
 public:
  Attempt(Actor& actor, const Share& share) noexcept : actor_(actor), coordinator_(*share.coordinator()) {
    home = &actor.home;
    run = [](Job* self) { static_cast<Attempt*>(self)->awaiter_.resume(); };
  }

  /// Takes a ticket and asks; `ask(Wait, Effects&)` gives the verdict.
  template <class Ask>
  void ask(Ask ask) {
    const state::Moment now = actor_.clock.monotonic_ns();
    const state::TicketId ticket = coordinator_.expect(*this);
    verdict_ = ask(
        state::Wait{
            .ticket = ticket, .until = now + patience, .recall_by = now + coordinator_.recall_time(), .since = now},
        effects_);
    if (!parked()) coordinator_.forget(ticket);
  }
  const state::Verdict& verdict() const noexcept { return verdict_; }

  // Awaited after every ask(): delivers, and waits if it has to. Gives why it is not to go on, if there is a reason.
  bool await_ready() {
    if (parked()) return false;
    coordinator_.deliver(effects_);
    return verdict_.kind != state::Verdict::Kind::Again;
  }
  void await_suspend(std::coroutine_handle<> awaiter) {
    awaiter_ = awaiter;
    if (!parked()) return home->post(*this);
    // The ticket may resume it as soon as the effects are out, but not before this loop is done here.
    state::Effects out = std::exchange(effects_, {});
    coordinator_.deliver(out);
  }
  std::optional<state::Refusal> await_resume() noexcept {
    if (verdict_.kind == state::Verdict::Kind::Refused) return verdict_.refusal;
    return std::exchange(refused, std::nullopt);
  }

 private:
  bool parked() const noexcept { return verdict_.kind == state::Verdict::Kind::Wait; }

  Actor& actor_;
  Coordinator& coordinator_;
  state::Verdict verdict_;
  state::Effects effects_;
  std::coroutine_handle<> awaiter_;
};

/// Whether whoever is in the way has to go, and is gone now.
class Contest : TicketWait {
 public:
  Contest(Actor& actor, const Share& share, state::ClientId in_the_way) noexcept
      : coordinator_(*share.coordinator()), in_the_way_(in_the_way), own_(actor.as.holder.client) {
    home = &actor.home;
    run = [](Job* self) { static_cast<Contest*>(self)->awaiter_.resume(); };
  }
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> awaiter) {
    awaiter_ = awaiter;
    claim_ = coordinator_.claim(in_the_way_, own_, *this);
    return claim_ == Leases::Claim::Waits;
  }
  // What could not be made durable leaves the client everything; trying again is up to whoever wants it.
  bool await_resume() const noexcept {
    return (claim_ == Leases::Claim::Gone || claim_ == Leases::Claim::Waits) && !refused;
  }

 private:
  Coordinator& coordinator_;
  const state::ClientId in_the_way_, own_;
  Leases::Claim claim_{};
  std::coroutine_handle<> awaiter_;
};

/// Only its owner's requests change it, one at a time.
state::ShareMode mode_of(const Share& share, const state::FileKey& file, state::OpenId id) {
  state::ShareMode mode;
  share.coordinator()->files().with(file, [&](state::FileState& state) {
    if (const state::Open* open = state.find_open(id)) mode = open->mode;
  });
  return mode;
}

void deliver(const Share& share, state::Effects& effects) { share.coordinator()->deliver(effects); }

}  // namespace

Task<std::expected<vfs::Attributes, Obstacle>> open_node(Actor& actor, const Share& share, vfs::NodeId node,
                                                         const OpenRequest& request) {
  const OpenRequest wanted = request;
  const state::FileKey file = file_key(share.file_system(), node);
  for (int tries = 0; tries < max_starts; ++tries) {
    auto checked = co_await check_and_hold(actor, share, node, wanted.wanted, wanted.type);
    if (!checked) co_return std::unexpected(Obstacle(checked.error()));
    Attempt attempt(actor, share);
    attempt.ask([&](const state::Wait& wait, state::Effects& effects) {
      const auto anchor = [&] { return std::make_unique<NodeAnchor>(share.id(), std::move(checked->hold)); };
      return share.coordinator()->files().open(file, anchor, wanted.open, wanted.how, wait, effects, wanted.promise);
    });
    const auto refused = co_await attempt;
    if (refused && co_await Contest(actor, share, attempt.verdict().in_the_way)) continue;
    if (refused) co_return std::unexpected(Obstacle(*refused));
    if (attempt.verdict().kind != state::Verdict::Kind::Proceed) continue;
    if (!wanted.promise || co_await keep_promise(actor, *share.coordinator(), file, wanted.open.id, *wanted.promise)) {
      co_return checked->attributes;
    }
    close_open(share, node, wanted.open.id);
    co_return std::unexpected(Obstacle(Error::Io));
  }
  co_return std::unexpected(Obstacle(Error::Delay));
}

Task<std::expected<vfs::Attributes, Obstacle>> upgrade_open(Actor& actor, const Share& share, vfs::NodeId node,
                                                            state::OpenId open, const state::ShareMode& more,
                                                            vfs::Access wanted, const state::Promise* promise) {
  const state::FileKey file = file_key(share.file_system(), node);
  const state::ShareMode mode = more;
  state::ShareMode before;
  for (int tries = 0; tries < max_starts; ++tries) {
    auto checked = co_await check_and_hold(actor, share, node, wanted);
    if (!checked) co_return std::unexpected(Obstacle(checked.error()));
    Attempt attempt(actor, share);
    attempt.ask([&](const state::Wait& wait, state::Effects& effects) {
      before = mode_of(share, file, open);
      return share.coordinator()->files().upgrade(file, open, mode, wait, effects, promise);
    });
    const auto refused = co_await attempt;
    if (refused && co_await Contest(actor, share, attempt.verdict().in_the_way)) continue;
    if (refused) co_return std::unexpected(Obstacle(*refused));
    if (attempt.verdict().kind != state::Verdict::Kind::Proceed) continue;
    if (!promise || co_await keep_promise(actor, *share.coordinator(), file, open, *promise)) {
      co_return checked->attributes;
    }
    downgrade_open(share, node, open, before);
    co_return std::unexpected(Obstacle(Error::Io));
  }
  co_return std::unexpected(Obstacle(Error::Delay));
}

state::Answer<void> downgrade_open(const Share& share, vfs::NodeId node, state::OpenId open,
                                   const state::ShareMode& less) {
  state::Answer<void> answer = state::refuse(state::Refusal::NoSuchOpen);
  state::Effects effects;
  share.coordinator()->files().with(file_key(share.file_system(), node),
                                    [&](state::FileState& state) { answer = state.downgrade(open, less, effects); });
  deliver(share, effects);
  return answer;
}

bool close_open(const Share& share, vfs::NodeId node, state::OpenId open) {
  bool closed = false;
  state::Effects effects;
  share.coordinator()->files().with(file_key(share.file_system(), node),
                                    [&](state::FileState& state) { closed = state.close(open, effects); });
  deliver(share, effects);
  return closed;
}

Task<std::optional<state::Grant>> grant_node(Actor& actor, const Share& share, vfs::NodeId node,
                                             const state::GrantTable::Wanted& wanted, vfs::FileType type) {
  const state::GrantTable::Wanted request = wanted;
  auto checked = co_await check_and_hold(actor, share, node, vfs::Access::None, type);
  if (!checked) co_return std::nullopt;
  const auto anchor = [&] { return std::make_unique<NodeAnchor>(share.id(), std::move(checked->hold)); };
  co_return share.coordinator()->files().grant(file_key(share.file_system(), node), anchor, request);
}

Task<std::expected<LockTried, Obstacle>> lock_bytes(Actor& actor, const Share& share, vfs::NodeId node,
                                                    const LockTry& wanted) {
  const LockTry request = wanted;
  Coordinator& coordinator = *share.coordinator();
  const state::FileKey file = file_key(share.file_system(), node);
  const auto how =
      request.lock.kind == state::LockKind::Shared ? state::Operation::LockShared : state::Operation::LockExclusive;
  for (int tries = 0; tries < max_starts; ++tries) {
    auto checked = co_await check_and_hold(actor, share, node, vfs::Access::None);
    if (!checked) co_return std::unexpected(Obstacle(checked.error()));
    // Whoever may cache what the lock is about gives that up first.
    auto entered = co_await Operation(actor, share, std::array<Target, 1>{{{node, how, request.lock.range}}},
                                      [](auto&, auto&, auto&) -> Result<void> { return {}; });
    if (!entered) co_return std::unexpected(Obstacle(entered.error()));

    const bool parks = request.waiting == state::Waiting::Parked;
    if (parks) {
      const auto met = test_bytes(share, node, request.lock);
      if (met && co_await Contest(actor, share, met->owner.client)) continue;
    }
    const state::TicketId ticket = parks ? coordinator.expect(*request.wait) : coordinator.new_id();
    state::Effects effects;
    const auto anchor = [&] { return std::make_unique<NodeAnchor>(share.id(), std::move(checked->hold)); };
    const state::LockOutcome outcome = coordinator.files().lock(
        file, anchor, actor.as.holder,
        {.lock = request.lock, .waiting = request.waiting, .ticket = ticket, .until = request.until},
        actor.clock.monotonic_ns(), effects);
    if (parks && outcome.kind != state::LockOutcome::Kind::Parked) coordinator.forget(ticket);
    coordinator.deliver(effects);
    if (outcome.kind == state::LockOutcome::Kind::Refused) co_return std::unexpected(Obstacle(outcome.refusal));
    const bool denied = outcome.kind == state::LockOutcome::Kind::Denied;
    if (denied && co_await Contest(actor, share, outcome.holder.owner.client)) continue;
    if (outcome.kind != state::LockOutcome::Kind::Again) co_return LockTried{outcome, ticket};
    co_await resume_on(actor.home);
  }
  co_return std::unexpected(Obstacle(Error::Delay));
}

Task<bool> yields(Actor& actor, const Share& share, state::ClientId in_the_way) {
  co_return co_await Contest(actor, share, in_the_way);
}

std::optional<state::ByteLock> test_bytes(const Share& share, vfs::NodeId node, const state::ByteLock& wanted) {
  std::optional<state::ByteLock> met;
  share.coordinator()->files().with(file_key(share.file_system(), node),
                                    [&](state::FileState& state) { met = state.locks().test(wanted); });
  return met;
}

state::Answer<bool> unlock_bytes(Actor& actor, const Share& share, vfs::NodeId node, const state::LockOwner& owner,
                                 const state::ByteRange& range) {
  state::Answer<bool> any = false;
  state::Effects effects;
  share.coordinator()->files().with(file_key(share.file_system(), node), [&](state::FileState& state) {
    any = state.unlock(owner, range, actor.clock.monotonic_ns(), effects);
  });
  deliver(share, effects);
  return any;
}

std::size_t unlock_owner(Actor& actor, const Share& share, vfs::NodeId node, const state::LockOwner& owner) {
  std::size_t gone = 0;
  state::Effects effects;
  share.coordinator()->files().with(file_key(share.file_system(), node), [&](state::FileState& state) {
    gone = state.locks().drop_owner(owner, actor.clock.monotonic_ns(), effects);
  });
  deliver(share, effects);
  return gone;
}

}  // namespace ditto::gate
