// NFSv4's clients, opens and locks against bytes that are written by hand from the XDR (nfs4_golden.hpp).
#include "wire/nfs4_golden.hpp"
#include "nfs/v4/attributes.hpp"
#include "nfs/v4/compound_header.hpp"
#include "nfs/v4/messages/client.hpp"
#include "nfs/v4/messages/locks.hpp"
#include "nfs/v4/messages/open.hpp"
#include "nfs/v4/opnum.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;

namespace {

const std::string netaddr_hex =  // "tcp", "192.0.2.7.3.232"
    " 00000003 746370 00  0000000f 3139322e302e322e372e332e323332 00 ";

// seqid, share_access BOTH, share_deny NONE, owner.
const std::string open_hex = " 00000005 00000003 00000000 " + owner_hex;
const std::string nocreate_hex = " 00000000 ", claim_null_hex = " 00000000 " + name_hex;

}  // namespace

TEST_CASE("NFSv4: COMPOUND's header ends with the count, and operations follow", "[nfs4]") {
  // RFC 7531, COMPOUND4args and COMPOUND4res. argop4 is the number of the operation; PUTROOTFH has no arguments.
  const BufferChain call = chain_of("00000003 616263 00  00000001  00000002  00000018  0000000a");
  xdr::Reader reader(call);
  COMPOUND4args_header header;
  nfs_opnum4 first{}, second{};
  reader(header, first, second);
  REQUIRE(reader.finish());
  CHECK(header.tag.view() == "abc");
  CHECK(header.minorversion == 1);
  CHECK(header.count == 2);
  CHECK(first == nfs_opnum4::OP_PUTROOTFH);
  CHECK(second == nfs_opnum4::OP_GETFH);

  const Golden4<COMPOUND4res_header> reply("00002734  00000003 616263 00  00000001");
  CHECK(reply->status == nfsstat4::NFS4ERR_BADXDR);
  CHECK(reply->tag.view() == "abc");
  CHECK(reply->count == 1);
}

TEST_CASE("NFSv4: SETCLIENTID", "[nfs4]") {
  // RFC 7531, SETCLIENTID4args: nfs_client_id4 {verifier, id<>}, cb_client4 {program, netaddr4}, callback_ident.
  const Golden4<SETCLIENTID4args> call(verifier_hex + " 00000008 636c69656e742d31  40000000 " + netaddr_hex +
                                       " 00000007");
  CHECK(hex_of(call->client.verifier) == "a1a2a3a4a5a6a7a8");
  CHECK(text_of(call->client.id.bytes()) == "client-1");
  CHECK(call->callback.cb_program == 0x40000000);
  CHECK(call->callback.cb_location.na_r_netid.view() == "tcp");
  CHECK(call->callback.cb_location.na_r_addr.view() == "192.0.2.7.3.232");
  CHECK(call->callback_ident == 7);

  const Golden4<SETCLIENTID4res> made("00000000 " + clientid_hex + verifier_hex);
  CHECK(made->resok4.clientid == golden_clientid);
  CHECK(hex_of(made->resok4.setclientid_confirm) == "a1a2a3a4a5a6a7a8");
  const Golden4<SETCLIENTID4res> used("00002721 " + netaddr_hex);
  CHECK(used->status == nfsstat4::NFS4ERR_CLID_INUSE);
  CHECK(used->client_using.na_r_netid.view() == "tcp");
  CHECK(Golden4<SETCLIENTID4res>("00002718")->status == nfsstat4::NFS4ERR_DELAY);
}

TEST_CASE("NFSv4: OPEN with each way to create", "[nfs4]") {
  // RFC 7863, OPEN4args: seqid, share_access, share_deny, open_owner4, openflag4, open_claim4.
  const Golden4<OPEN4args> plain(open_hex + nocreate_hex + claim_null_hex);
  CHECK(plain->seqid == 5);
  CHECK(plain->share_access == OPEN4_SHARE_ACCESS_BOTH);
  CHECK(plain->share_deny == OPEN4_SHARE_DENY_NONE);
  CHECK(plain->owner.clientid == golden_clientid);
  CHECK(text_of(plain->owner.owner.bytes()) == "own");
  CHECK(plain->openhow.opentype == opentype4::OPEN4_NOCREATE);

  for (const std::string mode : {" 00000000 ", " 00000001 "}) {
    const Golden4<OPEN4args> created(open_hex + " 00000001 " + mode + fattr_hex + claim_null_hex);
    const bool guarded = mode == " 00000001 ";
    CHECK(created->openhow.opentype == opentype4::OPEN4_CREATE);
    CHECK(created->openhow.how.mode == (guarded ? createmode4::GUARDED4 : createmode4::UNCHECKED4));
    CHECK(created->openhow.how.createattrs.attrmask.has(FATTR4_SIZE));
    CHECK(created->openhow.how.createattrs.attrmask.has(FATTR4_MODE));
    CHECK(!created->openhow.how.createattrs.attrmask.has(FATTR4_OWNER));
    CHECK(hex_of(created->openhow.how.createattrs.attr_vals) == "0000000000000400000001a4");
    CHECK(created->claim.file.view() == "a.txt");
  }
  const Golden4<OPEN4args> exclusive(open_hex + " 00000001 00000002 " + verifier_hex + claim_null_hex);
  CHECK(exclusive->openhow.how.mode == createmode4::EXCLUSIVE4);
  CHECK(hex_of(exclusive->openhow.how.createverf) == "a1a2a3a4a5a6a7a8");
  const Golden4<OPEN4args> both(open_hex + " 00000001 00000003 " + verifier_hex + fattr_hex + claim_null_hex);
  CHECK(both->openhow.how.mode == createmode4::EXCLUSIVE4_1);
  CHECK(hex_of(both->openhow.how.ch_createboth.cva_verf) == "a1a2a3a4a5a6a7a8");
  CHECK(both->openhow.how.ch_createboth.cva_attrs.attrmask.has(FATTR4_MODE));

  CHECK(refused<OPEN4args>(open_hex + " 00000001 00000004 " + verifier_hex + claim_null_hex));
  CHECK(refused<OPEN4args>(open_hex + " 00000002 " + claim_null_hex));
}

