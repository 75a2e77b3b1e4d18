// The lock manager's and the status monitor's messages against bytes written by hand from the XDR of XNFS, chapters 10,
// 11 and 14.
#include <catch2/catch.hpp>
#include <initializer_list>
#include <list>
#include <string>

#include "nfs/nlm/types.hpp"
#include "nfs/nsm/types.hpp"
#include "wire/golden.hpp"
#include "wire/xdr.hpp"

using namespace ditto;
using namespace ditto::nlm;

namespace {

template <class T>
T read(std::string_view hex) {
  static std::list<BufferChain> kept;  // what is read shows its bytes
  const BufferChain& chain = kept.emplace_back(Buffer::copy_of(test::hex_bytes(hex)));
  auto value = xdr::decode<T>(chain);
  REQUIRE(value);
  CHECK(xdr::encode(*value) == chain);
  return *std::move(value);
}

std::string_view text(const netobj& object) { return text_of(object.bytes()); }

// cookie "abcd", name "host", handle "fh", owner "o1", svid 7
constexpr std::string_view cookie = "00000004 61626364";
constexpr std::string_view head = "00000004 686f7374 00000002 66680000 00000002 6f310000 00000007";

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (const std::string_view part : parts) (all += part) += ' ';
  return all;
}

}  // namespace

TEST_CASE("NLM_LOCK has 32-bit offsets, and NLM4_LOCK 64-bit ones", "[nlm]") {
  const auto old =
      read<nlm_lockargs>(joined({cookie, "00000001 00000000", head, "00000010 00000020", "00000001 00000005"}));
  CHECK(text(old.cookie) == "abcd");
  CHECK(old.block);
  CHECK_FALSE(old.exclusive);
  CHECK(old.alock.caller_name.view() == "host");
  CHECK(text(old.alock.fh) == "fh");
  CHECK(text(old.alock.oh) == "o1");
  CHECK(old.alock.svid == 7);
  CHECK(old.alock.l_offset == 16);
  CHECK(old.alock.l_len == 32);
  CHECK(old.reclaim);
  CHECK(old.state == 5);
  const auto now = read<nlm4_lockargs>(
      joined({cookie, "00000000 00000001", head, "0000000100000010 0000000000000020", "00000000 00000007"}));
  CHECK(now.exclusive);
  CHECK(now.alock.l_offset == 0x1'0000'0010);
  CHECK(now.alock.l_len == 32);
  CHECK(now.state == 7);
}

TEST_CASE("NLM4_TEST, CANCEL and UNLOCK differ in what is before the lock", "[nlm]") {
  constexpr std::string_view range = "0000000000000001 ffffffffffffffff";
  CHECK(read<nlm4_testargs>(joined({cookie, "00000001", head, range})).exclusive);
  const auto cancel = read<nlm4_cancargs>(joined({cookie, "00000000 00000001", head, range}));
  CHECK_FALSE(cancel.block);
  CHECK(cancel.exclusive);
  CHECK(read<nlm4_unlockargs>(joined({cookie, head, range})).alock.l_len == 0xffff'ffff'ffff'ffff);
}

TEST_CASE("NLM_TEST's answer names the holder only when the lock is denied", "[nlm]") {
  const auto denied = read<nlm4_testres>(
      joined({cookie, "00000001 00000001 ffffffff 00000001 78000000 0000000000000002 0000000000000000"}));
  CHECK(denied.stat.stat == nlm4_stats::NLM4_DENIED);
  CHECK(denied.stat.holder.exclusive);
  CHECK(denied.stat.holder.svid == -1);
  CHECK(text(denied.stat.holder.oh) == "x");
  CHECK(denied.stat.holder.l_offset == 2);
  const auto old = read<nlm_testres>(joined({cookie, "00000001 00000000 00000001 00000000 00000002 00000003"}));
  CHECK(old.stat.holder.l_len == 3);
  CHECK(read<nlm4_testres>(joined({cookie, "00000000"})).stat.stat == nlm4_stats::NLM4_GRANTED);
  CHECK(read<nlm4_res>(joined({cookie, "00000009"})).stat == nlm4_stats::NLM4_FAILED);
}

TEST_CASE("NLM_SHARE and NLM_FREE_ALL", "[nlm]") {
  const auto share = read<nlm4_shareargs>(
      joined({cookie, "00000004 686f7374 00000002 66680000 00000002 6f310000 00000003 00000001 00000001"}));
  CHECK(share.share.mode == fsh4_mode::fsm_DRW);
  CHECK(share.share.access == fsh4_access::fsa_R);
  CHECK(share.reclaim);
  CHECK(read<nlm4_shareres>(joined({cookie, "00000003 00000000"})).stat == nlm4_stats::NLM4_BLOCKED);
  CHECK(read<nlm4_notify>("00000004 686f7374 00000003").state == 3);
}

TEST_CASE("the status monitor's messages", "[nsm]") {
  const auto mon =
      read<nsm::mon>("00000004 686f7374 00000002 6d650000 000186b5 00000004 00000010 000102030405060708090a0b0c0d0e0f");
  CHECK(mon.mon_id.mon_name.view() == "host");
  CHECK(mon.mon_id.my_id.my_name.view() == "me");
  CHECK(mon.mon_id.my_id.my_prog == 100021);
  CHECK(mon.mon_id.my_id.my_vers == 4);
  CHECK(mon.mon_id.my_id.my_proc == 16);
  CHECK(mon.priv[15] == std::byte{15});
  CHECK(read<nsm::stat_chge>("00000004 686f7374 00000005").state == 5);
  const auto result = read<nsm::sm_stat_res>("00000001 00000003");
  CHECK(result.res_stat == nsm::res::stat_fail);
  CHECK(result.state == 3);
}
