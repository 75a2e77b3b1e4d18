// The operations by which clients make themselves known and keep their lease: SETCLIENTID, SETCLIENTID_CONFIRM and
// RENEW of NFSv4.0 (RFC 7530, 16); EXCHANGE_ID, SET_SSV, DESTROY_CLIENTID and RECLAIM_COMPLETE of NFSv4.1 (RFC 8881,
// 18). Identifiers lend the memory of the request that they were read from. Plain values.
#pragma once

#include <cstddef>
#include <cstdint>

#include "nfs/v4/messages/result.hpp"
#include "nfs/v4/messages/security.hpp"
#include "nfs/v4/types.hpp"

namespace ditto::nfs4 {

/// Algorithms and handles of SSV that are decoded at all; the RFC sets no limit.
inline constexpr std::size_t max_ssv_algorithms = 16, max_ssv_handles = 16;

// RFC 7530, 16.33.
struct nfs_client_id4 {
  verifier4 verifier{};
  xdr::opaque<NFS4_OPAQUE_LIMIT> id;
  static constexpr void visit(auto& ar, auto& m) { ar(m.verifier, m.id); }
};
struct cb_client4 {
  std::uint32_t cb_program = 0;
  netaddr4 cb_location;
  static constexpr void visit(auto& ar, auto& m) { ar(m.cb_program, m.cb_location); }
};
struct SETCLIENTID4args {
  nfs_client_id4 client;
  cb_client4 callback;
  std::uint32_t callback_ident = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.client, m.callback, m.callback_ident); }
};
struct SETCLIENTID4resok {
  clientid4 clientid = 0;
  verifier4 setclientid_confirm{};
  static constexpr void visit(auto& ar, auto& m) { ar(m.clientid, m.setclientid_confirm); }
};
struct SETCLIENTID4res {
  nfsstat4 status{};
  SETCLIENTID4resok resok4;
  clientaddr4 client_using;
  static constexpr void visit(auto& ar, auto& m) {
    using enum nfsstat4;
    ar.choose(m.status, xdr::case_<NFS4_OK>(m.resok4), xdr::case_<NFS4ERR_CLID_INUSE>(m.client_using),
              xdr::otherwise());
  }
};

// RFC 7530, 16.34.
struct SETCLIENTID_CONFIRM4args {
  clientid4 clientid = 0;
  verifier4 setclientid_confirm{};
  static constexpr void visit(auto& ar, auto& m) { ar(m.clientid, m.setclientid_confirm); }
};
using SETCLIENTID_CONFIRM4res = status4res;

// RFC 7530, 16.28.
struct RENEW4args {
  clientid4 clientid = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.clientid); }
};
using RENEW4res = status4res;

// RFC 8881, 18.35; SUPP_FENCE_OPS is of RFC 7862, 14.1.
inline constexpr std::uint32_t EXCHGID4_FLAG_SUPP_MOVED_REFER = 0x00000001, EXCHGID4_FLAG_SUPP_MOVED_MIGR = 0x00000002,
                               EXCHGID4_FLAG_SUPP_FENCE_OPS = 0x00000004, EXCHGID4_FLAG_BIND_PRINC_STATEID = 0x00000100,
                               EXCHGID4_FLAG_USE_NON_PNFS = 0x00010000, EXCHGID4_FLAG_USE_PNFS_MDS = 0x00020000,
                               EXCHGID4_FLAG_USE_PNFS_DS = 0x00040000, EXCHGID4_FLAG_MASK_PNFS = 0x00070000,
                               EXCHGID4_FLAG_UPD_CONFIRMED_REC_A = 0x40000000, EXCHGID4_FLAG_CONFIRMED_R = 0x80000000;

struct client_owner4 {
  verifier4 co_verifier{};
  xdr::opaque<NFS4_OPAQUE_LIMIT> co_ownerid;
  static constexpr void visit(auto& ar, auto& m) { ar(m.co_verifier, m.co_ownerid); }
};
struct server_owner4 {
  std::uint64_t so_minor_id = 0;
  xdr::opaque<NFS4_OPAQUE_LIMIT> so_major_id;
  static constexpr void visit(auto& ar, auto& m) { ar(m.so_minor_id, m.so_major_id); }
};
struct nfs_impl_id4 {
  utf8str_cis nii_domain;
  utf8str_cs nii_name;
  nfstime4 nii_date;
  static constexpr void visit(auto& ar, auto& m) { ar(m.nii_domain, m.nii_name, m.nii_date); }
};

