// NFSv4's files, names and attributes against bytes that are written by hand from the XDR (nfs4_golden.hpp), and where
// the limits are.
#include "nfs/v4/attributes.hpp"
#include "nfs/v4/messages/delegation.hpp"
#include "nfs/v4/messages/file.hpp"
#include "nfs/v4/messages/filehandles.hpp"
#include "nfs/v4/messages/locks.hpp"
#include "nfs/v4/messages/names.hpp"
#include "nfs/v4/messages/open.hpp"
#include "nfs/v4/messages/security.hpp"
#include "wire/nfs4_golden.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;

TEST_CASE("NFSv4: CREATE of each kind", "[nfs4]") {
  // RFC 7531, CREATE4args: createtype4, objname, createattrs.
  const std::string after = name_hex + fattr_hex;
  const Golden4<CREATE4args> link("00000005 00000003 742f75 00 " + after);
  CHECK(link->objtype.linkdata.view() == "t/u");
  CHECK(link->objname.view() == "a.txt");
  for (const std::string type : {"00000003", "00000004"}) {
    const Golden4<CREATE4args> device(type + " 00000008 00000001 " + after);
    CHECK(device->objtype.devdata.specdata1 == 8);
    CHECK(device->objtype.devdata.specdata2 == 1);
  }
  for (const std::string type : {"00000002", "00000006", "00000007", "00000063"}) {  // the last is for NFS4ERR_BADTYPE
    CHECK(Golden4<CREATE4args>(type + after)->createattrs.attrmask.has(FATTR4_MODE));
  }
  const Golden4<CREATE4res> made("00000000 00000001 0000000000000001 0000000000000002 00000002 00000000 00000002");
  CHECK(made->resok4.cinfo.after == 2);
  CHECK(made->resok4.attrset.has(FATTR4_MODE));
}

TEST_CASE("NFSv4: READ, WRITE and COMMIT", "[nfs4]") {
  // RFC 7531.
  const Golden4<READ4args> read(stateid_hex + " 0000000000010000 00001000");
  CHECK(read->stateid.seqid == 9);
  CHECK(read->offset == 65536);
  CHECK(read->count == 4096);
  const Golden4<READ4res> data("00000000 00000001 00000005 68656c6c6f 000000");
  CHECK(data->resok4.eof);
  CHECK(to_hex(data->resok4.data.chain) == "68656c6c6f");
  const Golden4<WRITE4args> write(stateid_hex + " 0000000000010000 00000002 00000005 68656c6c6f 000000");
  CHECK(write->stable == stable_how4::FILE_SYNC4);
  CHECK(to_hex(write->data.chain) == "68656c6c6f");
  CHECK(refused<WRITE4args>(stateid_hex + " 0000000000010000 00000003 00000000"));
  const Golden4<WRITE4res> written("00000000 00000005 00000000 " + verifier_hex);
  CHECK(written->resok4.count == 5);
  CHECK(written->resok4.committed == stable_how4::UNSTABLE4);
  CHECK(hex_of(written->resok4.writeverf) == "a1a2a3a4a5a6a7a8");
  CHECK(Golden4<COMMIT4args>("0000000000010000 00001000")->count == 4096);
}

TEST_CASE("NFSv4: attributes of a file", "[nfs4]") {
  // RFC 7531. The set that SETATTR answers is there in a failure too.
  CHECK(Golden4<GETATTR4args>("00000002 0010011a 00b0a23a")->attr_request.has(FATTR4_FILEID));
  CHECK(hex_of(Golden4<GETATTR4res>("00000000 " + fattr_hex)->resok4.obj_attributes.attr_vals) ==
        "0000000000000400000001a4");
  CHECK(Golden4<SETATTR4args>(stateid_hex + fattr_hex)->obj_attributes.attrmask.has(FATTR4_SIZE));
  const Golden4<SETATTR4res> failed("0000001e 00000001 00000010");
  CHECK(failed->status == nfsstat4::NFS4ERR_ROFS);
  CHECK(failed->attrsset.has(FATTR4_SIZE));
  CHECK(refused<SETATTR4res>("0000001e"));
  const Golden4<ACCESS4res> access("00000000 0000003f 00000003");
  CHECK(access->resok4.supported == 0x3f);
  CHECK(access->resok4.access == (ACCESS4_READ | ACCESS4_LOOKUP));
}

