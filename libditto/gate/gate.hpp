// The gate: the one door into a tree, for every protocol and the embedding API alike. Each operation is an awaitable
// that pins its nodes, enters them (gate/word.hpp), makes the one FileSystem call on the caller's loop, and leaves
// them; only when that call answers WouldBlock is it made again in the blocking pool, and the awaiter resumes on its
// own loop. An operation that does not block neither suspends nor allocates. The gate also refuses changes to read-only
// shares and notes what each answer rests on (Actor::rests_on). A Gate is made per request and belongs to its loop.
#pragma once

#include <array>
#include <coroutine>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/executor.hpp"
#include "gate/actor.hpp"
#include "gate/share.hpp"
#include "gate/word.hpp"
#include "vfs/file_system.hpp"

namespace ditto::gate {

/// What an operation does to a node that it enters.
enum class Enter : bool { Reads, Writes };

struct Target {
  vfs::NodeId id;
  Enter enter;
};

/// Nodes pinned and entered, for as long as one FileSystem call takes. The conflict table of state/ is consulted here.
template <std::size_t N>
class Permit {
 public:
  static Result<Permit> take(vfs::FileSystem& fs, vfs::Context& context, const std::array<Target, N>& targets) {
    Permit permit;
    for (const Target& target : targets) {
      auto pin = fs.pin(context, target.id);
      if (!pin) return fail(pin.error());
      const bool writes = target.enter == Enter::Writes;
      // A conflict bit sends the operation to state/; until it is there nobody sets one, and Delay is the honest
      // answer.
      if (!word::try_enter((*pin)->gate_word, writes)) return fail(Error::Delay);
      permit.pins_[permit.count_] = std::move(*pin);
      permit.writes_[permit.count_++] = writes;
    }
    return permit;
  }
  Permit(Permit&& other) noexcept
      : pins_(std::move(other.pins_)), writes_(other.writes_), count_(std::exchange(other.count_, 0)) {}
  Permit& operator=(Permit&&) = delete;
  ~Permit() {
    for (std::size_t i = 0; i < count_; ++i) word::leave(pins_[i]->gate_word, writes_[i]);
  }
  vfs::Node& operator[](std::size_t index) const noexcept { return *pins_[index]; }

 private:
  Permit() = default;
  std::array<vfs::NodePin, N> pins_;
  std::array<bool, N> writes_{};
  std::size_t count_ = 0;
};

/// One FileSystem call as an awaitable; `F` takes (FileSystem&, Context&, Permit<N>&) and gives a Result.
template <std::size_t N, class F>
class [[nodiscard]] Operation : Job {
 public:
  using Outcome = std::invoke_result_t<F&, vfs::FileSystem&, vfs::Context&, Permit<N>&>;

  Operation(Actor& actor, const Share& share, std::array<Target, N> targets, F call) noexcept
      : actor_(actor), share_(share), targets_(targets), call_(std::move(call)) {}
  Operation(Operation&&) = delete;

  bool await_ready() {
    attempt(vfs::Blocking::Never);
    return outcome_->has_value() || outcome_->error() != Error::WouldBlock;
  }
  void await_suspend(std::coroutine_handle<> awaiter) {
    awaiter_ = awaiter;
    run = [](Job* self) { static_cast<Operation*>(self)->run_in_pool(); };
    actor_.pool.post(*this);
  }
  Outcome await_resume() { return std::move(*outcome_); }

 private:
  void attempt(vfs::Blocking blocking) {
    vfs::FileSystem& fs = share_.file_system();
    const bool async = share_.rules().durability == Durability::Async;
    vfs::Context context{.who = actor_.who,
                         .now = actor_.clock.now(),
                         .blocking = blocking,
                         .stateless_io = actor_.stateless_io,
                         .async = async};
    outcome_.emplace([&]() -> Outcome {
      if (changes() && share_.rules().read_only) return fail(Error::ReadOnly);
      auto permit = Permit<N>::take(fs, context, targets_);
      if (!permit) return fail(permit.error());
      return call_(fs, context, *permit);
    }());
    if (async) {
      context.keep(context.token);
    } else {
      actor_.rests_on.note(fs, context.token);
    }
    if (context.kept == 0) return;
    if (auto kept = fs.write_out(context.kept); !kept) outcome_.emplace(fail(kept.error()));
  }

  bool changes() const noexcept {
    for (const Target& target : targets_) {
      if (target.enter == Enter::Writes) return true;
    }
    return false;
  }

