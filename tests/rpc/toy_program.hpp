// A remote program to test the machinery with: procedures that answer at once, wait, change something, rest on
// something, throw, or answer with much. One Service belongs to one test; its handlers run on the test's loop.
#pragma once

#include <algorithm>
#include <array>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/buffer.hpp"
#include "base/durable.hpp"
#include "base/limits.hpp"
#include "base/task.hpp"
#include "rpc/program.hpp"
#include "rpc/remote.hpp"
#include "rpc/reply_room.hpp"

namespace ditto::toy {

inline constexpr std::uint32_t program_number = 0x20000099;

struct Number {
  std::uint32_t value = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.value); }
};
struct Data {
  xdr::payload<limits::io_bytes> bytes;
  static constexpr void visit(auto& ar, auto& m) { ar(m.bytes); }
};
struct Status {
  std::uint32_t status = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.status); }
};
inline constexpr std::uint32_t io_status = 5;
inline Status failure_of(std::type_identity<Status>, Error) { return {io_status}; }

/// Calls that wait until the test lets them go.
class Held {
 public:
  struct Awaiter : Job {
    Awaiter(Held& owner, Executor& executor) : held(owner), loop(executor) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> awaiter) {
      handle = awaiter;
      run = [](Job* self) { static_cast<Awaiter*>(self)->handle.resume(); };
      held.waiting_.push_back(this);
    }
    void await_resume() const noexcept {}
    Held& held;
    Executor& loop;
    std::coroutine_handle<> handle;
  };

  Awaiter wait(Executor& loop) { return Awaiter(*this, loop); }
  std::size_t count() const noexcept { return waiting_.size(); }
  /// Posts the one at `index` to its loop.
  void release(std::size_t index) {
    Awaiter* awaiter = waiting_.at(index);
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(index));
    awaiter->loop.post(*awaiter);
  }
  void release_all() {
    while (!waiting_.empty()) release(0);
  }

 private:
  std::vector<Awaiter*> waiting_;
};

struct Service {
  Held held;
  std::uint32_t made = 0;   // by MAKE
  bool make_waits = false;  // MAKE waits in `held` after it has made
  DurableSource* source = nullptr;
  Lsn lsn = 0;                        // what MAKE and REST rest on, in `source`
  std::shared_ptr<rpc::Remote> back;  // of the connection that the last BACK came by
};

enum Proc : std::uint32_t { NULL_ = 0, ECHO, HOLD, MAKE, THROW, REST, GAP, REST_MUTE, FILL, POOL, LOOP, BACK };

inline Task<void> null(Service&, rpc::Call&) { co_return; }
inline Task<Data> echo(Service&, rpc::Call&, const Data& data) { co_return data; }
inline Task<Number> hold(Service& service, rpc::Call& call, const Number& number) {
  co_await service.held.wait(call.loop);
  co_return number;
}
inline Task<Number> make(Service& service, rpc::Call& call, const Number&) {
  const std::uint32_t made = ++service.made;
  if (service.make_waits) co_await service.held.wait(call.loop);
  if (service.source) call.rests_on.note(*service.source, service.lsn);
  co_return Number{made};
}
inline Task<Number> throw_(Service&, rpc::Call&, const Number& number) {
  if (number.value == 1) throw 1;
  throw std::runtime_error("toy broke");
  co_return Number{};
}
inline Task<Status> rest(Service& service, rpc::Call& call) {
  call.rests_on.note(*service.source, service.lsn);
  co_return Status{};
}
inline Task<Number> rest_mute(Service& service, rpc::Call& call) {
  call.rests_on.note(*service.source, service.lsn);
  co_return Number{};
}
/// Waits, then answers with so many bytes.
inline Task<Data> fill(Service& service, rpc::Call& call, const Number& size) {
  const std::size_t bytes = std::min<std::size_t>(size.value, limits::io_bytes);
  co_await rpc::room_for_reply(call, bytes);
  co_await service.held.wait(call.loop);
  Buffer buffer = Buffer::allocate(bytes);
  std::ranges::fill(buffer.writable(), std::byte{0x5a});
  co_return Data{BufferChain(std::move(buffer))};
}

/// Goes by the blocking pool.
inline Task<Number> pool(Service&, rpc::Call& call, const Number& number) {
  co_await resume_on(call.pool);
  co_await resume_on(call.loop);
  co_return number;
}
/// Tells the loops of connections apart.
inline Task<Number> loop(Service&, rpc::Call& call) {
  co_return Number{static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(&call.loop))};
}

/// Has the caller called back.
inline Task<void> back(Service& service, rpc::Call& call) {
  service.back = call.backchannel_source->backchannel();
  co_return;
}

inline constexpr auto table = std::to_array<rpc::Procedure>({
    rpc::procedure<&null>("NULL", rpc::Replay::Idempotent),
    rpc::procedure<&echo>("ECHO", rpc::Replay::Idempotent),
    rpc::procedure<&hold>("HOLD", rpc::Replay::Idempotent),
    rpc::procedure<&make>("MAKE", rpc::Replay::Cached),
    rpc::procedure<&throw_>("THROW", rpc::Replay::Idempotent),
    rpc::procedure<&rest>("REST", rpc::Replay::Idempotent),
    {},
    rpc::procedure<&rest_mute>("REST_MUTE", rpc::Replay::Idempotent),
    rpc::procedure<&fill>("FILL", rpc::Replay::Idempotent),
    rpc::procedure<&pool>("POOL", rpc::Replay::Idempotent),
    rpc::procedure<&loop>("LOOP", rpc::Replay::Idempotent),
    rpc::procedure<&back>("BACK", rpc::Replay::Idempotent),
});

/// Versions 2 and 4.
inline void add_to(rpc::Programs& programs, Service& service) {
  for (const std::uint32_t version : {2U, 4U}) {
    if (!programs.add({program_number, version, "TOY", table, &service})) throw std::logic_error("added twice");
  }
}

}  // namespace ditto::toy
