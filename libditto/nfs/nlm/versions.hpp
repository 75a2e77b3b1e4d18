// Versions 1 and 3 of the lock manager as translations to and from version 4, which the handlers speak: offsets widen,
// ranges and statuses narrow. Pure functions and wrappers around handlers, any thread.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "base/task.hpp"
#include "nfs/nlm/service.hpp"
#include "nfs/nlm/types.hpp"
#include "rpc/call.hpp"
#include "rpc/program.hpp"

namespace ditto::nlm {

inline constexpr std::uint32_t version_4 = 4;

namespace detail {
template <class T>
struct Narrow {
  using type = T;
};
template <template <class> class T>
struct Narrow<T<std::uint64_t>> {
  using type = T<std::uint32_t>;
};
}  // namespace detail
template <class T>
using narrow_t = typename detail::Narrow<T>::type;

inline basic_lock<std::uint64_t> widen(const basic_lock<std::uint32_t>& lock) {
  return {lock.caller_name, lock.fh, lock.oh, lock.svid, lock.l_offset, lock.l_len};
}
inline nlm4_lockargs widen(const nlm_lockargs& args) {
  return {args.cookie, args.block, args.exclusive, widen(args.alock), args.reclaim, args.state};
}
inline nlm4_cancargs widen(const nlm_cancargs& args) {
  return {args.cookie, args.block, args.exclusive, widen(args.alock)};
}
inline nlm4_testargs widen(const nlm_testargs& args) { return {args.cookie, args.exclusive, widen(args.alock)}; }
inline nlm4_unlockargs widen(const nlm_unlockargs& args) { return {args.cookie, widen(args.alock)}; }
inline nlm4_testres widen(const nlm_testres& result) {
  const auto& holder = result.stat.holder;
  return {result.cookie, {result.stat.stat, {holder.exclusive, holder.svid, holder.oh, holder.l_offset, holder.l_len}}};
}
template <class T>
  requires std::same_as<T, narrow_t<T>>
T widen(const T& same) {
  return same;
}

/// What versions 1 and 3 have no word for: a deadlock is a denial, and of the rest nothing comes by waiting.
constexpr nlm4_stats narrow(nlm4_stats status) noexcept {
  using enum nlm4_stats;
  if (status <= NLM4_DENIED_GRACE_PERIOD) return status;
  return status == NLM4_DEADLCK ? NLM4_DENIED : NLM4_DENIED_NOLOCKS;
}
/// What lies beyond 32 bits is told as far as it goes; a length that does not fit reaches to the end of the file.
inline basic_lock<std::uint32_t> narrow(const nlm4_lock& lock) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  const bool fits = lock.l_offset <= most && lock.l_len <= most - lock.l_offset;
  return {lock.caller_name,
          lock.fh,
          lock.oh,
          lock.svid,
          static_cast<std::uint32_t>(lock.l_offset < most ? lock.l_offset : most),
          fits ? static_cast<std::uint32_t>(lock.l_len) : 0};
}
inline nlm_testargs narrow(const nlm4_testargs& args) { return {args.cookie, args.exclusive, narrow(args.alock)}; }
inline nlm_testres narrow(const nlm4_testres& result) {
  const nlm4_holder& holder = result.stat.holder;
  const auto range = narrow(nlm4_lock{.l_offset = holder.l_offset, .l_len = holder.l_len});
  return {result.cookie,
          {narrow(result.stat.stat), {holder.exclusive, holder.svid, holder.oh, range.l_offset, range.l_len}}};
}
inline nlm4_res narrow(const nlm4_res& result) { return {result.cookie, narrow(result.stat)}; }
inline nlm4_shareres narrow(const nlm4_shareres& result) {
  return {result.cookie, narrow(result.stat), result.sequence};
}

/// `value` as `version` encodes it.
template <class T>
BufferChain encode_for(std::uint32_t version, const T& value) {
  return version == version_4 ? xdr::encode(value) : xdr::encode(narrow(value));
}

/// A handler of version 4 as versions 1 and 3 call it.
template <auto handler>
struct Narrowed;
template <class Res, class Args, Task<Res> (*handler)(Service&, rpc::Call&, const Args&)>
struct Narrowed<handler> {
  static Task<narrow_t<Res>> run(Service& service, rpc::Call& call, const narrow_t<Args>& args) {
    const Args wide = widen(args);
    if constexpr (std::is_void_v<Res>) {
      co_await handler(service, call, wide);
    } else {
      co_return narrow(co_await handler(service, call, wide));
    }
  }
};
template <Task<void> (*handler)(Service&, rpc::Call&)>
struct Narrowed<handler> {
  static Task<void> run(Service& service, rpc::Call& call) { return handler(service, call); }
};

}  // namespace ditto::nlm
