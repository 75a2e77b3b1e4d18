// NFSv4.1's clients, sessions and callbacks against bytes that are written by hand from the XDR (nfs4_golden.hpp).
#include "nfs/v4/compound_header.hpp"
#include "nfs/v4/messages/callback.hpp"
#include "nfs/v4/messages/client.hpp"
#include "nfs/v4/messages/layouts.hpp"
#include "nfs/v4/messages/sessions.hpp"
#include "nfs/v4/opnum.hpp"
#include "wire/nfs4_golden.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;

namespace {

// "kernel.org", "Linux 6.1", and an nfstime4 before 1970.
const std::string impl_id_hex =
    " 0000000a 6b65726e656c2e6f7267 0000  00000009 4c696e757820362e31 000000  ffffffffffffffff 00000007 ";
// headerpadsize, maxrequestsize, maxresponsesize, maxresponsesize_cached, maxoperations, maxrequests, no rdma_ird.
const std::string fore_hex = " 00000000 00100400 00100300 00001800 00000008 00000040 00000000 ";
// The same, and an rdma_ird.
const std::string back_hex = " 00000004 00001000 00001000 00000000 00000002 00000010 00000001 00000005 ";

}  // namespace

TEST_CASE("NFSv4.1: EXCHANGE_ID's arguments with each protection of state", "[nfs4]") {
  // RFC 5662, EXCHANGE_ID4args: client_owner4 {verifier, ownerid<>}, flags, state_protect4_a, impl_id<1>.
  const std::string before = verifier_hex + " 00000008 636c69656e742d31  00000103 ";
  const Golden4<EXCHANGE_ID4args> none(before + " 00000000  00000001 " + impl_id_hex);
  CHECK(hex_of(none->eia_clientowner.co_verifier) == "a1a2a3a4a5a6a7a8");
  CHECK(text_of(none->eia_clientowner.co_ownerid.bytes()) == "client-1");
  CHECK(none->eia_flags ==
        (EXCHGID4_FLAG_SUPP_MOVED_REFER | EXCHGID4_FLAG_SUPP_MOVED_MIGR | EXCHGID4_FLAG_BIND_PRINC_STATEID));
  CHECK(none->eia_state_protect.spa_how == state_protect_how4::SP4_NONE);
  REQUIRE(none->eia_client_impl_id.size() == 1);
  CHECK(none->eia_client_impl_id[0].nii_domain.view() == "kernel.org");
  CHECK(none->eia_client_impl_id[0].nii_name.view() == "Linux 6.1");
  CHECK(none->eia_client_impl_id[0].nii_date == nfstime4{-1, 7});

  // Operations 42 to 44 and 57 must be enforced: bits 10 to 12 and 25 of the second word; none may be allowed.
  const std::string ops = " 00000002 00000000 02001c00  00000000 ";
  const Golden4<EXCHANGE_ID4args> mach(before + " 00000001 " + ops + " 00000000");
  CHECK(mach->eia_state_protect.spa_mach_ops.spo_must_enforce.has(42));
  CHECK(mach->eia_state_protect.spa_mach_ops.spo_must_enforce.has(57));
  CHECK(!mach->eia_state_protect.spa_mach_ops.spo_must_enforce.has(45));
  CHECK(mach->eia_state_protect.spa_mach_ops.spo_must_allow.words.empty());
  CHECK(mach->eia_client_impl_id.empty());

  // ssv_sp_parms4: ops, hash_algs<> (one OID), encr_algs<> (none), window, num_gss_handles.
  const Golden4<EXCHANGE_ID4args> ssv(before + " 00000002 " + ops +
                                      " 00000001 00000003 2b0e03 00  00000000  00000010 00000002  00000000");
  REQUIRE(ssv->eia_state_protect.spa_ssv_parms.ssp_hash_algs.size() == 1);
  CHECK(hex_of(ssv->eia_state_protect.spa_ssv_parms.ssp_hash_algs[0]) == "2b0e03");
  CHECK(ssv->eia_state_protect.spa_ssv_parms.ssp_window == 16);
  CHECK(ssv->eia_state_protect.spa_ssv_parms.ssp_num_gss_handles == 2);

  CHECK(refused<EXCHANGE_ID4args>(before + " 00000003  00000000"));
  CHECK(refused<EXCHANGE_ID4args>(before + " 00000000  00000002 " + impl_id_hex + impl_id_hex));
}

