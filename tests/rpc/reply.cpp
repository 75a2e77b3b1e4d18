#include "rpc/reply.hpp"

#include <catch2/catch.hpp>

#include "rpc/outgoing.hpp"
#include "wire/golden.hpp"

using namespace ditto;
using namespace ditto::test;
using rpc::CallFailure;

namespace {

rpc::CallResult read(std::string_view hex) {
  const BufferChain message = chain_of(hex);
  return rpc::read_reply(message);
}
CallFailure failure_in(std::string_view hex) {
  const rpc::CallResult result = read(hex);
  REQUIRE_FALSE(result);
  return result.error().failure;
}

}  // namespace

TEST_CASE("Results are what stands behind an accepted reply's header, whatever the verifier") {
  const auto plain = read("00000007 00000001 00000000 00000000 00000000 00000000 0000002a");
  REQUIRE(plain);
  CHECK(to_hex(*plain) == packed("0000002a"));
  const auto with_verifier = read("00000007 00000001 00000000 00000002 00000005 aabbccddee000000 00000000 0000002a");
  REQUIRE(with_verifier);
  CHECK(to_hex(*with_verifier) == packed("0000002a"));
  const auto none = read("00000007 00000001 00000000 00000000 00000000 00000000");
  REQUIRE(none);
  CHECK(none->empty());
}

TEST_CASE("Each way not to answer a call is its own failure") {
  const std::string accepted = "00000007 00000001 00000000 00000000 00000000 ";
  CHECK(failure_in(accepted + "00000001") == CallFailure::ProgramUnavailable);
  CHECK(failure_in(accepted + "00000003") == CallFailure::ProcedureUnavailable);
  CHECK(failure_in(accepted + "00000004") == CallFailure::GarbageArguments);
  CHECK(failure_in(accepted + "00000005") == CallFailure::SystemError);
  CHECK(failure_in(accepted + "00000006") == CallFailure::Malformed);

  const auto versions = read(accepted + "00000002 00000003 00000004");
  REQUIRE_FALSE(versions);
  CHECK(versions.error().failure == CallFailure::ProgramMismatch);
  CHECK(versions.error().versions.low == 3);
  CHECK(versions.error().versions.high == 4);

  const auto rpc_versions = read("00000007 00000001 00000001 00000000 00000002 00000005");
  REQUIRE_FALSE(rpc_versions);
  CHECK(rpc_versions.error().failure == CallFailure::VersionMismatch);
  CHECK(rpc_versions.error().versions.high == 5);

  const auto denied = read("00000007 00000001 00000001 00000001 00000005");
  REQUIRE_FALSE(denied);
  CHECK(denied.error().failure == CallFailure::AuthError);
  CHECK(denied.error().auth == rpc::auth_stat::AUTH_TOOWEAK);
}

TEST_CASE("What is cut short or no reply at all is malformed") {
  for (const BufferChain& whole :
       {chain_of("00000007 00000001 00000000 00000002 00000005 aabbccddee000000 00000000"),
        chain_of("00000007 00000001 00000000 00000000 00000000 00000002 00000003 00000004"),
        chain_of("00000007 00000001 00000001 00000000 00000002 00000005"),
        chain_of("00000007 00000001 00000001 00000001 00000005")}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const BufferChain cut = whole.slice(0, size);
      const rpc::CallResult result = rpc::read_reply(cut);
      REQUIRE_FALSE(result);
      CHECK(result.error().failure == CallFailure::Malformed);
      CHECK(rpc::reply_xid(cut).has_value() == (size >= 8));
    }
  }
  CHECK(failure_in("00000007 00000000 00000000 00000000 00000000 00000000") == CallFailure::Malformed);
  CHECK(failure_in("00000007 00000001 00000002 00000000 00000000 00000000") == CallFailure::Malformed);
  CHECK(failure_in("00000007 00000001 00000001 00000002 00000000 00000000") == CallFailure::Malformed);
  // A verifier of more than 400 bytes.
  CHECK(failure_in("00000007 00000001 00000000 00000000 00000191 00000000") == CallFailure::Malformed);
  const BufferChain call = chain_of("00000007 00000000 00000002");
  CHECK_FALSE(rpc::reply_xid(call));
}

TEST_CASE("Results are decoded as a whole, or the call has failed") {
  const rpc::CallResult number = chain_of("0000002a");
  CHECK(rpc::results_of<toy::Number>(number)->value == 42);
  const rpc::CallResult more = chain_of("0000002a 00000000");
  CHECK(rpc::results_of<toy::Number>(more).error().failure == CallFailure::Malformed);
  const rpc::CallResult failed = rpc::call_failed(CallFailure::TimedOut);
  CHECK(rpc::results_of<toy::Number>(failed).error().failure == CallFailure::TimedOut);
}
