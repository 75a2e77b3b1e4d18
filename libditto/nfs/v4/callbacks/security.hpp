// How a session's callbacks are authenticated: the client says at CREATE_SESSION and BACKCHANNEL_CTL what it takes, and
// nothing else may be used (RFC 8881, 2.10.8.2 and 18.36.3). AUTH_SYS with the identity that the client offers comes
// first, since Linux takes AUTH_NONE for CB_NULL only; contexts of RPCSEC_GSS are not used. Pure functions, any thread.
#pragma once

#include <optional>

#include "nfs/v4/messages/security.hpp"
#include "rpc/remote.hpp"
#include "state/clients/session_types.hpp"

namespace ditto::nfs4 {

/// Who calls; none: AUTH_NONE.
struct CallbackSecurity {
  std::optional<rpc::SysIdentity> identity;
};

/// None: nothing was offered that can be used, and the client cannot be called.
std::optional<CallbackSecurity> security_of(const callback_sec_parms4_list& offered);
std::optional<CallbackSecurity> security_of(const state::CallbackControl& control);

/// Whether a handle of RPCSEC_GSS is among what is offered; the server has none of those (NFS4ERR_NOENT).
bool names_gss_handle(const callback_sec_parms4_list& offered) noexcept;

/// As it is kept with the session.
state::CallbackControl control_of(std::uint32_t program, const callback_sec_parms4_list& offered);

/// Bytes that RPC puts in front of a callback's arguments.
std::size_t call_header_bytes(const CallbackSecurity& security);

}  // namespace ditto::nfs4
