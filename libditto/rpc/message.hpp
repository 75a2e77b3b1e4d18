// The messages of ONC RPC version 2 (RFC 5531, 9), spelled as there: how a call announces itself, and every way in
// which it can be answered. Only their shapes and their encoding; who is called and what happens then is
// rpc/answer.hpp's. Plain values, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "rpc/call.hpp"
#include "wire/xdr_reader.hpp"
#include "wire/xdr_types.hpp"
#include "wire/xdr_writer.hpp"

namespace ditto::rpc {

inline constexpr std::uint32_t rpc_version = 2;

enum class msg_type : std::uint32_t { CALL = 0, REPLY = 1 };
enum class reply_stat : std::uint32_t { MSG_ACCEPTED = 0, MSG_DENIED = 1 };
enum class reject_stat : std::uint32_t { RPC_MISMATCH = 0, AUTH_ERROR = 1 };

/// What became of a call that was accepted.
enum class accept_stat : std::uint32_t {
  SUCCESS = 0,
  PROG_UNAVAIL = 1,
  PROG_MISMATCH = 2,
  PROC_UNAVAIL = 3,
  GARBAGE_ARGS = 4,
  SYSTEM_ERR = 5
};

enum class auth_stat : std::uint32_t {
  AUTH_OK = 0,
  AUTH_BADCRED = 1,       // the credential could not be read
  AUTH_REJECTEDCRED = 2,  // the client must begin anew, with another credential
  AUTH_BADVERF = 3,       // the verifier could not be read, or does not belong to the flavor
  AUTH_REJECTEDVERF = 4,
  AUTH_TOOWEAK = 5  // the flavor is refused for security reasons
};

/// 8.2: the body belongs to the flavor. Lent from the message that it was read from.
struct opaque_auth {
  static constexpr std::size_t max_body = 400;
  AuthFlavor flavor = AuthFlavor::None;
  xdr::opaque<max_body> body;
  static constexpr void visit(auto& ar, auto& m) { ar(m.flavor, m.body); }
};

/// Appendix A.
struct authsys_parms {
  static constexpr std::size_t max_machinename = 255;
  std::uint32_t stamp = 0;
  xdr::string<max_machinename> machinename;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  xdr::array<std::uint32_t, Caller::max_groups> gids;
  static constexpr void visit(auto& ar, auto& m) { ar(m.stamp, m.machinename, m.uid, m.gid, m.gids); }
};

/// The fixed part of a call, in front of credential and verifier. Its first three fields are all that a version other
/// than 2 may share with us.
struct call_header {
  std::uint32_t xid = 0;
  msg_type mtype = msg_type::CALL;
  std::uint32_t rpcvers = rpc_version;
  std::uint32_t prog = 0;
  std::uint32_t vers = 0;
  std::uint32_t proc = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.xid, m.mtype, m.rpcvers, m.prog, m.vers, m.proc); }
};

/// The reply to a call that was accepted; on SUCCESS the results follow. The verifier is AUTH_NONE's, and empty.
struct accepted_reply {
  std::uint32_t xid = 0;
  msg_type mtype = msg_type::REPLY;
  reply_stat stat = reply_stat::MSG_ACCEPTED;
  AuthFlavor verf_flavor = AuthFlavor::None;
  std::uint32_t verf_length = 0;
  accept_stat accepted = accept_stat::SUCCESS;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.xid, m.mtype, m.stat, m.verf_flavor, m.verf_length, m.accepted);
  }
};

/// What follows accept_stat::PROG_MISMATCH and reject_stat::RPC_MISMATCH: the versions there are.
struct mismatch_info {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.low, m.high); }
};

/// The reply to a call that was denied; a mismatch_info or an auth_stat follows.
struct rejected_reply {
  std::uint32_t xid = 0;
  msg_type mtype = msg_type::REPLY;
  reply_stat stat = reply_stat::MSG_DENIED;
  reject_stat rejected = reject_stat::RPC_MISMATCH;
  static constexpr void visit(auto& ar, auto& m) { ar(m.xid, m.mtype, m.stat, m.rejected); }
};

/// Reads credential and verifier, which follow a call's header, into `call`. Anything but AUTH_OK is the reason to deny
/// it.
auth_stat read_auth(xdr::Reader& message, Call& call);

/// Its name in the specification.
std::string_view to_string(accept_stat stat) noexcept;

}  // namespace ditto::rpc
