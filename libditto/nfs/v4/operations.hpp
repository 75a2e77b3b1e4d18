// The table of the operations within a COMPOUND, of all minor versions: one constexpr row for each, with everything
// that the specifications say *about* it; what it does is the handler, a free function
//
//   Task<GETATTR4res> getattr(Compound& compound, const GETATTR4args& args);
//   GETFH4res getfh(Compound& compound);  // one that cannot wait
//
//   op<&getattr>(OP_GETATTR, "GETATTR", "18.7", {0, 1}, Current),
//
// Types are deduced from the handler. Arguments live until it has ended; strings and long opaques in them show bytes of
// the request. Rows are in the order of their numbers and found by them. Immutable; any thread reads it.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/task.hpp"
#include "nfs/v4/compound.hpp"
#include "nfs/v4/messages/result.hpp"
#include "nfs/v4/opnum.hpp"
#include "wire/xdr.hpp"

namespace ditto::nfs4 {

/// What the loop over a COMPOUND must know of an operation.
enum OperationFlags : std::uint32_t {
  Plain = 0,
  Current = 1,        // needs the current filehandle, else NOFILEHANDLE
  Saved = 1 << 1,     // needs the saved one as well
  Modifies = 1 << 2,  // is not begun when its longest result would not fit into the reply
  Keeps = 1 << 7,     // needs the keeper of clients, else NOTSUPP
  Once = 1 << 3,      // must not happen twice: in version 0 the reply is kept for retries
  // NFSv4.1, RFC 8881, 2.10.6 and 18.46:
  Begins = 1 << 4,       // SEQUENCE: the first, and nowhere else
  Sessionless = 1 << 5,  // may do without SEQUENCE when it is alone
  Alone = 1 << 6,        // is always alone
};

/// The first and the last minor version that has an operation.
struct Minors {
  std::uint32_t first, last;
  constexpr bool has(std::uint32_t minor) const noexcept { return first <= minor && minor <= last; }
};

struct Operation {
  using Invoke = Task<nfsstat4> (*)(const Operation& row, Compound& compound, xdr::Reader& arguments,
                                    xdr::Writer& results);
  using InvokeNow = nfsstat4 (*)(const Operation& row, Compound& compound, xdr::Reader& arguments,
                                 xdr::Writer& results);
  using Refuse = void (*)(xdr::Writer& results, nfsstat4 status);

  nfs_opnum4 number;
  std::string_view name;
  std::string_view
      paragraph;  // of the RFC that the operation came with, 8881 where that is 7530 but later ones have it
  Minors minors;
  std::uint32_t flags;
  std::size_t result_bytes;  // at most, with its number in front
  Invoke invoke;             // decodes, runs, encodes; null: it cannot wait, and invoke_now does so
  InvokeNow invoke_now;      // null: invoke
  Refuse refuse;             // encodes a result that says `status` and nothing else

