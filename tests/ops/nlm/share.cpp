// SHARE and UNSHARE.
#include "lock_world.hpp"

using namespace ditto;
using namespace ditto::test;
using enum nlm::nlm4_stats;
using nlm::fsh4_access;
using nlm::fsh4_mode;

namespace {

nlm::nlm4_shareargs share_of(const LockWorld& world, std::string_view host, fsh4_access access, fsh4_mode mode) {
  nlm::nlm4_shareargs args{.cookie = LockWorld::cookie()};
  args.share.caller_name = nlm::name::copy_of(host);
  args.share.fh = nlm::netobj::copy_of(world.file.data.bytes());
  args.share.oh = nlm::netobj::copy_of(bytes_of(host));
  args.share.access = access;
  args.share.mode = mode;
  return args;
}
nlm::nlm4_stats share(LockWorld& world, std::string_view host, fsh4_access access, fsh4_mode mode) {
  const auto result = world.call_on(world.nlm, &nlm::share, share_of(world, host, access, mode));
  CHECK(result.cookie == LockWorld::cookie());
  return result.stat;
}
nlm::nlm4_stats unshare(LockWorld& world, std::string_view host) {
  return world.call_on(world.nlm, &nlm::unshare, share_of(world, host, fsh4_access::fsa_R, fsh4_mode::fsm_DN)).stat;
}

}  // namespace

TEST_CASE("SHARE denies what others may do, and UNSHARE ends that") {
  LockWorld world;
  CHECK(share(world, "a", fsh4_access::fsa_RW, fsh4_mode::fsm_DW) == NLM4_GRANTED);
  CHECK(share(world, "b", fsh4_access::fsa_W, fsh4_mode::fsm_DN) == NLM4_DENIED);
  CHECK(share(world, "b", fsh4_access::fsa_R, fsh4_mode::fsm_DR) == NLM4_DENIED);
  CHECK(share(world, "b", fsh4_access::fsa_R, fsh4_mode::fsm_DN) == NLM4_GRANTED);
  CHECK(unshare(world, "c") == NLM4_GRANTED);
  CHECK(unshare(world, "a") == NLM4_GRANTED);
  CHECK(share(world, "c", fsh4_access::fsa_W, fsh4_mode::fsm_DN) == NLM4_GRANTED);
}

TEST_CASE("SHARE by who has one already changes it, or leaves it") {
  LockWorld world;
  CHECK(share(world, "a", fsh4_access::fsa_R, fsh4_mode::fsm_DN) == NLM4_GRANTED);
  CHECK(share(world, "b", fsh4_access::fsa_R, fsh4_mode::fsm_DN) == NLM4_GRANTED);
  CHECK(share(world, "a", fsh4_access::fsa_R, fsh4_mode::fsm_DR) == NLM4_DENIED);
  CHECK(share(world, "a", fsh4_access::fsa_R, fsh4_mode::fsm_DW) == NLM4_GRANTED);
  CHECK(share(world, "b", fsh4_access::fsa_RW, fsh4_mode::fsm_DN) == NLM4_DENIED);
  CHECK(share(world, "a", fsh4_access::fsa_R, fsh4_mode::fsm_DN) == NLM4_GRANTED);
  CHECK(share(world, "b", fsh4_access::fsa_RW, fsh4_mode::fsm_DN) == NLM4_GRANTED);
}

TEST_CASE("SHARE is refused where nothing could be kept") {
  LockWorld world({.shares_of_a_host = 1});
  CHECK(share(world, "a", fsh4_access::fsa_NONE, fsh4_mode::fsm_DRW) == NLM4_FAILED);
  CHECK(share(world, "a", static_cast<fsh4_access>(4), fsh4_mode::fsm_DN) == NLM4_FAILED);
  CHECK(share(world, "a", fsh4_access::fsa_R, fsh4_mode::fsm_DN) == NLM4_GRANTED);
  const nfs_fh3 first = world.file;
  world.file = world.make_file(world.root(), "second", 0600);
  CHECK(share(world, "a", fsh4_access::fsa_R, fsh4_mode::fsm_DN) == NLM4_DENIED_NOLOCKS);
  world.become(1000, 1000);
  CHECK(share(world, "b", fsh4_access::fsa_R, fsh4_mode::fsm_DN) == NLM4_FAILED);
  world.become(0, 0);
  world.file = first;
  world.await({"a"});
  CHECK(share(world, "b", fsh4_access::fsa_R, fsh4_mode::fsm_DN) == NLM4_DENIED_GRACE_PERIOD);
  world.end_grace();
  world.file = {};
  CHECK(share(world, "b", fsh4_access::fsa_R, fsh4_mode::fsm_DN) == NLM4_STALE_FH);
  CHECK(unshare(world, "b") == NLM4_STALE_FH);
}

TEST_CASE("SHARE ends with its host") {
  LockWorld world;
  CHECK(share(world, "a", fsh4_access::fsa_RW, fsh4_mode::fsm_DRW) == NLM4_GRANTED);
  CHECK(share(world, "b", fsh4_access::fsa_R, fsh4_mode::fsm_DN) == NLM4_DENIED);
  world.call_on(world.nlm, &nlm::free_all, {nlm::name::copy_of("a"), 0});
  CHECK(share(world, "b", fsh4_access::fsa_R, fsh4_mode::fsm_DN) == NLM4_GRANTED);
}
