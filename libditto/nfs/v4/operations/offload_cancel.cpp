#include <coroutine>

#include "gate/operation.hpp"
#include "nfs/v4/callbacks/callbacks.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/keeper.hpp"
#include "nfs/v4/wire_stateid.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

namespace {

/// Calls a copy off, and waits until nothing of it is written any more: a piece at most.
class CallOff : Offloads::Ended {
 public:
  CallOff(Offloads& offloads, Compound& compound, const state::StateId& id, const state::FileKey& file) noexcept
      : offloads_(offloads), id_(id), file_(file), user_(compound.call.caller.uid) {
    home = &compound.call.loop;
    run = [](Job* self) { static_cast<CallOff*>(self)->awaiter_.resume(); };
  }
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> awaiter) {
    awaiter_ = awaiter;
    // Once it waits it may be resumed at once, but on this loop: nothing of it is gone before this returns.
    const Offloads::Cancelled cancelled = offloads_.cancel(id_, file_, user_, *this);
    status_ = cancelled.status;
    return cancelled.waits;
  }
  nfsstat4 await_resume() const noexcept { return status_; }

 private:
  Offloads& offloads_;
  const state::StateId id_;
  const state::FileKey file_;
  const std::uint32_t user_;
  std::coroutine_handle<> awaiter_;
  nfsstat4 status_{};
};

}  // namespace

// RFC 7862, 15.8. Nobody is told of a copy that was called off: its stateid is none any more (4.8).
Task<OFFLOAD_CANCEL4res> offload_cancel(Compound& compound, const OFFLOAD_CANCEL4args& args) {
  Callbacks* const callbacks = compound.service.keeper->callbacks();
  const Place& at = *compound.current.place;
  const state::StateId id = stateid_of(args.oca_stateid);
  if (!callbacks || at.is_pseudo_root() || compound.session()->client()->id != id.client) {
    co_return OFFLOAD_CANCEL4res{NFS4ERR_BAD_STATEID};
  }
  const state::FileKey file = gate::file_key(at.share->file_system(), at.node);
  CallOff call_off(callbacks->offloads(), compound, id, file);
  co_return OFFLOAD_CANCEL4res{co_await call_off};
}

}  // namespace ditto::nfs4
