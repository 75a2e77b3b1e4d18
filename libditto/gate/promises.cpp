#include "gate/promises.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "gate/anchor.hpp"

namespace ditto::gate {
namespace {

/// Awaited: whether the record is durable.
class Recording : Job {
 public:
  Recording(Coordinator& coordinator, Executor& home, state::ObjectRecord record)
      : coordinator_(coordinator), home_(home), record_(std::move(record)) {
    run = [](Job* self) { static_cast<Recording*>(self)->awaiter_.resume(); };
  }
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> awaiter) {
    awaiter_ = awaiter;
    std::vector<state::Persist> changes;
    if (!coordinator_.objects().put(std::move(record_), changes)) return false;
    // On its own loop, which resumes it no sooner than this is done here.
    coordinator_.persister().add(std::move(changes), [this](state::PersistToken, bool durable) {
      durable_ = durable;
      home_.post(*this);
    });
    return true;
  }
  bool await_resume() const noexcept { return durable_; }

 private:
  Coordinator& coordinator_;
  Executor& home_;
  state::ObjectRecord record_;
  std::coroutine_handle<> awaiter_;
  bool durable_ = false;
};

std::optional<state::Open> find_open(Coordinator& coordinator, const state::FileKey& file, state::OpenId id) {
  std::optional<state::Open> open;
  coordinator.files().with(file, [&](state::FileState& state) {
    if (const state::Open* there = state.find_open(id)) open = *there;
  });
  return open;
}

Result<std::unique_ptr<state::Anchor>> anchor_of(const Share& share, const state::FileKey& file, const Clock& clock) {
  vfs::FileSystem& fs = share.file_system();
  const vfs::Credential server;
  vfs::Context context{.who = server, .now = clock.now(), .blocking = vfs::Blocking::Allowed};
  auto pin = fs.pin(context, {.subvolume = file.subvolume, .inode = file.inode});
  if (!pin) return fail(pin.error());
  if (auto held = fs.hold(context, **pin); !held) return fail(held.error());
  return std::make_unique<NodeAnchor>(share.id(), Hold(fs, *std::move(pin)));
}

}  // namespace

Task<bool> keep_promise(Actor& actor, Coordinator& coordinator, const state::FileKey& file, state::OpenId id,
                        const state::Promise& promise) {
  if (!promise.kept) co_return true;
  const auto open = find_open(coordinator, file, id);
  if (!open) co_return false;
  if (!open->recorded) co_return true;
  const bool durable =
      co_await Recording(coordinator, actor.home, {.number = id, .file = file, .who = promise.who, .mode = open->mode});
  if (durable && promise.reclaims) coordinator.claimed(file, id, promise.who);
  co_return durable;
}

Task<bool> keep_delegation(Executor& home, Coordinator& coordinator, const state::FileKey& file, state::GrantId grant,
                           const state::Claimant& who) {
  co_return co_await Recording(coordinator, home,
                               {.kind = state::ObjectRecord::Kind::Delegation,
                                .number = grant,
                                .file = file,
                                .who = who,
                                .caching = state::caching::rwh});
}

void reserve(const Shares& shares, std::span<const state::ObjectRecord> promised, const Clock& clock) {
  Coordinator& coordinator = shares.coordinator();
  for (const state::ObjectRecord& record : promised) {
    if (!coordinator.grace().awaits(record)) continue;
    const auto has_it = [&](const auto& share) { return share->file_system().store_id() == record.file.store; };
    const auto share = std::ranges::find_if(shares.all(), has_it);
    if (share == shares.all().end()) continue;
    auto anchor = anchor_of(**share, record.file, clock);
    if (anchor) coordinator.reserve(record, *std::move(anchor));
  }
}

}  // namespace ditto::gate