enum class state_protect_how4 : std::uint32_t { SP4_NONE = 0, SP4_MACH_CRED = 1, SP4_SSV = 2 };
struct state_protect_ops4 {
  bitmap4 spo_must_enforce, spo_must_allow;
  static constexpr void visit(auto& ar, auto& m) { ar(m.spo_must_enforce, m.spo_must_allow); }
};
struct ssv_sp_parms4 {
  state_protect_ops4 ssp_ops;
  xdr::array<sec_oid4, max_ssv_algorithms> ssp_hash_algs, ssp_encr_algs;
  std::uint32_t ssp_window = 0, ssp_num_gss_handles = 0;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.ssp_ops, m.ssp_hash_algs, m.ssp_encr_algs, m.ssp_window, m.ssp_num_gss_handles);
  }
};
struct state_protect4_a {
  state_protect_how4 spa_how{};
  state_protect_ops4 spa_mach_ops;
  ssv_sp_parms4 spa_ssv_parms;
  static constexpr void visit(auto& ar, auto& m) {
    using enum state_protect_how4;
    ar.choose(m.spa_how, xdr::case_<SP4_NONE>(), xdr::case_<SP4_MACH_CRED>(m.spa_mach_ops),
              xdr::case_<SP4_SSV>(m.spa_ssv_parms));
  }
};
struct EXCHANGE_ID4args {
  client_owner4 eia_clientowner;
  std::uint32_t eia_flags = 0;
  state_protect4_a eia_state_protect;
  xdr::array<nfs_impl_id4, 1> eia_client_impl_id;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.eia_clientowner, m.eia_flags, m.eia_state_protect, m.eia_client_impl_id);
  }
};

struct ssv_prot_info4 {
  state_protect_ops4 spi_ops;
  std::uint32_t spi_hash_alg = 0, spi_encr_alg = 0, spi_ssv_len = 0, spi_window = 0;
  xdr::array<gsshandle4_t, max_ssv_handles> spi_handles;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.spi_ops, m.spi_hash_alg, m.spi_encr_alg, m.spi_ssv_len, m.spi_window, m.spi_handles);
  }
};
struct state_protect4_r {
  state_protect_how4 spr_how{};
  state_protect_ops4 spr_mach_ops;
  ssv_prot_info4 spr_ssv_info;
  static constexpr void visit(auto& ar, auto& m) {
    using enum state_protect_how4;
    ar.choose(m.spr_how, xdr::case_<SP4_NONE>(), xdr::case_<SP4_MACH_CRED>(m.spr_mach_ops),
              xdr::case_<SP4_SSV>(m.spr_ssv_info));
  }
};
struct EXCHANGE_ID4resok {
  clientid4 eir_clientid = 0;
  sequenceid4 eir_sequenceid = 0;
  std::uint32_t eir_flags = 0;
  state_protect4_r eir_state_protect;
  server_owner4 eir_server_owner;
  xdr::opaque<NFS4_OPAQUE_LIMIT> eir_server_scope;
  xdr::array<nfs_impl_id4, 1> eir_server_impl_id;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.eir_clientid, m.eir_sequenceid, m.eir_flags, m.eir_state_protect, m.eir_server_owner, m.eir_server_scope,
       m.eir_server_impl_id);
  }
};
using EXCHANGE_ID4res = result4<EXCHANGE_ID4resok>;

// RFC 8881, 18.47.
struct SET_SSV4args {
  xdr::opaque<NFS4_OPAQUE_LIMIT> ssa_ssv, ssa_digest;
  static constexpr void visit(auto& ar, auto& m) { ar(m.ssa_ssv, m.ssa_digest); }
};
struct SET_SSV4resok {
  xdr::opaque<NFS4_OPAQUE_LIMIT> ssr_digest;
  static constexpr void visit(auto& ar, auto& m) { ar(m.ssr_digest); }
};
using SET_SSV4res = result4<SET_SSV4resok>;

// RFC 8881, 18.50.
struct DESTROY_CLIENTID4args {
  clientid4 dca_clientid = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.dca_clientid); }
};
using DESTROY_CLIENTID4res = status4res;

// RFC 8881, 18.51.
struct RECLAIM_COMPLETE4args {
  bool rca_one_fs = false;
  static constexpr void visit(auto& ar, auto& m) { ar(m.rca_one_fs); }
};
using RECLAIM_COMPLETE4res = status4res;

}  // namespace ditto::nfs4
