// Every way in which a call can be answered, byte for byte as RFC 5531, 9 has it.
#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "rpc/memory_connection.hpp"
#include "wire/golden.hpp"

using namespace ditto;
using namespace ditto::test;

namespace {

/// The reply to a record of these bytes, in hexadecimal, without the mark, which is checked.
std::string answer_to(MemoryHost& host, std::string_view message) {
  MemoryConnection client(host);
  client.received(record(chain_of(message)));
  host.loop.run();
  REQUIRE(client.transport.closes == 0);
  REQUIRE(client.replies().size() == 1);
  const BufferChain& reply = client.replies().front();
  REQUIRE(word_at(reply, 0) == (0x80000000 | (reply.size() - 4)));
  return to_hex(reply.slice(4, reply.size() - 4));
}
std::string answer_to(std::string_view message) {
  MemoryHost host;
  return answer_to(host, message);
}

/// A call's message that gets no answer but the end of the connection.
std::string end_of(std::string_view message) {
  MemoryHost host;
  MemoryConnection client(host);
  client.received(record(chain_of(message)));
  REQUIRE(client.replies().empty());
  REQUIRE(client.transport.closes == 1);
  return client.transport.close_reason;
}

const std::string none = "00000000 00000000";  // AUTH_NONE, as credential and as verifier

std::string call_of(std::string_view rest, std::string_view procedure = "00000000") {
  return "0badcafe 00000000 00000002 20000099 00000002" + std::string(procedure) + std::string(rest);
}
/// A reply that denies the credential.
std::string auth_error(std::string_view stat) {
  return packed("0badcafe 00000001 00000001 00000001" + std::string(stat));
}
const std::string accepted_prefix = "0badcafe 00000001 00000000 00000000 00000000";
std::string accepted(std::string_view rest) { return packed(accepted_prefix + std::string(rest)); }

}  // namespace

TEST_CASE("SUCCESS: an empty result, and one that follows the header") {
  CHECK(answer_to(call_of(none + none)) == accepted("00000000"));
  CHECK(answer_to(call_of(none + none + "00000005 68656c6c 6f000000", "00000001")) ==
        accepted("00000000 00000005 68656c6c 6f000000"));
}

TEST_CASE("PROG_UNAVAIL: a program that is not here") {
  CHECK(answer_to("0badcafe 00000000 00000002 2000009a 00000002 00000000" + none + none) == accepted("00000001"));
}

TEST_CASE("PROG_MISMATCH: the lowest and the highest version there are") {
  for (const std::string version : {"00000001", "00000003", "00000005", "ffffffff"}) {
    CHECK(answer_to("0badcafe 00000000 00000002 20000099" + version + "00000000" + none + none) ==
          accepted("00000002 00000002 00000004"));
  }
}

TEST_CASE("PROC_UNAVAIL: beyond the table, and a gap in it") {
  CHECK(answer_to(call_of(none + none, "0000000c")) == accepted("00000003"));
  CHECK(answer_to(call_of(none + none, "ffffffff")) == accepted("00000003"));
  CHECK(answer_to(call_of(none + none, "00000006")) == accepted("00000003"));
}

TEST_CASE("GARBAGE_ARGS: cut short, too long, followed by more") {
  CHECK(answer_to(call_of(none + none, "00000001")) == accepted("00000004"));
  CHECK(answer_to(call_of(none + none + "00000005 68656c6c", "00000001")) == accepted("00000004"));
  CHECK(answer_to(call_of(none + none + "ffffffff 68656c6c", "00000001")) == accepted("00000004"));
  CHECK(answer_to(call_of(none + none + "00000004 68656c6c 00", "00000001")) == accepted("00000004"));
  CHECK(answer_to(call_of(none + none + "00000000", "00000000")) == accepted("00000004"));
}

TEST_CASE("SYSTEM_ERR: a handler that throws, and a line for the administrator") {
  MemoryHost host;
  CHECK(answer_to(host, call_of(none + none + "00000000", "00000004")) == accepted("00000005"));
  CHECK(host.log.count(LogLevel::Error, "TOY THROW from 192.0.2.1:700 (xid 0x0badcafe) failed: toy broke") == 1);
  CHECK(answer_to(host, call_of(none + none + "00000001", "00000004")) == accepted("00000005"));
  CHECK(host.log.lines().size() == 2);
  CHECK(answer_to(host, call_of(none + none)) == accepted("00000000"));
}

TEST_CASE("RPC_MISMATCH: another version of RPC, whatever follows") {
  const std::string mismatch = packed("0badcafe 00000001 00000001 00000000 00000002 00000002");
  CHECK(answer_to("0badcafe 00000000 00000003") == mismatch);
  CHECK(answer_to("0badcafe 00000000 00000001 20000099 00000002 00000000" + none + none) == mismatch);
  CHECK(answer_to("0badcafe 00000000 00000000 ffffffff") == mismatch);
}

TEST_CASE("AUTH_SYS: names, numbers and up to 16 groups") {
  const std::string body_0 = "00000000 00000000 00000001 00000002 00000000";
  CHECK(answer_to(call_of("00000001 00000014" + body_0 + none)) == accepted("00000000"));
  const std::string name_3 = "00000000 00000003 61626300 00000001 00000002 00000001 00000007";
  CHECK(answer_to(call_of("00000001 0000001c" + name_3 + none)) == accepted("00000000"));
  std::string groups_16 = "00000000 00000000 00000001 00000002 00000010";
  for (int i = 0; i < 16; ++i) groups_16 += "00000007";
  CHECK(answer_to(call_of("00000001 00000054" + groups_16 + none)) == accepted("00000000"));
  std::string name_255 = "00000000 000000ff";
  for (int i = 0; i < 255; ++i) name_255 += "61";
  name_255 += "00 00000001 00000002 00000000";
  CHECK(answer_to(call_of("00000001 00000114" + name_255 + none)) == accepted("00000000"));
}

