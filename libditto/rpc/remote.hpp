// Calling somebody else: what a call to a remote program is, how it can fail, and Remote, the way to one peer. Of what
// carries the calls nothing is known here: it may be a connection of our own (rpc/dialer.hpp), the backchannel of one
// that the peer opened (rpc/connection.hpp), or a test. A Remote is shared by whoever calls; any thread that runs a
// loop may.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/buffer.hpp"
#include "base/executor.hpp"
#include "base/task.hpp"
#include "rpc/call.hpp"
#include "rpc/message.hpp"
#include "wire/xdr_reader.hpp"

namespace ditto::rpc {

enum class CallFailure : std::uint8_t {
  Gone,       // there is no connection, or no more; whether the peer has seen the call is not known
  TimedOut,   // no reply by the deadline
  TooMany,    // calls in flight
  NoMemory,   // it was not sent, or its reply is lost
  Malformed,  // the reply is none, is too long, or its results are not what the procedure gives
  // The peer's answers other than results (RFC 5531, 9).
  ProgramUnavailable,
  ProgramMismatch,  // versions says which there are
  ProcedureUnavailable,
  GarbageArguments,
  SystemError,
  VersionMismatch,  // of RPC itself; versions says which there are
  AuthError         // auth says why
};

struct CallError {
  CallFailure failure = CallFailure::Gone;
  auth_stat auth = auth_stat::AUTH_OK;
  mismatch_info versions{};
};

[[nodiscard]] inline std::unexpected<CallError> call_failed(CallFailure failure) noexcept {
  return std::unexpected(CallError{.failure = failure});
}

/// For logs, e.g. "TimedOut".
std::string_view to_string(CallFailure failure) noexcept;

/// The encoded results of a call.
using CallResult = std::expected<BufferChain, CallError>;

/// Who calls, as AUTH_SYS says it (RFC 5531, appendix A).
struct SysIdentity {
  std::string machine_name;
  Caller caller;
  std::uint32_t stamp = 0;
};

struct OutgoingCall {
  std::uint32_t program = 0, version = 0, procedure = 0;
  std::optional<SysIdentity> identity;  // none: AUTH_NONE
  BufferChain arguments;                // encoded; linked, not copied
  std::uint64_t deadline_ns = 0;        // on Clock::monotonic_ns()
};

class Remote {
 public:
  virtual ~Remote() = default;

  /// Calls, and waits for the results until the deadline. Awaited on the thread of `loop`, which it comes back to;
  /// whoever awaits keeps the Remote until then. Throws std::bad_alloc, and std::logic_error for a machine name that is
  /// too long.
  virtual Task<CallResult> call(OutgoingCall call, Executor& loop) = 0;

  /// No call will ever succeed any more. While it is false, one still may not.
  virtual bool gone() const noexcept = 0;
};

/// What a call on a connection sees of it: the way back.
class BackchannelSource {
 public:
  /// See Connection::backchannel().
  virtual std::shared_ptr<Remote> backchannel() = 0;

 protected:
  ~BackchannelSource() = default;
};

/// Decodes the results, all of them. Strings and long opaques show bytes of `result`.
template <class RES>
std::expected<RES, CallError> results_of(const CallResult& result) {
  if (!result) return std::unexpected(result.error());
  auto decoded = xdr::decode<RES>(*result);
  if (!decoded) return call_failed(CallFailure::Malformed);
  return *std::move(decoded);
}
template <class RES>
std::expected<RES, CallError> results_of(CallResult&& result) = delete;

}  // namespace ditto::rpc
