// What NFSv4.2 and its extensions add, against bytes that are written by hand from the XDR (nfs4_golden.hpp).
#include "nfs/v4/messages/callback.hpp"
#include "nfs/v4/messages/copy.hpp"
#include "nfs/v4/messages/layouts.hpp"
#include "nfs/v4/messages/sparse.hpp"
#include "nfs/v4/messages/xattrs.hpp"
#include "nfs/v4/opnum.hpp"
#include "wire/nfs4_golden.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;

TEST_CASE("NFSv4.2: the numbers of its operations", "[nfs4]") {
  // RFC 7863, nfs_opnum4; RFC 8276.
  CHECK(static_cast<std::uint32_t>(nfs_opnum4::OP_ALLOCATE) == 59);
  CHECK(static_cast<std::uint32_t>(nfs_opnum4::OP_READ_PLUS) == 68);
  CHECK(static_cast<std::uint32_t>(nfs_opnum4::OP_CLONE) == 71);
  CHECK(static_cast<std::uint32_t>(nfs_opnum4::OP_REMOVEXATTR) == 75);
}

TEST_CASE("NFSv4.2: ALLOCATE, DEALLOCATE and SEEK", "[nfs4]") {
  // RFC 7863.
  const Golden4<ALLOCATE4args> allocate(stateid_hex + " 0000000000010000 0000000000001000");
  CHECK(allocate->aa_stateid.seqid == 9);
  CHECK(allocate->aa_offset == 65536);
  CHECK(allocate->aa_length == 4096);
  CHECK(Golden4<DEALLOCATE4args>(stateid_hex + " 0000000000000001 ffffffffffffffff")->da_length == NFS4_UINT64_MAX);
  const Golden4<SEEK4args> seek(stateid_hex + " 0000000000010000 00000001");
  CHECK(seek->sa_what == data_content4::NFS4_CONTENT_HOLE);
  CHECK(Golden4<SEEK4args>(stateid_hex + " 0000000000010000 00000007")->sa_what == data_content4{7});
  const Golden4<SEEK4res> found("00000000 00000001 0000000000020000");
  CHECK(found->resok4.sr_eof);
  CHECK(found->resok4.sr_offset == 131072);
  CHECK(Golden4<SEEK4res>("00000006")->status == nfsstat4::NFS4ERR_NXIO);
}

TEST_CASE("NFSv4.2: READ_PLUS, data and holes", "[nfs4]") {
  // RFC 7863: rpr_eof, how many pieces; data has an offset and bytes, a hole an offset and a length of 64 bits.
  CHECK(Golden4<READ_PLUS4args>(stateid_hex + " 0000000000010000 00001000")->rpa_count == 4096);
  const Golden4<READ_PLUS4res> data("00000000 00000001 00000001 00000000 0000000000010000 00000005 68656c6c6f 000000");
  CHECK(data->resok4.rpr_eof);
  REQUIRE(data->resok4.rpr_contents.size() == 1);
  CHECK(data->resok4.rpr_contents[0].rpc_data.d_offset == 65536);
  CHECK(to_hex(data->resok4.rpr_contents[0].rpc_data.d_data.chain) == "68656c6c6f");
  const Golden4<READ_PLUS4res> hole("00000000 00000000 00000001 00000001 0000000000010000 0000000000001000");
  CHECK_FALSE(hole->resok4.rpr_eof);
  CHECK(hole->resok4.rpr_contents[0].rpc_hole.di_length == 4096);
  const Golden4<READ_PLUS4res> both(
      "00000000 00000001 00000002 00000000 0000000000010000 00000001 68000000 00000001 0000000000010001 "
      "0000000000000fff");
  REQUIRE(both->resok4.rpr_contents.size() == 2);
  CHECK(both->resok4.rpr_contents[1].rpc_hole.di_offset == 65537);
  CHECK(Golden4<READ_PLUS4res>("00000000 00000001 00000000")->resok4.rpr_contents.empty());
  CHECK(refused<READ_PLUS4res>("00000000 00000000 00000001 00000002 0000000000010000 0000000000001000"));
}

TEST_CASE("NFSv4.2: IO_ADVISE", "[nfs4]") {
  CHECK(
      Golden4<IO_ADVISE4args>(stateid_hex + " 0000000000000000 0000000000000000 00000001 00000012")->iaa_hints.has(4));
  CHECK(Golden4<IO_ADVISE4res>("00000000 00000000")->resok4.ior_hints.words.empty());
}

TEST_CASE("NFSv4.2: extended attributes", "[nfs4]") {
  // RFC 8276, 8.4.
  CHECK(Golden4<GETXATTR4args>("00000004 6e616d65")->gxa_name.view() == "name");
  CHECK(Golden4<GETXATTR4res>("00000000 00000003 76616c 00")->resok4.gxr_value.size() == 3);
  CHECK(Golden4<GETXATTR4res>("0000276f")->status == nfsstat4::NFS4ERR_NOXATTR);
  const Golden4<SETXATTR4args> set("00000001 00000004 6e616d65 00000003 76616c 00");
  CHECK(set->sxa_option == setxattr_option4::SETXATTR4_CREATE);
  CHECK(set->sxa_key.view() == "name");
  CHECK(refused<SETXATTR4args>("00000003 00000004 6e616d65 00000003 76616c 00"));
  CHECK(Golden4<SETXATTR4res>("00000000 00000001 0000000000000001 0000000000000002")->resok4.sxr_info.after == 2);
  CHECK(Golden4<SETXATTR4res>("00002770")->status == nfsstat4::NFS4ERR_XATTR2BIG);
  const Golden4<LISTXATTRS4args> list("0000000000000007 00001000");
  CHECK(list->lxa_cookie == 7);
  CHECK(list->lxa_maxcount == 4096);
  const Golden4<LISTXATTRS4res> listed(
      "00000000 0000000000000009 00000002 00000001 61 000000 00000002 6262 0000 00000001");
  CHECK(listed->resok4.lxr_cookie == 9);
  REQUIRE(listed->resok4.lxr_names.size() == 2);
  CHECK(listed->resok4.lxr_names[1].view() == "bb");
  CHECK(listed->resok4.lxr_eof);
  CHECK(Golden4<REMOVEXATTR4args>("00000004 6e616d65")->rxa_name.view() == "name");
  CHECK(Golden4<REMOVEXATTR4res>("00000000 00000001 0000000000000001 0000000000000002")->resok4.rxr_info.before == 1);
}