TEST_CASE("NFSv4: OPEN with each claim", "[nfs4]") {
  // RFC 7863, open_claim4.
  const std::string before = open_hex + nocreate_hex;
  const Golden4<OPEN4args> null(before + claim_null_hex);
  CHECK(null->claim.claim == open_claim_type4::CLAIM_NULL);
  CHECK(null->claim.file.view() == "a.txt");
  const Golden4<OPEN4args> previous(before + " 00000001 00000002");
  CHECK(previous->claim.claim == open_claim_type4::CLAIM_PREVIOUS);
  CHECK(previous->claim.delegate_type == open_delegation_type4::OPEN_DELEGATE_WRITE);
  const Golden4<OPEN4args> current(before + " 00000002 " + stateid_hex + name_hex);
  CHECK(current->claim.claim == open_claim_type4::CLAIM_DELEGATE_CUR);
  CHECK(current->claim.delegate_cur_info.delegate_stateid.seqid == 9);
  CHECK(hex_of(current->claim.delegate_cur_info.delegate_stateid.other) == "0102030405060708090a0b0c");
  CHECK(current->claim.delegate_cur_info.file.view() == "a.txt");
  const Golden4<OPEN4args> earlier(before + " 00000003 " + name_hex);
  CHECK(earlier->claim.claim == open_claim_type4::CLAIM_DELEGATE_PREV);
  CHECK(earlier->claim.file_delegate_prev.view() == "a.txt");
  CHECK(Golden4<OPEN4args>(before + " 00000004")->claim.claim == open_claim_type4::CLAIM_FH);
  const Golden4<OPEN4args> current_fh(before + " 00000005 " + stateid_hex);
  CHECK(current_fh->claim.claim == open_claim_type4::CLAIM_DELEG_CUR_FH);
  CHECK(current_fh->claim.oc_delegate_stateid.seqid == 9);
  CHECK(Golden4<OPEN4args>(before + " 00000006")->claim.claim == open_claim_type4::CLAIM_DELEG_PREV_FH);

  CHECK(refused<OPEN4args>(before + " 00000007"));
  CHECK(refused<OPEN4args>(before + " 00000001 00000004"));
}

TEST_CASE("NFSv4: OPEN's result with each delegation", "[nfs4]") {
  // RFC 7863, OPEN4resok: stateid, change_info4 {atomic, before, after}, rflags, attrset, open_delegation4.
  const std::string before =
      "00000000 " + stateid_hex + " 00000001 0000000000000010 0000000000000011  00000024  00000002 00000000 00000002 ";
  // nfsace4: allowed, no flags, READ_DATA, "EVERYONE@".
  const std::string ace = " 00000000 00000000 00000001 00000009 45564552594f4e4540 000000 ";
  const Golden4<OPEN4res> none(before + " 00000000");
  CHECK(none->resok4.stateid.seqid == 9);
  CHECK(none->resok4.cinfo.atomic);
  CHECK(none->resok4.cinfo.before == 16);
  CHECK(none->resok4.cinfo.after == 17);
  CHECK(none->resok4.rflags == (OPEN4_RESULT_LOCKTYPE_POSIX | OPEN4_RESULT_MAY_NOTIFY_LOCK));
  CHECK(none->resok4.attrset.has(FATTR4_MODE));
  const Golden4<OPEN4res> read(before + " 00000001 " + stateid_hex + " 00000001 " + ace);
  CHECK(read->resok4.delegation.read.recall);
  CHECK(read->resok4.delegation.read.permissions.who.view() == "EVERYONE@");
  CHECK(read->resok4.delegation.read.permissions.access_mask == ACE4_READ_DATA);
  const Golden4<OPEN4res> size(before + " 00000002 " + stateid_hex + " 00000000 00000001 0000000000001000 " + ace);
  CHECK(size->resok4.delegation.write.space_limit.filesize == 4096);
  const Golden4<OPEN4res> blocks(before + " 00000002 " + stateid_hex + " 00000000 00000002 00000003 00000200 " + ace);
  CHECK(blocks->resok4.delegation.write.space_limit.mod_blocks.num_blocks == 3);
  CHECK(blocks->resok4.delegation.write.space_limit.mod_blocks.bytes_per_block == 512);
  const Golden4<OPEN4res> contention(before + " 00000003 00000001 00000001");
  CHECK(contention->resok4.delegation.od_whynone.ond_server_will_push_deleg);
  const Golden4<OPEN4res> resource(before + " 00000003 00000002 00000001");
  CHECK(resource->resok4.delegation.od_whynone.ond_server_will_signal_avail);
  const Golden4<OPEN4res> unwanted(before + " 00000003 00000000");
  CHECK(unwanted->resok4.delegation.od_whynone.ond_why == why_no_delegation4::WND4_NOT_WANTED);
}