  constexpr bool is(OperationFlags flag) const noexcept { return (flags & flag) != 0; }
};

/// All of them.
std::span<const Operation> operations() noexcept;
/// nullptr: no minor version that Ditto knows has it.
const Operation* find_operation(nfs_opnum4 number) noexcept;

/// What keeps an operation from running whose arguments are read: filehandles that are missing, no room for its result.
nfsstat4 admit(const Operation& row, const Compound& compound) noexcept;

namespace detail {

template <class Handler>
struct OperationTraits;
template <class RES, class ARGS>
struct OperationTraits<Task<RES> (*)(Compound&, const ARGS&)> {
  using Results = RES;
  using Arguments = ARGS;
};
template <class RES>
struct OperationTraits<Task<RES> (*)(Compound&)> {
  using Results = RES;
  using Arguments = xdr::nothing;
};
template <class RES, class ARGS>
struct OperationTraits<RES (*)(Compound&, const ARGS&)> {
  using Results = RES;
  using Arguments = ARGS;
};
template <class RES>
struct OperationTraits<RES (*)(Compound&)> {
  using Results = RES;
  using Arguments = xdr::nothing;
};

template <auto handler, class ARGS>
auto call(Compound& compound, const ARGS& arguments) {
  if constexpr (std::is_same_v<ARGS, xdr::nothing>) {
    return handler(compound);
  } else {
    return handler(compound, arguments);
  }
}

template <class RES>
void refuse(xdr::Writer& results, nfsstat4 status) {
  RES result;
  result.status = status;
  results(result);
}

template <auto handler>
using ResultsOf = typename OperationTraits<decltype(handler)>::Results;
template <auto handler>
using ArgumentsOf = typename OperationTraits<decltype(handler)>::Arguments;

template <auto handler>
inline constexpr bool can_wait =
    !std::same_as<decltype(call<handler>(std::declval<Compound&>(), std::declval<const ArgumentsOf<handler>&>())),
                  ResultsOf<handler>>;

/// Reads the arguments; unless it is OK, the result is written.
template <class RES, class ARGS>
nfsstat4 begin(const Operation& row, Compound& compound, xdr::Reader& arguments, ARGS& decoded, xdr::Writer& results) {
  arguments(decoded);
  const nfsstat4 status = arguments.ok() ? admit(row, compound) : nfsstat4::NFS4ERR_BADXDR;
  if (status != nfsstat4::NFS4_OK) refuse<RES>(results, status);
  return status;
}

template <auto handler>
Task<nfsstat4> invoke(const Operation& row, Compound& compound, xdr::Reader& arguments, xdr::Writer& results) {
  ArgumentsOf<handler> decoded{};
  const nfsstat4 status = begin<ResultsOf<handler>>(row, compound, arguments, decoded, results);
  if (status != nfsstat4::NFS4_OK) co_return status;
  const ResultsOf<handler> result = co_await call<handler>(compound, decoded);
  results(result);
  co_return result.status;
}

template <auto handler>
nfsstat4 invoke_now(const Operation& row, Compound& compound, xdr::Reader& arguments, xdr::Writer& results) {
  ArgumentsOf<handler> decoded{};
  const nfsstat4 status = begin<ResultsOf<handler>>(row, compound, arguments, decoded, results);
  if (status != nfsstat4::NFS4_OK) return status;
  const ResultsOf<handler> result = call<handler>(compound, decoded);
  results(result);
  return result.status;
}

template <auto handler>
constexpr Operation::Invoke invoke_of() noexcept {
  if constexpr (can_wait<handler>) return &invoke<handler>;
  return nullptr;
}
template <auto handler>
constexpr Operation::InvokeNow invoke_now_of() noexcept {
  if constexpr (!can_wait<handler>) return &invoke_now<handler>;
  return nullptr;
}

template <class ARGS>
status4res unsupported(Compound&, const ARGS&) {
  return {nfsstat4::NFS4ERR_NOTSUPP};
}

}  // namespace detail

/// The row of `handler`.
template <auto handler>
constexpr Operation op(nfs_opnum4 number, std::string_view name, std::string_view paragraph, Minors minors,
                       std::uint32_t flags) noexcept {
  using Results = typename detail::OperationTraits<decltype(handler)>::Results;
  return {.number = number,
          .name = name,
          .paragraph = paragraph,
          .minors = minors,
          .flags = flags,
          .result_bytes = 4 + xdr::bound<Results>(),
          .invoke = detail::invoke_of<handler>(),
          .invoke_now = detail::invoke_now_of<handler>(),
          .refuse = &detail::refuse<Results>};
}

/// The row of an operation that is not there yet, or never will be: its arguments are read, and it is NOTSUPP.
template <class ARGS>
constexpr Operation unbuilt(nfs_opnum4 number, std::string_view name, std::string_view paragraph, Minors minors,
                            std::uint32_t flags) noexcept {
  return op<&detail::unsupported<ARGS>>(number, name, paragraph, minors, flags);
}

}  // namespace ditto::nfs4