TEST_CASE("NFSv4.2: copies that go on by themselves", "[nfs4]") {
  // RFC 7863. A COPY that was begun: write_response4 {callback_id<1>, count, committed, verifier}, consecutive,
  // synchronous.
  const std::string response = " 00000001 " + stateid_hex + " 0000000000000000 00000000 0102030405060708 ";
  const Golden4<COPY4res> begun("00000000 " + response + " 00000001 00000000");
  REQUIRE(begun->resok4.cr_response.wr_callback_id.size() == 1);
  CHECK(begun->resok4.cr_response.wr_callback_id[0].seqid == 9);
  CHECK_FALSE(begun->resok4.cr_requirements.cr_synchronous);
  CHECK(Golden4<OFFLOAD_CANCEL4args>(stateid_hex)->oca_stateid.seqid == 9);
  CHECK(Golden4<OFFLOAD_STATUS4res>("00000000 0000000000001000 00000000")->resok4.osr_complete.empty());
  const Golden4<OFFLOAD_STATUS4res> over("00000000 0000000000001000 00000001 0000001c");
  CHECK(over->resok4.osr_count == 4096);
  CHECK(over->resok4.osr_complete[0] == nfsstat4::NFS4ERR_NOSPC);
  CHECK(Golden4<OFFLOAD_STATUS4res>("00002729")->status == nfsstat4::NFS4ERR_BAD_STATEID);
  CHECK(refused<OFFLOAD_STATUS4res>("00000000 0000000000001000 00000002 00000000 00000000"));

  // CB_OFFLOAD4args: filehandle, stateid, status, and then either a write_response4 or how many bytes.
  const std::string file = " 00000006 f0f1f2f3f4f5 0000 ";
  const Golden4<CB_OFFLOAD4args> done(file + stateid_hex +
                                      " 00000000 00000000 0000000000001000 00000002 0102030405060708");
  CHECK(done->coa_stateid.seqid == 9);
  CHECK(done->coa_offload_info.coa_resok4.wr_count == 4096);
  CHECK(done->coa_offload_info.coa_resok4.wr_committed == stable_how4::FILE_SYNC4);
  const Golden4<CB_OFFLOAD4args> failed(file + stateid_hex + " 0000001c 0000000000000800");
  CHECK(failed->coa_offload_info.coa_status == nfsstat4::NFS4ERR_NOSPC);
  CHECK(failed->coa_offload_info.coa_bytes_copied == 2048);
}

TEST_CASE("NFSv4.2: what is only decoded", "[nfs4]") {
  // RFC 7863.
  const Golden4<COPY4args> copy(stateid_hex + stateid_hex +
                                " 0000000000000001 0000000000000002 0000000000000003 00000001 00000000 00000001"
                                " 00000003 00000003 746370 00 00000001 61 000000");
  CHECK(copy->ca_count == 3);
  REQUIRE(copy->ca_source_server.size() == 1);
  CHECK(copy->ca_source_server[0].nl_addr.na_r_netid.view() == "tcp");
  CHECK(
      Golden4<COPY_NOTIFY4args>(stateid_hex + " 00000002 00000001 75 000000")->cna_destination_server.nl_name.view() ==
      "u");
  CHECK(refused<COPY_NOTIFY4args>(stateid_hex + " 00000004 00000001 75 000000"));
  CHECK(Golden4<CLONE4args>(stateid_hex + stateid_hex + " 0000000000000001 0000000000000002 0000000000000003")
            ->cl_count == 3);
  const Golden4<COPY4res> copied("00000000 00000000 0000000000001000 00000002 0102030405060708 00000001 00000001");
  CHECK(copied->resok4.cr_response.wr_count == 4096);
  CHECK(copied->resok4.cr_response.wr_callback_id.empty());
  CHECK(copied->resok4.cr_response.wr_committed == stable_how4::FILE_SYNC4);
  CHECK(copied->resok4.cr_requirements.cr_synchronous);
  const Golden4<WRITE_SAME4args> same(stateid_hex +
                                      " 00000002 0000000000000001 0000000000000002 0000000000000003 0000000000000004"
                                      " 00000005 0000000000000006 00000002 7070 0000");
  CHECK(same->wsa_adb.adb_block_num == 5);
  CHECK(same->wsa_adb.adb_pattern.size() == 2);
  const std::string device(32, '1');
  const Golden4<LAYOUTERROR4args> error("0000000000000001 0000000000000002 " + stateid_hex + " 00000001 " + device +
                                        " 00000005 00000026");
  CHECK(error->lea_errors[0].de_opnum == nfs_opnum4::OP_WRITE);
  const Golden4<LAYOUTSTATS4args> stats("0000000000000001 0000000000000002 " + stateid_hex +
                                        " 0000000000000003 0000000000000004 0000000000000005 0000000000000006 " +
                                        device + " 00000001 00000000");
  CHECK(stats->lsa_write.ii_bytes == 6);
}