TEST_CASE("NFSv4: values of attributes", "[nfs4]") {
  // RFC 7531 and 5662; RFC 8275 for mode_umask4.
  CHECK(Golden4<settime4>("00000000")->set_it == time_how4::SET_TO_SERVER_TIME4);
  CHECK(Golden4<settime4>("00000001 0000000065000000 00000005")->time == nfstime4{0x65000000, 5});
  CHECK(refused<settime4>("00000002"));
  CHECK(Golden4<mode_masked4>("000001ff 00000fff")->mm_mask_bits == 0xfff);
  CHECK(Golden4<mode_umask4>("000001b6 00000012")->mu_umask == 022);
  // One location with one server, at /a.
  const Golden4<fs_locations4> locations(
      "00000000  00000001  00000001 00000002 6873 0000  00000001 00000001 61 000000");
  REQUIRE(locations->locations.size() == 1);
  CHECK(locations->locations[0].server[0].view() == "hs");
  CHECK(locations->locations[0].rootpath[0].view() == "a");
  const Golden4<nfsacl41> acl("00000001 00000001 00000001 00000043 00000006 00000004 74407a61");
  CHECK(acl->na41_flag == ACL4_AUTO_INHERIT);
  REQUIRE(acl->na41_aces.size() == 1);
  CHECK(acl->na41_aces[0].type == ACE4_ACCESS_DENIED_ACE_TYPE);
  CHECK(acl->na41_aces[0].flag == (ACE4_FILE_INHERIT_ACE | ACE4_DIRECTORY_INHERIT_ACE | ACE4_IDENTIFIER_GROUP));
  CHECK(acl->na41_aces[0].who.view() == "t@za");
}

TEST_CASE("NFSv4: READDIR's entries follow a TRUE each, up to what the budget holds", "[nfs4]") {
  // RFC 7531, READDIR4resok: cookieverf, dirlist4 {entry4 {cookie, name, attrs, *nextentry}, eof}.
  const std::string entries = " 00000001 0000000000000003 " + name_hex + fattr_hex + " 00000001 0000000000000004 " +
                              name_hex + " 00000000 00000000 ";
  const Golden4<READDIR4res> listed("00000000 " + verifier_hex + entries + " 00000000 00000001");
  CHECK(listed->resok4.reply.eof);
  std::vector<nfs_cookie4> cookies;
  xdr::ListBuilder<entry4, limits::io_bytes> builder(60);
  std::vector<bool> fitted;
  listed->resok4.reply.entries.for_each([&](const entry4& entry) {
    CHECK(entry.name.view() == "a.txt");
    cookies.push_back(entry.cookie);
    fitted.push_back(builder.add(entry));
  });
  CHECK(cookies == std::vector<nfs_cookie4>{3, 4});
  CHECK(fitted == std::vector<bool>{true, false});  // 52 and 32 bytes

  const Golden4<READDIR4args> call("0000000000000003 " + verifier_hex + " 00001000 00002000 00000001 00000008");
  CHECK(call->cookie == 3);
  CHECK(call->dircount == 4096);
  CHECK(call->maxcount == 8192);
  CHECK(call->attr_request.has(FATTR4_CHANGE));
}

