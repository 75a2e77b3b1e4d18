// One FileSystem call through the gate as an awaitable: pin, enter, call, leave. The call is made on the caller's loop;
// when it answers WouldBlock it is made again in the blocking pool, and the awaiter resumes on its own loop. Where
// something is held that concerns it, state/ decides: it goes on, is refused, or waits, for a moment, until a holder
// has given way. An operation that meets neither neither suspends nor allocates.
#pragma once

#include <coroutine>
#include <optional>
#include <type_traits>
#include <utility>

#include "gate/actor.hpp"
#include "gate/auditor.hpp"
#include "gate/changes.hpp"
#include "gate/coordinator.hpp"
#include "gate/permit.hpp"
#include "gate/refusal.hpp"
#include "gate/share.hpp"

namespace ditto::gate {

/// How long an operation waits for a holder before its client is told to try again later.
inline constexpr state::Moment patience = state::one_second / 2;
/// How often it starts over, each time meeting something else, before its client does.
inline constexpr int max_starts = 64;

inline state::FileKey file_key(const vfs::FileSystem& fs, vfs::NodeId node) noexcept {
  return {.store = fs.store_id(), .inode = node.inode, .subvolume = node.subvolume};
}

/// `F` takes (FileSystem&, Context&, Permit<N, finds>&) and gives a Result.
template <std::size_t N, class F, Finds finds = Finds::Nothing>
class [[nodiscard]] Operation : TicketWait {
 public:
  using Outcome = std::invoke_result_t<F&, vfs::FileSystem&, vfs::Context&, Permit<N, finds>&>;

  Operation(Actor& actor, const Share& share, const std::array<Target, N>& targets, F call) noexcept
      : actor_(actor), share_(share), permit_(targets), call_(std::move(call)) {
    home = &actor.home;
  }
  Operation(Operation&&) = delete;

  bool await_ready() {
    next_ = attempt(vfs::Blocking::Never);
    return next_ == Next::Done;
  }
  bool await_suspend(std::coroutine_handle<> awaiter) {
    awaiter_ = awaiter;
    return waits();
  }
  Outcome await_resume() { return std::move(*outcome_); }

 private:
  enum class Next : std::uint8_t { Done, Pool, Contended };

  /// On the loop: goes on until the outcome is there (false), or until a job will come back for it (true).
  bool waits() {
    while (next_ == Next::Contended) {
      if (ask()) return true;
    }
    if (next_ == Next::Done) return false;
    run = [](Job* self) { static_cast<Operation*>(self)->run_in_pool(); };
    actor_.pool.post(*this);
    return true;
  }

  /// Whether state/ lets it into the contended node. True: it waits for that.
  bool ask() {
    Coordinator* coordinator = share_.coordinator();
    if (!coordinator || ++starts_ > max_starts) {
      refuse(Error::Delay);
      return false;
    }
    run = [](Job* self) { static_cast<Operation*>(self)->resumed(); };
    refused.reset();
    const state::TicketId ticket = coordinator->expect(*this);
    const Target target = permit_.contended();
    const state::Moment now = actor_.clock.monotonic_ns();
    if (!began_) began_ = now;
    state::Effects effects;
    const auto verdict = coordinator->files().enter(file_key(share_.file_system(), target.id), target.operation,
                                                    target.as ? *target.as : actor_.as, target.range,
                                                    {.ticket = ticket,
                                                     .until = now + patience,
                                                     .recall_by = now + coordinator->recall_time(),
                                                     .since = now,
                                                     .knows = target.knows,
                                                     .known_since = *began_},
                                                    effects);
    const bool parked = verdict && verdict->kind == state::Verdict::Kind::Wait;
    if (parked) {
      // It keeps nothing while it waits: a holder may need the other node to give way.
      permit_.leave();
    } else {
      coordinator->forget(ticket);
    }
    coordinator->deliver(effects);
    if (parked) return true;
    if (verdict && verdict->kind == state::Verdict::Kind::Refused) return contest(*coordinator, *verdict);
    if (verdict) permit_.entered_slowly(verdict->kept);
    next_ = attempt(vfs::Blocking::Never);
    return false;
  }

  /// What is in the way may be held by a client that has let its lease run out. True: it waits until that is gone.
  bool contest(Coordinator& coordinator, const state::Verdict& verdict) {
    switch (coordinator.claim(verdict.in_the_way, actor_.as.holder.client, *this)) {
      case Leases::Claim::Holds: refuse(error_of(verdict.refusal)); return false;
      case Leases::Claim::Waits: permit_.leave(); return true;
      case Leases::Claim::Later: refuse(Error::Delay); return false;
      case Leases::Claim::Gone: break;
    }
    next_ = attempt(vfs::Blocking::Never);
    return false;
  }

  void refuse(Error why) {
    permit_.leave();
    outcome_.emplace(fail(why));
    next_ = Next::Done;
  }

  void resumed() {
    if (refused) {
      refuse(error_of(*refused));
    } else {
      next_ = attempt(vfs::Blocking::Never);
    }
    if (!waits()) awaiter_.resume();
  }

  Next attempt(vfs::Blocking blocking) {
    vfs::FileSystem& fs = share_.file_system();
    const bool async = share_.rules().durability == Durability::Async;
    vfs::Context context{
        .who = actor_.who, .now = actor_.clock.now(), .blocking = blocking, .rights = actor_.rights, .async = async};
    context.admission = permit_.admission();
    if (permit_.changes()) context.by = Changes::tag(actor_.as.holder);
    vfs::AccessNotes notes;
    Auditor* const auditor = share_.coordinator() ? share_.coordinator()->auditor() : nullptr;
    if (auditor) context.notes = &notes;
    bool contended = false;
    outcome_.emplace([&]() -> Outcome {
      if (permit_.changes() && share_.rules().read_only) return fail(Error::ReadOnly);
      if (auto pinned = permit_.pin(fs, context); !pinned) return fail(pinned.error());
      contended = !permit_.enter();
      if (contended) return fail(Error::Delay);
      Outcome outcome = call_(fs, context, permit_);
      contended = permit_.turned_away();
      return outcome;
    }());
    if (async) {
      context.keep(context.token);
    } else {
      actor_.rests_on.note(fs, context.token);
    }
    if (context.kept != 0) {
      if (auto kept = fs.write_out(context.kept); !kept) outcome_.emplace(fail(kept.error()));
    }
    if (contended) return Next::Contended;
    const bool blocked = !outcome_->has_value() && outcome_->error() == Error::WouldBlock;
    if (blocked) return Next::Pool;
    permit_.leave();
    if (auditor && !notes.all().empty()) tell(*auditor, share_, actor_, blocking, notes);
    return Next::Done;
  }

  void run_in_pool() {
    try {
      next_ = attempt(vfs::Blocking::Allowed);
    } catch (...) {
      // Out of memory or the impossible; the awaiter must be resumed all the same.
      outcome_.emplace(fail(Error::Fault));
      next_ = Next::Done;
    }
    run = [](Job* self) {
      auto& own = *static_cast<Operation*>(self);
      if (!own.waits()) own.awaiter_.resume();
    };
    actor_.home.post(*this);
  }

  Actor& actor_;
  const Share& share_;
  Permit<N, finds> permit_;
  F call_;
  std::optional<Outcome> outcome_;
  std::coroutine_handle<> awaiter_;
  Next next_ = Next::Done;
  int starts_ = 0;
  std::optional<state::Moment> began_;  // to ask
};

}  // namespace ditto::gate
