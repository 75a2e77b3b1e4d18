#include "nfs/v4/run.hpp"

#include <algorithm>
#include <utility>

#include "base/crc32c.hpp"
#include "base/small_vector.hpp"
#include "base/utf8.hpp"
#include "nfs/v4/compound.hpp"
#include "nfs/v4/compound_header.hpp"
#include "nfs/v4/operations.hpp"
#include "nfs/v4/sessions.hpp"
#include "rpc/durability.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;

/// Bytes that stay free for the result of an operation that fails: its number, a status, and SETATTR's empty bitmap.
constexpr std::size_t failure_bytes = 12;

/// An operation that rests on something that may be taken back, and where its result begins.
struct Step {
  std::uint32_t index;
  const Operation* row;
  xdr::Writer::Mark begin;
  CommitTokens rests_on;
};

/// The session learns of the end of a COMPOUND, however it ends.
class SlotHolder {
 public:
  explicit SlotHolder(Compound& compound) noexcept : compound_(compound) {}
  SlotHolder(const SlotHolder&) = delete;
  SlotHolder& operator=(const SlotHolder&) = delete;
  ~SlotHolder() { end(nullptr); }
  void end(const BufferChain* reply) noexcept {
    if (Slot* slot = std::exchange(compound_.slot, nullptr)) slot->end(reply);
  }

 private:
  Compound& compound_;
};

class Run {
 public:
  Run(Compound& compound, xdr::Reader& arguments, xdr::Writer& results) noexcept
      : compound_(compound), arguments_(arguments), results_(results) {}

  /// The status that the operations begin with.
  nfsstat4 begin_results(const utf8str_cs& tag) {
    status_ = results_.reserve_u32();
    results_(tag);
    count_ = results_.reserve_u32();
    compound_.call.rests_on = {};
    return is_utf8(tag.view()) ? NFS4_OK : NFS4ERR_INVAL;  // RFC 7530, 15.2.4; RFC 8881, 16.2.4
  }
  void end_results(nfsstat4 status) {
    results_.patch(status_, static_cast<std::uint32_t>(status));
    results_.patch(count_, done_);
  }

  bool has_next(nfsstat4 status) const noexcept {
    return done_ < compound_.count && status == NFS4_OK && !compound_.repeat;
  }

  /// The operation that is to run now, and where its result begins.
  struct Next {
    const Operation* row;
    std::uint32_t index;
    xdr::Writer::Mark begin;
  };

  /// Reads which operation is the next in the arguments. No row: it must not run; `status` says why, and its result is
  /// written.
  Next begin(nfsstat4& status) {
    const std::uint32_t index = done_++;
    const xdr::Writer::Mark begin = results_.mark();
    auto number = nfs_opnum4::OP_ILLEGAL;
    arguments_(number);
    const Operation* row = find_operation(number);
    if (!arguments_.ok()) {
      status = refuse_illegal(NFS4ERR_BADXDR);
    } else if (!row || row->minors.first > compound_.minor) {
      status = refuse_illegal(NFS4ERR_OP_ILLEGAL);
    } else if (status = may_stand(*row, index); status != NFS4_OK) {
      refuse(*row, begin, status);
    } else if (row->minors.last < compound_.minor) {
      status = refuse(*row, begin, NFS4ERR_NOTSUPP);  // RFC 8881, 15.2: what only version 0 has
    } else {
      compound_.room = room_left(index);
      compound_.act_as_caller();
      if (row->is(Once)) compound_.call.keep_reply = true;
      results_(number);
      return {row, index, begin};
    }
    return {nullptr, index, begin};
  }

  /// The operation has run; its result may yet be too long.
  nfsstat4 end(const Next& ran, nfsstat4 status) {
    if (!compound_.call.rests_on.tokens().empty()) {
      steps_.push_back({ran.index, ran.row, ran.begin, std::exchange(compound_.call.rests_on, {})});
    }
    if (results_.size() <= compound_.reply_bytes() - reserve_after(ran.index)) return status;
    return refuse(*ran.row, ran.begin, compound_.beyond());
  }

  /// All that the results rest on is what the call rests on.
  void merge_tokens() {
    for (const Step& step : steps_) {
      for (const CommitTokens::Token& token : step.rests_on.tokens()) {
        compound_.call.rests_on.note(*token.source, token.lsn);
      }
    }
  }

  /// Some of what the reply rests on was taken back: it ends with the first operation that rests on that.
  Task<nfsstat4> cut(Error why) {
    const Step* lost = &steps_.back();
    for (const Step& step : steps_) {
      const Result<void> durable = co_await rpc::UntilDurable(step.rests_on, compound_.call.loop);
      if (durable) continue;
      lost = &step;
      why = durable.error();
      break;
    }
    done_ = lost->index + 1;
    co_return refuse(*lost->row, lost->begin, compound_.status_of(why));
  }