TEST_CASE("NFSv4.1: EXCHANGE_ID's result", "[nfs4]") {
  // RFC 5662, EXCHANGE_ID4resok: clientid, sequenceid, flags, state_protect4_r, server_owner4 {minor_id, major_id<>},
  // server_scope<>, impl_id<1>.
  const std::string before = "00000000 " + clientid_hex + " 00000001 80010000 ";
  const std::string after = " 0000000000000003 00000005 646974746f 000000  00000002 7363 0000  00000000";
  const Golden4<EXCHANGE_ID4res> none(before + " 00000000 " + after);
  CHECK(none->resok4.eir_clientid == golden_clientid);
  CHECK(none->resok4.eir_sequenceid == 1);
  CHECK(none->resok4.eir_flags == (EXCHGID4_FLAG_USE_NON_PNFS | EXCHGID4_FLAG_CONFIRMED_R));
  CHECK(none->resok4.eir_server_owner.so_minor_id == 3);
  CHECK(text_of(none->resok4.eir_server_owner.so_major_id.bytes()) == "ditto");
  CHECK(text_of(none->resok4.eir_server_scope.bytes()) == "sc");
  CHECK(none->resok4.eir_server_impl_id.empty());

  // ssv_prot_info4: ops, hash_alg, encr_alg, ssv_len, window, handles<> (one).
  const Golden4<EXCHANGE_ID4res> ssv(before + " 00000002 00000000 00000000  00000001 00000002 00000014 00000010" +
                                     " 00000001 00000004 c1c2c3c4 " + after);
  CHECK(ssv->resok4.eir_state_protect.spr_ssv_info.spi_encr_alg == 2);
  CHECK(ssv->resok4.eir_state_protect.spr_ssv_info.spi_ssv_len == 20);
  REQUIRE(ssv->resok4.eir_state_protect.spr_ssv_info.spi_handles.size() == 1);
  CHECK(Golden4<EXCHANGE_ID4res>("00000016")->status == nfsstat4::NFS4ERR_INVAL);
}

TEST_CASE("NFSv4.1: CREATE_SESSION", "[nfs4]") {
  // RFC 5662, CREATE_SESSION4args: clientid, sequence, flags, channel_attrs4 twice, cb_program, callback_sec_parms4<>:
  // AUTH_NONE; AUTH_SYS with authsys_parms {stamp, machinename, uid, gid, gids<>} (RFC 5531, appendix A); RPCSEC_GSS
  // with {service, handle_from_server<>, handle_from_client<>}.
  const std::string before = clientid_hex + " 00000001 00000003 " + fore_hex + back_hex + " 40000000 ";
  const Golden4<CREATE_SESSION4args> call(before + " 00000003  00000000" +
                                          "  00000001 0000002a 00000002 686f 0000 000003e8 00000064 00000001 0000000a" +
                                          "  00000006 00000003 00000004 c1c2c3c4 00000001 d1 000000");
  CHECK(call->csa_clientid == golden_clientid);
  CHECK(call->csa_sequence == 1);
  CHECK(call->csa_flags == (CREATE_SESSION4_FLAG_PERSIST | CREATE_SESSION4_FLAG_CONN_BACK_CHAN));
  CHECK(call->csa_fore_chan_attrs.ca_maxrequestsize == 0x100400);
  CHECK(call->csa_fore_chan_attrs.ca_maxresponsesize == 0x100300);
  CHECK(call->csa_fore_chan_attrs.ca_maxresponsesize_cached == 0x1800);
  CHECK(call->csa_fore_chan_attrs.ca_maxoperations == 8);
  CHECK(call->csa_fore_chan_attrs.ca_maxrequests == 64);
  CHECK(call->csa_fore_chan_attrs.ca_rdma_ird.empty());
  CHECK(call->csa_back_chan_attrs.ca_headerpadsize == 4);
  REQUIRE(call->csa_back_chan_attrs.ca_rdma_ird.size() == 1);
  CHECK(call->csa_cb_program == 0x40000000);
  REQUIRE(call->csa_sec_parms.size() == 3);
  CHECK(call->csa_sec_parms[0].cb_secflavor == rpc::AuthFlavor::None);
  CHECK(call->csa_sec_parms[1].cbsp_sys_cred.machinename.view() == "ho");
  CHECK(call->csa_sec_parms[1].cbsp_sys_cred.uid == 1000);
  CHECK(call->csa_sec_parms[2].cbsp_gss_handles.gcbp_service == rpc_gss_svc_t::RPC_GSS_SVC_PRIVACY);
  CHECK(hex_of(call->csa_sec_parms[2].cbsp_gss_handles.gcbp_handle_from_client) == "d1");
  CHECK(Golden4<CREATE_SESSION4args>(before + " 00000008" + std::string(64, '0'))->csa_sec_parms.size() == 8);
  CHECK(refused<CREATE_SESSION4args>(before + " 00000009" + std::string(72, '0')));

  const Golden4<CREATE_SESSION4res> reply("00000000 " + sessionid_hex + " 00000001 00000002 " + fore_hex + back_hex);
  CHECK(hex_of(reply->resok4.csr_sessionid) == "00112233445566778899aabbccddeeff");
  CHECK(reply->resok4.csr_sequence == 1);
  CHECK(reply->resok4.csr_flags == CREATE_SESSION4_FLAG_CONN_BACK_CHAN);
  CHECK(reply->resok4.csr_back_chan_attrs.ca_maxrequests == 16);
}