TEST_CASE("NFSv4: OPEN_CONFIRM, OPEN_DOWNGRADE and CLOSE disagree on where the seqid is", "[nfs4]") {
  // RFC 7531.
  const Golden4<OPEN_CONFIRM4args> confirm(stateid_hex + " 00000007");
  CHECK(confirm->open_stateid.seqid == 9);
  CHECK(confirm->seqid == 7);
  const Golden4<OPEN_DOWNGRADE4args> downgrade(stateid_hex + " 00000007 00000001 00000002");
  CHECK(downgrade->open_stateid.seqid == 9);
  CHECK(downgrade->seqid == 7);
  CHECK(downgrade->share_access == OPEN4_SHARE_ACCESS_READ);
  CHECK(downgrade->share_deny == OPEN4_SHARE_DENY_WRITE);
  const Golden4<CLOSE4args> close("00000007 " + stateid_hex);
  CHECK(close->seqid == 7);
  CHECK(close->open_stateid.seqid == 9);
  CHECK(Golden4<CLOSE4res>("00000000 " + stateid_hex)->resok4.seqid == 9);
  CHECK(Golden4<CLOSE4res>("00002735")->status == nfsstat4::NFS4ERR_LOCKS_HELD);
}

TEST_CASE("NFSv4: LOCK by a new owner and by one that exists", "[nfs4]") {
  // RFC 7531, LOCK4args: locktype WRITE_LT, reclaim, offset, length to the end, locker4.
  const std::string before = "00000002 00000000 0000000000001000 ffffffffffffffff ";
  const Golden4<LOCK4args> fresh(before + " 00000001  00000005 " + stateid_hex + " 00000006 " + owner_hex);
  CHECK(fresh->locktype == nfs_lock_type4::WRITE_LT);
  CHECK(!fresh->reclaim);
  CHECK(fresh->offset == 4096);
  CHECK(fresh->length == NFS4_UINT64_MAX);
  CHECK(fresh->locker.new_lock_owner);
  CHECK(fresh->locker.open_owner.open_seqid == 5);
  CHECK(fresh->locker.open_owner.open_stateid.seqid == 9);
  CHECK(fresh->locker.open_owner.lock_seqid == 6);
  CHECK(text_of(fresh->locker.open_owner.lock_owner.owner.bytes()) == "own");
  const Golden4<LOCK4args> known(before + " 00000000 " + stateid_hex + " 00000008");
  CHECK(!known->locker.new_lock_owner);
  CHECK(known->locker.lock_owner.lock_stateid.seqid == 9);
  CHECK(known->locker.lock_owner.lock_seqid == 8);
  CHECK(
      refused<LOCK4args>("00000005 00000000 0000000000001000 ffffffffffffffff 00000000 " + stateid_hex + " 00000008"));

  // LOCK4denied: offset, length, locktype, owner.
  const std::string denied = "0000271a 0000000000000001 0000000000000002 00000001 " + owner_hex;
  const Golden4<LOCK4res> conflict(denied);
  CHECK(conflict->status == nfsstat4::NFS4ERR_DENIED);
  CHECK(conflict->denied.offset == 1);
  CHECK(conflict->denied.length == 2);
  CHECK(conflict->denied.locktype == nfs_lock_type4::READ_LT);
  CHECK(conflict->denied.owner.clientid == golden_clientid);
  CHECK(Golden4<LOCK4res>("00000000 " + stateid_hex)->resok4.lock_stateid.seqid == 9);
  CHECK(Golden4<LOCKT4res>(denied)->denied.length == 2);
  CHECK(Golden4<LOCKT4res>("00000000")->status == nfsstat4::NFS4_OK);
  const Golden4<LOCKT4args> test("00000001 0000000000000001 0000000000000002 " + owner_hex);
  CHECK(test->length == 2);
  CHECK(text_of(test->owner.owner.bytes()) == "own");
  const Golden4<LOCKU4args> unlock("00000002 00000007 " + stateid_hex + " 0000000000000001 0000000000000002");
  CHECK(unlock->seqid == 7);
  CHECK(unlock->offset == 1);
  const Golden4<TEST_STATEID4args> states("00000002 " + stateid_hex + stateid_hex);
  CHECK(states->ts_stateids.size() == 2);
}