  void run_in_pool() {
    try {
      attempt(vfs::Blocking::Allowed);
    } catch (...) {
      // Out of memory or the impossible; the awaiter must be resumed all the same.
      outcome_.emplace(fail(Error::Fault));
    }
    run = [](Job* self) { static_cast<Operation*>(self)->awaiter_.resume(); };
    actor_.home.post(*this);
  }

  Actor& actor_;
  const Share& share_;
  std::array<Target, N> targets_;
  F call_;
  std::optional<Outcome> outcome_;
  std::coroutine_handle<> awaiter_;
};

class Gate {
  template <class F>
  auto reads(vfs::NodeId node, F call) {
    return Operation<1, F>(actor_, share_, {{{node, Enter::Reads}}}, std::move(call));
  }
  template <class F>
  auto writes(vfs::NodeId node, F call) {
    return Operation<1, F>(actor_, share_, {{{node, Enter::Writes}}}, std::move(call));
  }
  template <class F>
  auto both(vfs::NodeId first, vfs::NodeId second, F call) {
    return Operation<2, F>(actor_, share_, {{{first, Enter::Writes}, {second, Enter::Writes}}}, std::move(call));
  }

 public:
  Gate(Actor& actor, const Share& share) noexcept : actor_(actor), share_(share) {}
  const Share& share() const noexcept { return share_; }

  auto getattr(vfs::NodeId node) {
    return reads(node, [](auto& fs, auto& context, auto& in) { return fs.getattr(context, in[0]); });
  }
  auto access(vfs::NodeId node, vfs::Access wanted) {
    return reads(node, [wanted](auto& fs, auto& context, auto& in) { return fs.access(context, in[0], wanted); });
  }
  auto setattr(vfs::NodeId node, const vfs::SetAttributes& changes, const std::optional<Timestamp>& guard) {
    return writes(node, [&changes, guard](auto& fs, auto& context, auto& in) {
      return fs.setattr(context, in[0], changes, guard);
    });
  }
  auto lookup(vfs::NodeId directory, std::string_view name, vfs::NameMatch match) {
    return reads(directory, [=](auto& fs, auto& context, auto& in) { return fs.lookup(context, in[0], name, match); });
  }
  auto create(vfs::NodeId directory, std::string_view name, const vfs::CreateRequest& request) {
    return writes(directory, [name, &request](auto& fs, auto& context, auto& in) {
      return fs.create(context, in[0], name, request);
    });
  }
  auto link(vfs::NodeId node, vfs::NodeId directory, std::string_view name) {
    return both(node, directory,
                [name](auto& fs, auto& context, auto& in) { return fs.link(context, in[0], in[1], name); });
  }
  auto remove(vfs::NodeId directory, std::string_view name, vfs::RemoveKind kind) {
    return writes(directory, [=](auto& fs, auto& context, auto& in) { return fs.remove(context, in[0], name, kind); });
  }
  auto rename(vfs::NodeId from, std::string_view from_name, vfs::NodeId to, std::string_view to_name) {
    return both(from, to, [=](auto& fs, auto& context, auto& in) {
      return fs.rename(context, in[0], from_name, in[1], to_name);
    });
  }
  /// `visit` may be called again from the start when the call is repeated in the pool: `restart` is called before each
  /// attempt.
  template <class Restart, class Visit>
  auto readdir(vfs::NodeId directory, std::uint64_t cookie, bool with_attributes, Restart& restart, Visit& visit) {
    return reads(directory, [=, &restart, &visit](auto& fs, auto& context, auto& in) {
      restart();
      return fs.readdir(context, in[0], cookie, with_attributes, visit);
    });
  }
  auto readlink(vfs::NodeId node) {
    return reads(node, [](auto& fs, auto& context, auto& in) { return fs.readlink(context, in[0]); });
  }
  auto read(vfs::NodeId node, std::uint64_t offset, std::uint32_t count) {
    return reads(node, [=](auto& fs, auto& context, auto& in) { return fs.read(context, in[0], offset, count); });
  }
  auto write(vfs::NodeId node, std::uint64_t offset, const BufferChain& data, vfs::Stability stability) {
    return writes(node, [=, &data](auto& fs, auto& context, auto& in) {
      return fs.write(context, in[0], offset, data, stability);
    });
  }
  auto commit(vfs::NodeId node, std::uint64_t offset, std::uint64_t count) {
    return writes(node, [=](auto& fs, auto& context, auto& in) { return fs.commit(context, in[0], offset, count); });
  }
  auto status(vfs::NodeId node) {
    return reads(node, [](auto& fs, auto& context, auto&) { return fs.status(context); });
  }

 private:
  Actor& actor_;
  const Share& share_;
};

}  // namespace ditto::gate