TEST_CASE("NFSv4.1: SEQUENCE", "[nfs4]") {
  // RFC 5662, SEQUENCE4args: sessionid, sequenceid, slotid, highest_slotid, cachethis.
  const Golden4<SEQUENCE4args> call(sessionid_hex + " 00000007 00000002 00000003 00000001");
  CHECK(hex_of(call->sa_sessionid) == "00112233445566778899aabbccddeeff");
  CHECK(call->sa_sequenceid == 7);
  CHECK(call->sa_slotid == 2);
  CHECK(call->sa_highest_slotid == 3);
  CHECK(call->sa_cachethis);
  // SEQUENCE4resok: sessionid, sequenceid, slotid, highest_slotid, target_highest_slotid, status_flags.
  const Golden4<SEQUENCE4res> reply("00000000 " + sessionid_hex + " 00000007 00000002 0000003f 0000001f 00000201");
  CHECK(reply->resok4.sr_slotid == 2);
  CHECK(reply->resok4.sr_highest_slotid == 63);
  CHECK(reply->resok4.sr_target_highest_slotid == 31);
  CHECK(reply->resok4.sr_status_flags == (SEQ4_STATUS_CB_PATH_DOWN | SEQ4_STATUS_CB_PATH_DOWN_SESSION));
  CHECK(Golden4<SEQUENCE4res>("00002744")->status == nfsstat4::NFS4ERR_BADSESSION);
}

TEST_CASE("NFSv4.1: BIND_CONN_TO_SESSION has the directions of RFC 8881 and no other", "[nfs4]") {
  const Golden4<BIND_CONN_TO_SESSION4args> call(sessionid_hex + " 00000007 00000000");
  CHECK(call->bctsa_dir == channel_dir_from_client4::CDFC4_BACK_OR_BOTH);
  CHECK(refused<BIND_CONN_TO_SESSION4args>(sessionid_hex + " 00000004 00000000"));
  const Golden4<BIND_CONN_TO_SESSION4res> reply("00000000 " + sessionid_hex + " 00000003 00000000");
  CHECK(reply->resok4.bctsr_dir == channel_dir_from_server4::CDFS4_BOTH);
}

TEST_CASE("NFSv4.1: LAYOUTCOMMIT and LAYOUTRETURN are decoded past", "[nfs4]") {
  // RFC 5662, LAYOUTCOMMIT4args: offset, length, reclaim, stateid, newoffset4, newtime4, layoutupdate4 {type, body<>}.
  const Golden4<LAYOUTCOMMIT4args> commit("0000000000000000 0000000000001000 00000000 " + stateid_hex +
                                          " 00000001 0000000000000fff  00000000  00000001 00000002 b1b2 0000");
  CHECK(commit->loca_last_write_offset == 4095u);
  CHECK(!commit->loca_time_modify);
  CHECK(hex_of(commit->loca_layoutupdate.lou_body) == "b1b2");
  // LAYOUTRETURN4args: reclaim, layout_type, iomode, layoutreturn4: FILE has {offset, length, stateid, body<>}.
  const Golden4<LAYOUTRETURN4args> file("00000000 00000001 00000003 00000001 0000000000000000 ffffffffffffffff " +
                                        stateid_hex + " 00000000");
  CHECK(file->lora_layoutreturn.lr_layout.lrf_length == NFS4_UINT64_MAX);
  const Golden4<LAYOUTRETURN4args> all("00000000 00000001 00000003 00000003");
  CHECK(all->lora_layoutreturn.lr_returntype == layoutreturn_type4::LAYOUTRETURN4_ALL);
}

