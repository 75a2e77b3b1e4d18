// The table of a remote program: one constexpr row for each procedure, with everything that its protocol says *about*
// it; what it does is the handler, a free function
//
//   Task<GETATTR3res> getattr(Service& service, rpc::Call& call, const GETATTR3args& arguments);
//   Task<void> null(Service& service, rpc::Call& call);
//
//   constexpr auto table = std::to_array<rpc::Procedure>({
//       procedure<&null>("NULL", Replay::Idempotent),
//       procedure<&getattr>("GETATTR", Replay::Idempotent),
//       ...
//   });
//   rpc::Program program(Service& service) { return {100003, 3, "NFS", table, &service}; }
//
// Types are deduced from the handler. Arguments live until the handler has ended; strings and long opaques in them show
// bytes of the request. A handler runs on the call's loop and comes back to it after every wait. When what its result
// rests on was taken back, the result is replaced by `failure_of(std::type_identity<RES>{}, error)`, found in the
// namespace of RES. Tables and programs are immutable; any thread reads them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/task.hpp"
#include "rpc/call.hpp"
#include "rpc/durability.hpp"
#include "rpc/message.hpp"
#include "wire/xdr.hpp"

namespace ditto::rpc {

/// Whether a call that comes a second time may simply be executed again, or is answered from the reply cache.
enum class Replay : bool { Idempotent, Cached };

/// Decodes `arguments`, runs the handler, waits until its result is durable and encodes it to `results`, which is
/// behind a reply's header already. Unless it gives SUCCESS, what it wrote does not count.
using Invoke = Task<accept_stat> (*)(void* service, Call& call, xdr::Reader& arguments, xdr::Writer& results);

/// For a procedure whose arguments decide: a look at them before they are decoded.
using ReplayOf = Replay (*)(xdr::Reader arguments);

/// A row. A default one fills a gap in the numbers: PROC_UNAVAIL.
struct Procedure {
  std::string_view name;
  Replay replay = Replay::Idempotent;
  Invoke invoke = nullptr;
  ReplayOf replay_of = nullptr;  // where it is there, it says so instead of `replay`

  Replay judge(const xdr::Reader& arguments) const { return replay_of ? replay_of(arguments) : replay; }
};

namespace detail {

template <class Handler>
struct HandlerTraits;
template <class RES, class SERVICE>
struct HandlerTraits<Task<RES> (*)(SERVICE&, Call&)> {
  using Service = SERVICE;
  using Arguments = xdr::nothing;
  using Results = RES;
  static constexpr bool takes_arguments = false;
};
template <class RES, class SERVICE, class ARGS>
struct HandlerTraits<Task<RES> (*)(SERVICE&, Call&, const ARGS&)> {
  using Service = SERVICE;
  using Arguments = ARGS;
  using Results = RES;
  static constexpr bool takes_arguments = true;
};

/// A protocol that has no word for a failed disk (portmap) answers SYSTEM_ERR instead.
template <class RES>
concept can_fail = requires(Error why) { RES(failure_of(std::type_identity<RES>{}, why)); };

template <auto handler>
Task<accept_stat> invoke(void* service, Call& call, xdr::Reader& arguments, xdr::Writer& results) {
  using Traits = HandlerTraits<decltype(handler)>;
  using Results = typename Traits::Results;
  typename Traits::Arguments decoded{};
  arguments(decoded);
  if (!arguments.finish()) co_return accept_stat::GARBAGE_ARGS;

  const auto run = [&] {
    auto& own = *static_cast<typename Traits::Service*>(service);
    if constexpr (Traits::takes_arguments) {
      return handler(own, call, decoded);
    } else {
      return handler(own, call);
    }
  };
  if constexpr (std::is_void_v<Results>) {
    co_await run();
    const Result<void> durable = co_await until_durable(call);
    co_return durable ? accept_stat::SUCCESS : accept_stat::SYSTEM_ERR;
  } else {
    const Results result = co_await run();
    const Result<void> durable = co_await until_durable(call);
    if (durable) {
      results(result);
    } else if constexpr (can_fail<Results>) {
      results(Results(failure_of(std::type_identity<Results>{}, durable.error())));
    } else {
      co_return accept_stat::SYSTEM_ERR;
    }
    co_return accept_stat::SUCCESS;
  }
}

}  // namespace detail

/// The row of `handler`, whose name is spelled as in the specification.
template <auto handler>
constexpr Procedure procedure(std::string_view name, Replay replay) noexcept {
  return {name, replay, &detail::invoke<handler>};
}

/// One version of a program, as it is registered. Copies share table and service.
class Program {
 public:
  /// `procedures` and `service` outlive every copy of the program; `service` is what the handlers of the table take.
  constexpr Program(std::uint32_t number, std::uint32_t version, std::string_view name,
                    std::span<const Procedure> procedures, void* service) noexcept
      : number_(number), version_(version), name_(name), procedures_(procedures), service_(service) {}

  constexpr std::uint32_t number() const noexcept { return number_; }
  constexpr std::uint32_t version() const noexcept { return version_; }
  constexpr std::string_view name() const noexcept { return name_; }
  constexpr std::span<const Procedure> procedures() const noexcept { return procedures_; }
  constexpr void* service() const noexcept { return service_; }

  /// nullptr: no such procedure.
  constexpr const Procedure* find(std::uint32_t procedure) const noexcept {
    if (procedure >= procedures_.size() || !procedures_[procedure].invoke) return nullptr;
    return &procedures_[procedure];
  }

 private:
  std::uint32_t number_;
  std::uint32_t version_;
  std::string_view name_;
  std::span<const Procedure> procedures_;
  void* service_;
};

/// The programs that one listener serves. Filled before it starts, then immutable.
class Programs {
 public:
  struct Found {
    const Program* program = nullptr;        // nullptr: why says which reply there is
    accept_stat why = accept_stat::SUCCESS;  // PROG_UNAVAIL or PROG_MISMATCH
    mismatch_info versions;                  // PROG_MISMATCH: the lowest and the highest there are
  };

  /// Exists when that version of the program is there already.
  Result<void> add(const Program& program);
  Found find(std::uint32_t number, std::uint32_t version) const noexcept;
  std::span<const Program> all() const noexcept { return programs_; }

 private:
  std::vector<Program> programs_;
};

}  // namespace ditto::rpc
