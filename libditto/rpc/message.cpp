#include "rpc/message.hpp"

#include <algorithm>

namespace ditto::rpc {
namespace {

auth_stat read_auth_sys(const opaque_auth& credential, Call& call) {
  authsys_parms claimed;
  xdr::Reader body(credential.body.bytes());
  body(claimed);
  if (!body.finish()) return auth_stat::AUTH_BADCRED;
  Caller& caller = call.caller;
  caller.uid = claimed.uid;
  caller.gid = claimed.gid;
  caller.group_count = static_cast<std::uint32_t>(claimed.gids.size());
  std::ranges::copy(claimed.gids, caller.group_list.begin());
  return auth_stat::AUTH_OK;
}

}  // namespace

auth_stat read_auth(xdr::Reader& message, Call& call) {
  opaque_auth credential;
  message(credential);
  if (!message.ok()) return auth_stat::AUTH_BADCRED;
  opaque_auth verifier;
  message(verifier);
  if (!message.ok()) return auth_stat::AUTH_BADVERF;

  call.flavor = credential.flavor;
  switch (credential.flavor) {
    case AuthFlavor::None: break;
    case AuthFlavor::Sys:
      if (const auth_stat read = read_auth_sys(credential, call); read != auth_stat::AUTH_OK) return read;
      break;
    case AuthFlavor::Short:  // we never give one out; the client falls back to AUTH_SYS (RFC 5531, appendix A)
    case AuthFlavor::RpcsecGss:
    default: return auth_stat::AUTH_REJECTEDCRED;
  }
  // The verifier of both is AUTH_NONE (RFC 5531, 10 and appendix A). Its body should be empty, and means nothing.
  return verifier.flavor == AuthFlavor::None ? auth_stat::AUTH_OK : auth_stat::AUTH_BADVERF;
}

std::string_view to_string(accept_stat stat) noexcept {
  switch (stat) {
    case accept_stat::SUCCESS: return "SUCCESS";
    case accept_stat::PROG_UNAVAIL: return "PROG_UNAVAIL";
    case accept_stat::PROG_MISMATCH: return "PROG_MISMATCH";
    case accept_stat::PROC_UNAVAIL: return "PROC_UNAVAIL";
    case accept_stat::GARBAGE_ARGS: return "GARBAGE_ARGS";
    case accept_stat::SYSTEM_ERR: return "SYSTEM_ERR";
  }
  return "an unknown accept_stat";
}

}  // namespace ditto::rpc