TEST_CASE("NFSv4.1: CB_COMPOUND with CB_SEQUENCE and CB_RECALL", "[nfs4]") {
  // RFC 5662, CB_COMPOUND4args: tag, minorversion, callback_ident, argarray<>. CB_SEQUENCE4args: sessionid, sequenceid,
  // slotid, highest_slotid, cachethis, referring_call_lists<> of {sessionid, calls<> of {sequenceid, slotid}}.
  // CB_RECALL4args: stateid, truncate, fh.
  CB_SEQUENCE4args sequence;
  const auto session = hex_bytes(sessionid_hex);
  std::ranges::copy(session, sequence.csa_sessionid.begin());
  sequence.csa_sequenceid = 4;
  sequence.csa_highest_slotid = 1;
  auto& referring = sequence.csa_referring_call_lists.emplace_back();
  referring.rcl_sessionid = sequence.csa_sessionid;
  referring.rcl_referring_calls.push_back({.rc_sequenceid = 7, .rc_slotid = 2});
  const Golden4<stateid4> stateid(stateid_hex);
  const CB_RECALL4args recall{.stateid = *stateid, .truncate = true, .fh = nfs_fh4(hex_bytes("f0f1f2f3f4f5"))};
  xdr::Writer writer;
  writer(CB_COMPOUND4args_header{.minorversion = 1, .count = 2}, nfs_cb_opnum4::OP_CB_SEQUENCE, sequence,
         nfs_cb_opnum4::OP_CB_RECALL, recall);
  CHECK(to_hex(writer.finish()) == packed("00000000 00000001 00000000 00000002"
                                          " 0000000b " +
                                          sessionid_hex +
                                          " 00000004 00000000 00000001 00000000"
                                          " 00000001 " +
                                          sessionid_hex +
                                          " 00000001 00000007 00000002"
                                          " 00000004 " +
                                          stateid_hex + " 00000001 " + fh_hex));

  // CB_SEQUENCE4resok: sessionid, sequenceid, slotid, highest_slotid, target_highest_slotid.
  const BufferChain reply = chain_of("00002711 00000000 00000002  0000000b 00000000 " + sessionid_hex +
                                     " 00000004 00000000 00000001 0000000f  00000004 00002711");
  xdr::Reader reader(reply);
  CB_COMPOUND4res_header header;
  nfs_cb_opnum4 first{}, second{};
  CB_SEQUENCE4res sequenced;
  CB_RECALL4res recalled;
  reader(header, first, sequenced, second, recalled);
  REQUIRE(reader.finish());
  CHECK(header.status == nfsstat4::NFS4ERR_BADHANDLE);
  CHECK(header.count == 2);
  CHECK(first == nfs_cb_opnum4::OP_CB_SEQUENCE);
  CHECK(sequenced.resok4.csr_sequenceid == 4);
  CHECK(sequenced.resok4.csr_highest_slotid == 1);
  CHECK(sequenced.resok4.csr_target_highest_slotid == 15);
  CHECK(second == nfs_cb_opnum4::OP_CB_RECALL);
  CHECK(recalled.status == nfsstat4::NFS4ERR_BADHANDLE);
}

TEST_CASE("NFSv4.1: what the other callbacks say", "[nfs4]") {
  // RFC 5662.
  CHECK(Golden4<CB_GETATTR4args>(fh_hex + " 00000001 00000018")->attr_request.has(3));
  CHECK(Golden4<CB_GETATTR4res>("00000000 " + fattr_hex)->resok4.obj_attributes.attrmask.has(4));
  const Golden4<CB_RECALL_ANY4args> any("00000010 00000001 00000004");
  CHECK(any->craa_objects_to_keep == 16);
  CHECK(any->craa_type_mask.has(RCA4_TYPE_MASK_DIR_DLG));
  CHECK(Golden4<CB_RECALL_SLOT4args>("00000003")->rsa_target_highest_slotid == 3);
  CHECK(Golden4<CB_WANTS_CANCELLED4args>("00000000 00000001")->cwca_resourced_wants_cancelled);
  const Golden4<CB_NOTIFY_LOCK4args> lock(fh_hex + owner_hex);
  CHECK(lock->cnla_lock_owner.clientid == golden_clientid);
  CHECK(hex_of(lock->cnla_fh) == "f0f1f2f3f4f5");

  // notify4 {mask, vals<>}; here an ADD_ENTRY, whose value is a notify_add4: no old entry, {file, attrs}, cookie<1>, no
  // previous entry, last.
  const std::string added = " 00000000 " + name_hex + " 00000000 00000000 00000001 0000000000000005 00000000 00000001 ";
  const Golden4<notify_add4> add(added);
  CHECK(add->nad_new_entry.ne_file.view() == "a.txt");
  REQUIRE(add->nad_new_entry_cookie.size() == 1);
  CHECK(add->nad_last_entry);
  const Golden4<CB_NOTIFY4args> notify(stateid_hex + fh_hex + " 00000001  00000001 00000008  0000002c " + added);
  REQUIRE(notify->cna_changes.size() == 1);
  CHECK(notify->cna_changes[0].notify_mask.has(NOTIFY4_ADD_ENTRY));
  CHECK(hex_of(notify->cna_changes[0].notify_vals) == packed(added));
}
