// What tests of the lock manager and the status monitor stand on: a World with both programs, a file, and clients whose
// own lock managers are a list of answers that the test lays ready. One thread.
#pragma once

#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "nfs/nlm/procedures.hpp"
#include "nfs/nlm/versions.hpp"
#include "nfs/nsm/names.hpp"
#include "nfs/nsm/procedures.hpp"
#include "ops/world.hpp"
#include "rpc/memory_dialer.hpp"
#include "rpc/portmap/service.hpp"
#include "rpc/portmap/types.hpp"
#include "support/manual_alarms.hpp"
#include "wire/xdr.hpp"

namespace ditto::nlm {
inline std::ostream& operator<<(std::ostream& out, nlm4_stats stat) { return out << static_cast<std::uint32_t>(stat); }
}  // namespace ditto::nlm

namespace ditto::test {

/// Who asks for which bytes: by default client `a`, the process 1, exclusively all of the file.
struct Who {
  std::string host = "a";
  std::int32_t svid = 1;
};
struct Range {
  std::uint64_t offset = 0, length = 0;
};

struct LockWorld : World {
  explicit LockWorld(const nlm::HostLimits& limits = {}, const nlm::BlockLimits& waiting = {})
      : nlm(shares, outside, monitored, limits, waiting) {
    version = nlm::version_4;
    nsm.rebooted = [this](std::string_view name, const auto& address, std::int32_t now) {
      nlm::drop_hosts(
          nlm, [&](const nlm::HostName& host) { return host.address == address && nsm::same_host(host.name, name); },
          now);
    };
    nsm.crashed = [this] { ++crashes; };
    REQUIRE(monitored.start());
    REQUIRE(nlm::add_programs(programs, nlm));
    file = make_file(root(), "file", 0666);
  }

  ManualAlarms alarms{clock};
  MemoryDialer dialer;
  nfs::Outside outside{dialer, loop, alarms, "server"};
  nsm::MemoryKeeper keeper;
  nsm::Monitored monitored{keeper};
  nlm::Service nlm;
  nsm::Service nsm{outside, monitored, {}, {}};
  rpc::Programs programs;
  nfs_fh3 file;
  int crashes = 0;
  std::int32_t state = 3;  // of the clients' status monitors

  nlm::nlm4_lock lock_of(const Who& who, const Range& range = {}) const {
    nlm::nlm4_lock lock{.caller_name = nlm::name::copy_of(who.host), .svid = who.svid, .l_offset = range.offset};
    lock.l_len = range.length;
    lock.fh = nlm::netobj::copy_of(file.data.bytes());
    lock.oh = nlm::netobj::copy_of(bytes_of(std::to_string(who.svid) + "@" + who.host));
    return lock;
  }
  static nlm::netobj cookie() { return nlm::netobj::copy_of(bytes_of("cake")); }

  nlm::nlm4_lockargs lock_args(const Who& who, const Range& range = {}, bool exclusive = true, bool block = false) {
    return {cookie(), block, exclusive, lock_of(who, range), false, state};
  }
  nlm::nlm4_stats run_lock(const nlm::nlm4_lockargs& args) {
    const nlm::nlm4_res result = call_on(nlm, &nlm::lock, args);
    CHECK(result.cookie == args.cookie);
    return result.stat;
  }
  nlm::nlm4_stats lock(const Who& who, const Range& range = {}, bool exclusive = true) {
    return run_lock(lock_args(who, range, exclusive));
  }
  nlm::nlm4_stats block(const Who& who, const Range& range = {}, bool exclusive = true) {
    return run_lock(lock_args(who, range, exclusive, true));
  }
  nlm::nlm4_stats unlock(const Who& who, const Range& range = {}) {
    return call_on(nlm, &nlm::unlock, {cookie(), lock_of(who, range)}).stat;
  }
  nlm::nlm4_stats cancel(const Who& who, const Range& range = {}, bool exclusive = true) {
    return call_on(nlm, &nlm::cancel, {cookie(), true, exclusive, lock_of(who, range)}).stat;
  }
  nlm::nlm4_testres test(const Who& who, const Range& range = {}, bool exclusive = true) {
    return call_on(nlm, &nlm::test, {cookie(), exclusive, lock_of(who, range)});
  }
  /// These held something when the server ended, and grace begins for them.
  void await(const std::vector<std::string>& hosts) {
    shares.coordinator().grace().await_hosts(hosts, clock.monotonic_ns(), 45 * state::one_second);
  }
  void end_grace() {
    shares.coordinator().grace().ending();
    shares.coordinator().grace().ended();
  }
  /// Whether nobody holds any of it.
  bool is_free(const Range& range = {}) {
    return test({"nobody", 999}, range).stat.stat == nlm::nlm4_stats::NLM4_GRANTED;
  }

  /// The next call that goes out finds its program, and is answered so.
  void answer(const BufferChain& results) {
    dialer.results.push_back(xdr::encode(rpc::portmap::only<std::uint32_t>{4045}));
    dialer.results.push_back(results);
  }
  void answer(nlm::nlm4_stats stat) { answer(xdr::encode(nlm::nlm4_res{cookie(), stat})); }
  /// Calls to programs, without those to portmaps.
  std::vector<rpc::OutgoingCall> called() const {
    std::vector<rpc::OutgoingCall> calls;
    for (const rpc::OutgoingCall& each : dialer.calls) {
      if (each.program != rpc::portmap::program_number) calls.push_back(each);
    }
    return calls;
  }
  void wait_seconds(std::uint64_t seconds) {
    for (std::uint64_t i = 0; i < seconds; ++i) {
      clock.advance_seconds(1);
      alarms.run();
      turn();
    }
  }
};

}  // namespace ditto::test