TEST_CASE("NFSv4: SECINFO", "[nfs4]") {
  // RFC 7531, secinfo4: the flavor, and with RPCSEC_GSS (6) {oid<>, qop, service}.
  const Golden4<SECINFO4res> reply(
      "00000000 00000002  00000001  00000006 00000009 2a864886f712010202 000000 00000000 00000002");
  REQUIRE(reply->resok4.size() == 2);
  CHECK(reply->resok4[0].flavor == rpc::AuthFlavor::Sys);
  CHECK(hex_of(reply->resok4[1].flavor_info.oid) == "2a864886f712010202");
  CHECK(reply->resok4[1].flavor_info.service == rpc_gss_svc_t::RPC_GSS_SVC_INTEGRITY);
  CHECK(*Golden4<SECINFO_NO_NAME4args>("00000001") == secinfo_style4::SECINFO_STYLE4_PARENT);
  CHECK(refused<SECINFO_NO_NAME4args>("00000002"));
}

TEST_CASE("NFSv4: delegations that are asked for", "[nfs4]") {
  // RFC 5662.
  CHECK(Golden4<WANT_DELEGATION4args>("00000100 00000004")->wda_claim.dc_claim == open_claim_type4::CLAIM_FH);
  const Golden4<WANT_DELEGATION4args> previous("00000100 00000001 00000001");
  CHECK(previous->wda_claim.dc_delegate_type == open_delegation_type4::OPEN_DELEGATE_READ);
  CHECK(refused<WANT_DELEGATION4args>("00000100 00000000 " + name_hex));
  const Golden4<GET_DIR_DELEGATION4args> call(
      "00000001  00000001 0000001c  0000000000000001 00000000  0000000000000002 00000000  00000000  00000001 00000008");
  CHECK(call->gdda_notification_types.has(2));
  CHECK(call->gdda_dir_attr_delay == nfstime4{2, 0});
  CHECK(call->gdda_dir_attributes.has(FATTR4_CHANGE));
  const Golden4<GET_DIR_DELEGATION4res> none("00000000 00000001 00000001");
  CHECK(none->resok4.gddrnf_status == gddrnf4_status::GDD4_UNAVAIL);
  CHECK(none->resok4.gddrnf_will_signal_deleg_avail);
  const Golden4<GET_DIR_DELEGATION4res> given("00000000 00000000 " + verifier_hex + stateid_hex +
                                              " 00000001 0000000c 00000000 00000000");
  CHECK(given->resok4.gddrnf_resok4.gddr_notification.has(3));
}

TEST_CASE("NFSv4: fields beyond their limits are refused", "[nfs4]") {
  const auto zeros = [](std::size_t bytes) { return std::string(2 * bytes, '0'); };
  CHECK(Golden4<PUTFH4args>("00000080" + zeros(128))->object.size() == 128);
  CHECK(refused<PUTFH4args>("00000084" + zeros(132)));
  CHECK(Golden4<GETATTR4args>("00000008" + zeros(32))->attr_request.words.size() == 8);
  CHECK(refused<GETATTR4args>("00000041" + zeros(260)));
  CHECK(Golden4<LOOKUP4args>("00001000" + zeros(4096))->objname.size() == 4096);
  CHECK(refused<LOOKUP4args>("00001004" + zeros(4100)));
  CHECK(refused<SETATTR4args>(stateid_hex + " 00000000 00030004" + zeros(196612)));
  CHECK(refused<RELEASE_LOCKOWNER4args>(clientid_hex + " 00000404" + zeros(1028)));
  CHECK(Golden4<TEST_STATEID4args>("00000400" + zeros(16384))->ts_stateids.size() == 1024);
  CHECK(refused<TEST_STATEID4args>("00000401" + zeros(16400)));
}

TEST_CASE("NFSv4: a bitmap has a word only as far as it is needed", "[nfs4]") {
  bitmap4 set;
  CHECK(!set.has(0));
  set.set(FATTR4_MODE);
  set.set(FATTR4_SUPPORTED_ATTRS);
  CHECK(to_hex(xdr::encode(set)) == packed("00000002 00000001 00000002"));
  set.set(FATTR4_XATTR_SUPPORT);
  CHECK(to_hex(xdr::encode(set)) == packed("00000003 00000001 00000002 00040000"));
  CHECK(set.has(FATTR4_XATTR_SUPPORT));
  CHECK(!set.has(FATTR4_MODE_UMASK));
  CHECK(!set.has(4096));
}
