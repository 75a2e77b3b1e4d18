#include "rpc/reply.hpp"

#include "wire/xdr_reader.hpp"

namespace ditto::rpc {
namespace {

std::unexpected<CallError> mismatch(xdr::Reader& reader, CallFailure failure) {
  mismatch_info versions;
  reader(versions);
  if (!reader.ok()) return call_failed(CallFailure::Malformed);
  return std::unexpected(CallError{.failure = failure, .versions = versions});
}

CallResult read_denied(xdr::Reader& reader) {
  reject_stat rejected{};
  reader(rejected);
  if (!reader.ok()) return call_failed(CallFailure::Malformed);
  switch (rejected) {
    case reject_stat::RPC_MISMATCH: return mismatch(reader, CallFailure::VersionMismatch);
    case reject_stat::AUTH_ERROR: {
      auth_stat why{};
      reader(why);
      if (!reader.ok()) return call_failed(CallFailure::Malformed);
      return std::unexpected(CallError{.failure = CallFailure::AuthError, .auth = why});
    }
  }
  return call_failed(CallFailure::Malformed);
}

// The verifier means nothing to AUTH_NONE and AUTH_SYS, whose servers may put AUTH_SHORT's there (RFC 5531, appendix A).
CallResult read_accepted(xdr::Reader& reader) {
  opaque_auth verifier;
  accept_stat accepted{};
  reader(verifier);
  reader(accepted);
  if (!reader.ok()) return call_failed(CallFailure::Malformed);
  switch (accepted) {
    case accept_stat::SUCCESS: return reader.take(reader.remaining());
    case accept_stat::PROG_UNAVAIL: return call_failed(CallFailure::ProgramUnavailable);
    case accept_stat::PROG_MISMATCH: return mismatch(reader, CallFailure::ProgramMismatch);
    case accept_stat::PROC_UNAVAIL: return call_failed(CallFailure::ProcedureUnavailable);
    case accept_stat::GARBAGE_ARGS: return call_failed(CallFailure::GarbageArguments);
    case accept_stat::SYSTEM_ERR: return call_failed(CallFailure::SystemError);
  }
  return call_failed(CallFailure::Malformed);
}

}  // namespace

std::optional<std::uint32_t> reply_xid(const BufferChain& message) noexcept {
  std::uint32_t xid = 0;
  msg_type type{};
  xdr::Reader reader(message);
  reader(xid, type);
  if (!reader.ok() || type != msg_type::REPLY) return std::nullopt;
  return xid;
}

CallResult read_reply(const BufferChain& message) {
  std::uint32_t xid = 0;
  msg_type type{};
  reply_stat stat{};
  xdr::Reader reader(message);
  reader(xid, type, stat);
  if (!reader.ok() || type != msg_type::REPLY) return call_failed(CallFailure::Malformed);
  switch (stat) {
    case reply_stat::MSG_ACCEPTED: return read_accepted(reader);
    case reply_stat::MSG_DENIED: return read_denied(reader);
  }
  return call_failed(CallFailure::Malformed);
}

}  // namespace ditto::rpc