 private:
  /// Whether an operation may be the one at `index` (RFC 8881, 2.10.6.4, 18.34 and 18.46), and so many at all.
  nfsstat4 may_stand(const Operation& row, std::uint32_t index) const noexcept {
    if (compound_.count > compound_.service.max_operations) {
      return compound_.minor == 0 ? NFS4ERR_RESOURCE : NFS4ERR_TOO_MANY_OPS;
    }
    if (compound_.minor == 0) return NFS4_OK;
    if (compound_.unkept && index > 0) return NFS4ERR_RETRY_UNCACHED_REP;
    if (row.is(Begins)) return index == 0 ? NFS4_OK : NFS4ERR_SEQUENCE_POS;
    if (index == 0 && !row.is(Sessionless)) return NFS4ERR_OP_NOT_IN_SESSION;
    const bool must_be_alone = index == 0 || row.is(Alone);
    return must_be_alone && compound_.count > 1 ? NFS4ERR_NOT_ONLY_OP : NFS4_OK;
  }

  nfsstat4 refuse_illegal(nfsstat4 status) {
    results_(nfs_opnum4::OP_ILLEGAL, ILLEGAL4res{status});
    return status;
  }
  nfsstat4 refuse(const Operation& row, xdr::Writer::Mark begin, nfsstat4 status) {
    results_.rollback(begin);
    results_(row.number);
    row.refuse(results_, status);
    return status;
  }

  std::size_t reserve_after(std::uint32_t index) const noexcept {
    return index + 1 < compound_.count ? failure_bytes : 0;
  }
  /// Bytes that the operation at `index` may add to the reply.
  std::size_t room_left(std::uint32_t index) const noexcept {
    const std::size_t taken = results_.size() + reserve_after(index);
    return compound_.reply_bytes() > taken ? compound_.reply_bytes() - taken : 0;
  }

  Compound& compound_;
  xdr::Reader& arguments_;
  xdr::Writer& results_;
  xdr::Writer::Hole status_, count_;
  std::uint32_t done_ = 0;
  SmallVector<Step, 8> steps_;
};

/// Of a request's bytes, as many as tell one from another in all but payload (RFC 8881, 2.10.6.1.3.1), how many there
/// are, and whose they are.
std::uint64_t fingerprint_of(const rpc::Call& call, xdr::Reader arguments) {
  constexpr std::size_t looked_at = 512;
  const std::size_t size = arguments.remaining();
  std::uint32_t sum = call.caller.uid;
  const BufferChain begin = arguments.take(std::min(size, looked_at));
  for (const Buffer& slice : begin.buffers()) sum = crc32c(slice.bytes(), sum);
  return std::uint64_t{sum} << 32 ^ size;
}

}  // namespace

rpc::Replay replay_of_compound(xdr::Reader arguments) {
  COMPOUND4args_header header;
  arguments(header);
  return arguments.ok() && header.minorversion == 0 ? rpc::Replay::Cached : rpc::Replay::Idempotent;
}

Task<rpc::accept_stat> compound(void* service, rpc::Call& call, xdr::Reader& arguments, xdr::Writer& results) {
  const xdr::Reader request = arguments;
  const std::size_t request_bytes = arguments.remaining();
  COMPOUND4args_header header;
  arguments(header);
  if (!arguments.ok()) co_return rpc::accept_stat::GARBAGE_ARGS;
  call.keep_reply = false;

  auto& own = *static_cast<Service*>(service);
  if (!own.minor_versions.has(header.minorversion)) {
    results(COMPOUND4res_header{.status = NFS4ERR_MINOR_VERS_MISMATCH, .tag = header.tag});
    co_return rpc::accept_stat::SUCCESS;
  }
  Compound compound(own, call, header.minorversion, header.count, request_bytes);
  if (header.minorversion > 0) compound.fingerprint = fingerprint_of(call, request);
  SlotHolder slot(compound);
  const xdr::Writer::Mark begin = results.mark();
  Run run(compound, arguments, results);
  // In one coroutine, and operations that cannot wait in none: a frame for each would cost as much as they do.
  nfsstat4 status = run.begin_results(header.tag);
  while (run.has_next(status)) {
    const Run::Next next = run.begin(status);
    if (!next.row) continue;
    status = next.row->invoke_now ? next.row->invoke_now(*next.row, compound, arguments, results)
                                  : co_await next.row->invoke(*next.row, compound, arguments, results);
    if (!compound.repeat) status = run.end(next, status);
  }
  if (compound.repeat) {
    results.rollback(begin);
    results.link(*std::move(compound.repeat));
    co_return rpc::accept_stat::SUCCESS;
  }
  run.merge_tokens();
  if (const Result<void> durable = co_await rpc::until_durable(call); !durable)
    status = co_await run.cut(durable.error());
  run.end_results(status);
  if (compound.slot) {
    const BufferChain reply = compound.slot->keeps() ? results.since(begin) : BufferChain();
    slot.end(&reply);
  }
  co_return rpc::accept_stat::SUCCESS;
}

}  // namespace ditto::nfs4
