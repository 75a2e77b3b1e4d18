// What NFSv4 says of the security of calls: SECINFO and SECINFO_NO_NAME (RFC 7530, 16.31; RFC 8881, 18.29 and 18.45),
// and how callbacks are to be authenticated, for BACKCHANNEL_CTL and CREATE_SESSION (RFC 8881, 18.33). No context of
// RPCSEC_GSS is known here. Plain values; long fields lend the memory of what they were read from.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "nfs/v4/messages/result.hpp"
#include "nfs/v4/types.hpp"
#include "rpc/message.hpp"

namespace ditto::nfs4 {

/// Flavors that SECINFO lists, and elements of csa_sec_parms and bca_sec_parms that are decoded at all.
inline constexpr std::size_t max_secinfos = 16, max_callback_sec_parms = 8;

// RFC 2203, 5.3.1.
enum class rpc_gss_svc_t : std::uint32_t { RPC_GSS_SVC_NONE = 1, RPC_GSS_SVC_INTEGRITY = 2, RPC_GSS_SVC_PRIVACY = 3 };
constexpr auto xdr_values(rpc_gss_svc_t) {
  using enum rpc_gss_svc_t;
  return std::array{RPC_GSS_SVC_NONE, RPC_GSS_SVC_INTEGRITY, RPC_GSS_SVC_PRIVACY};
}

// RFC 8881, 18.29. CURRENT_FH is consumed.
struct SECINFO4args {
  component4 name;
  static constexpr void visit(auto& ar, auto& m) { ar(m.name); }
};
struct rpcsec_gss_info {
  sec_oid4 oid;
  qop4 qop = 0;
  rpc_gss_svc_t service = rpc_gss_svc_t::RPC_GSS_SVC_NONE;
  static constexpr void visit(auto& ar, auto& m) { ar(m.oid, m.qop, m.service); }
};
struct secinfo4 {
  rpc::AuthFlavor flavor{};
  rpcsec_gss_info flavor_info;
  static constexpr void visit(auto& ar, auto& m) { ar.either(m.flavor, rpc::AuthFlavor::RpcsecGss, m.flavor_info); }
};
using SECINFO4resok = xdr::array<secinfo4, max_secinfos>;
using SECINFO4res = result4<SECINFO4resok>;

// RFC 8881, 18.45.
enum class secinfo_style4 : std::uint32_t { SECINFO_STYLE4_CURRENT_FH = 0, SECINFO_STYLE4_PARENT = 1 };
constexpr auto xdr_values(secinfo_style4) {
  return std::array{secinfo_style4::SECINFO_STYLE4_CURRENT_FH, secinfo_style4::SECINFO_STYLE4_PARENT};
}
using SECINFO_NO_NAME4args = secinfo_style4;
using SECINFO_NO_NAME4res = SECINFO4res;

// RFC 8881, 18.33.
using gsshandle4_t = xdr::opaque<NFS4_OPAQUE_LIMIT>;
struct gss_cb_handles4 {
  rpc_gss_svc_t gcbp_service = rpc_gss_svc_t::RPC_GSS_SVC_NONE;
  gsshandle4_t gcbp_handle_from_server, gcbp_handle_from_client;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.gcbp_service, m.gcbp_handle_from_server, m.gcbp_handle_from_client);
  }
};
struct callback_sec_parms4 {
  rpc::AuthFlavor cb_secflavor{};
  rpc::authsys_parms cbsp_sys_cred;
  gss_cb_handles4 cbsp_gss_handles;
  static constexpr void visit(auto& ar, auto& m) {
    using enum rpc::AuthFlavor;
    ar.choose(m.cb_secflavor, xdr::case_<None>(), xdr::case_<Sys>(m.cbsp_sys_cred),
              xdr::case_<RpcsecGss>(m.cbsp_gss_handles));
  }
};
using callback_sec_parms4_list = xdr::array<callback_sec_parms4, max_callback_sec_parms>;

}  // namespace ditto::nfs4
