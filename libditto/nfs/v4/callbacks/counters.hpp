// How callbacks fare, in numbers that only grow. Any thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "nfs/v4/opnum.hpp"

namespace ditto::nfs4 {

struct CallbackCounts {
  std::uint64_t sent = 0;               // CB_COMPOUNDs, each as often as it went out
  std::uint64_t answered = 0;           // with success
  std::uint64_t failed = 0;             // answered with an error, of the operation, of CB_SEQUENCE or of RPC
  std::uint64_t timed_out = 0;          // not answered in time
  std::uint64_t lost = 0;               // the connection went before the answer came
  std::uint64_t dropped = 0;            // given up: too many wait, or there was no way for too long
  std::uint64_t recalls = 0;            // CB_RECALLs among `sent`
  std::uint64_t queries = 0;            // CB_GETATTRs
  std::uint64_t directory_notices = 0;  // CB_NOTIFYs
  std::uint64_t lock_notices = 0;
  std::uint64_t copy_notices = 0;  // CB_OFFLOADs
  std::uint64_t probes = 0;        // CB_NULLs to clients of version 0
  std::uint64_t probes_failed = 0;
};

class CallbackCounters {
 public:
  std::atomic<std::uint64_t> sent{0}, answered{0}, failed{0}, timed_out{0}, lost{0}, dropped{0}, recalls{0}, queries{0},
      directory_notices{0}, lock_notices{0}, copy_notices{0}, probes{0}, probes_failed{0};

  void goes_out(nfs_cb_opnum4 number) noexcept {
    sent.fetch_add(1);
    using enum nfs_cb_opnum4;
    (number == OP_CB_RECALL    ? recalls
     : number == OP_CB_GETATTR ? queries
     : number == OP_CB_NOTIFY  ? directory_notices
     : number == OP_CB_OFFLOAD ? copy_notices
                               : lock_notices)
        .fetch_add(1);
  }
  CallbackCounts read() const noexcept {
    return {.sent = sent,
            .answered = answered,
            .failed = failed,
            .timed_out = timed_out,
            .lost = lost,
            .dropped = dropped,
            .recalls = recalls,
            .queries = queries,
            .directory_notices = directory_notices,
            .lock_notices = lock_notices,
            .copy_notices = copy_notices,
            .probes = probes,
            .probes_failed = probes_failed};
  }
};

}  // namespace ditto::nfs4