TEST_CASE("AUTH_BADCRED: a credential that cannot be read") {
  // Longer than 400 bytes, and longer than what is there.
  CHECK(answer_to(call_of("00000001 00000191")) == auth_error("00000001"));
  CHECK(answer_to(call_of("00000001 ffffffff" + none)) == auth_error("00000001"));
  CHECK(answer_to(call_of("00000001 00000014 00000000")) == auth_error("00000001"));
  CHECK(answer_to(call_of("00000001")) == auth_error("00000001"));
  CHECK(answer_to(call_of("")) == auth_error("00000001"));
  // AUTH_SYS: nothing, no groups, 17 groups, a machine name of 256, one that is cut off, more behind the groups.
  CHECK(answer_to(call_of("00000001 00000000" + none)) == auth_error("00000001"));
  CHECK(answer_to(call_of("00000001 00000010 00000000 00000000 00000001 00000002" + none)) == auth_error("00000001"));
  std::string groups_17 = "00000000 00000000 00000001 00000002 00000011";
  for (int i = 0; i < 17; ++i) groups_17 += "00000007";
  CHECK(answer_to(call_of("00000001 00000058" + groups_17 + none)) == auth_error("00000001"));
  std::string name_256 = "00000000 00000100";
  for (int i = 0; i < 256; ++i) name_256 += "61";
  name_256 += "00000001 00000002 00000000";
  CHECK(answer_to(call_of("00000001 00000114" + name_256 + none)) == auth_error("00000001"));
  CHECK(answer_to(call_of("00000001 00000008 00000000 00000010" + none)) == auth_error("00000001"));
  CHECK(answer_to(call_of("00000001 00000018 00000000 00000000 00000001 00000002 00000000 00000000" + none)) ==
        auth_error("00000001"));
}

TEST_CASE("AUTH_REJECTEDCRED: flavors that are not spoken here") {
  CHECK(answer_to(call_of("00000002 00000004 12345678" + none)) == auth_error("00000002"));  // AUTH_SHORT
  CHECK(answer_to(call_of("00000006 00000000" + none)) == auth_error("00000002"));           // RPCSEC_GSS
  CHECK(answer_to(call_of("00000007 00000000" + none)) == auth_error("00000002"));           // AUTH_TLS
  CHECK(answer_to(call_of("deadbeef 00000000" + none)) == auth_error("00000002"));
}

TEST_CASE("AUTH_BADVERF: a verifier that cannot be read or is not AUTH_NONE's") {
  CHECK(answer_to(call_of(none)) == auth_error("00000003"));
  CHECK(answer_to(call_of(none + "00000000 00000191")) == auth_error("00000003"));
  CHECK(answer_to(call_of(none + "00000000 00000004")) == auth_error("00000003"));
  CHECK(answer_to(call_of(none + "00000001 00000000")) == auth_error("00000003"));
}

TEST_CASE("The credential is judged before the program is looked for") {
  CHECK(answer_to("0badcafe 00000000 00000002 2000009a 00000002 00000000 deadbeef 00000000" + none) ==
        auth_error("00000002"));
}

TEST_CASE("What is not a call ends the connection") {
  const std::string reason = "sent something that is not a call";
  CHECK(end_of("0badcafe 00000001 00000000 00000000 00000000 00000000") == reason);  // a reply
  CHECK(end_of("0badcafe 00000002 00000002") == reason);
  const std::string header = packed("0badcafe 00000000 00000002 20000099 00000002 00000000");
  for (std::size_t size = 1; size < 24; ++size) {
    CHECK(end_of(header.substr(0, 2 * size)) == reason);
  }
}

TEST_CASE("AUTH_SYS reaches the handler; AUTH_NONE is nobody") {
  MemoryHost host;
  rpc::Call call = rpc::new_call(host.host, host.loop, peer_at(1));
  const BufferChain sys = chain_of(
      "00000001 00000020 00000009 00000003 61626300 00000065 00000066 00000002 00000067 00000068 00000000 00000000");
  xdr::Reader reader(sys);
  REQUIRE(rpc::read_auth(reader, call) == rpc::auth_stat::AUTH_OK);
  CHECK(reader.finish());
  CHECK(call.flavor == rpc::AuthFlavor::Sys);
  CHECK(call.caller.uid == 0x65);
  CHECK(call.caller.gid == 0x66);
  REQUIRE(call.caller.groups().size() == 2);
  CHECK(call.caller.groups()[0] == 0x67);
  CHECK(call.caller.groups()[1] == 0x68);

  rpc::Call nobody = rpc::new_call(host.host, host.loop, peer_at(1));
  const BufferChain no_auth = chain_of(none + none);
  xdr::Reader other(no_auth);
  REQUIRE(rpc::read_auth(other, nobody) == rpc::auth_stat::AUTH_OK);
  CHECK(nobody.flavor == rpc::AuthFlavor::None);
  CHECK(nobody.caller.uid == 65534);
  CHECK(nobody.caller.gid == 65534);
  CHECK(nobody.caller.groups().empty());
}
