#include "nfs/v4/copy_errands.hpp"

#include <exception>
#include <utility>

#include "base/strand.hpp"
#include "gate/operation.hpp"
#include "nfs/v4/callbacks/callbacks.hpp"
#include "nfs/v4/keeper.hpp"
#include "nfs/v4/status.hpp"
#include "nfs/v4/wire_stateid.hpp"
#include "rpc/durability.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;

/// Before a piece is tried again that a holder was in the way of.
constexpr state::Moment pause_ns = state::one_second / 10;

gate::Actor actor_of(const CopyErrand::Side& side, const CopyErrand& errand, Executor& home, CommitTokens& rests_on) {
  return {.who = side.who,
          .home = home,
          .pool = errand.pool,
          .clock = errand.clock,
          .rests_on = rests_on,
          .rights = side.rights,
          .as = side.as};
}

nfsstat4 status_of_contents(Error error) noexcept {
  return error == Error::Busy ? NFS4ERR_LOCKED : status_of(error, 2);
}

}  // namespace

std::optional<stateid4> CopyErrands::begin(CopyErrand errand) {
  nfs::Outside::Errand under_way(outside_);
  if (!under_way || outside_.closed()) return std::nullopt;
  const auto id = offloads_.begin(errand.client, errand.file, errand.user);
  if (!id) return std::nullopt;
  try {
    go_on(*id, std::move(errand), std::move(under_way));
  } catch (const std::bad_alloc&) {
    offloads_.abandon(*id);
    return std::nullopt;
  }
  return wire_of(*id);
}

Detached CopyErrands::go_on(state::StateId id, CopyErrand errand, nfs::Outside::Errand under_way) {
  const nfs::Outside::Errand mine(std::move(under_way));
  nfsstat4 status = NFS4ERR_SERVERFAULT;
  try {
    status = co_await copy_all(id, errand);
  } catch (const std::exception&) {
    // No memory for it.
  }
  end(id, errand, status);
}

Task<nfsstat4> CopyErrands::copy_all(const state::StateId& id, CopyErrand& errand) {
  Copying& copying = errand.copying;
  const auto home = Strand::on(errand.pool);
  while (!copying.over() && !outside_.closed()) {
    co_await resume_on(*home);
    const nfsstat4 status = co_await copy_next(errand, *home);
    if (status != NFS4_OK && status != NFS4ERR_DELAY) co_return status;
    if (!offloads_.moved(id, copying.done)) break;
    if (status == NFS4_OK) continue;
    copying.error.reset();
    co_await resume_on(outside_.loop());
    (void)co_await outside_.pause(pause_ns);
  }
  co_return NFS4_OK;
}

/// What it rests on is durable before it counts.
Task<nfsstat4> CopyErrands::copy_next(CopyErrand& errand, Executor& home) {
  const Epochs::Reader epoch(&errand.shares.epochs(), this);
  const gate::Share* const from = errand.shares.find(errand.source.share);
  const gate::Share* const to = errand.shares.find(errand.target.share);
  if (!from || !to) co_return NFS4ERR_STALE;
  if (const nfsstat4 status = judge(errand, *from, *to); status != NFS4_OK) co_return status;
  CommitTokens rests_on;
  gate::Actor read_by = actor_of(errand.source, errand, home, rests_on),
              written_by = actor_of(errand.target, errand, home, rests_on);
  gate::Gate reader(read_by, *from), writer(written_by, *to);
  co_await copy_piece(reader, writer, errand.copying);
  if (errand.copying.error) co_return status_of_contents(*errand.copying.error);
  const auto durable = co_await rpc::UntilDurable(rests_on, home);
  co_return durable ? NFS4_OK : status_of_contents(durable.error());
}

nfsstat4 CopyErrands::judge(const CopyErrand& errand, const gate::Share& from, const gate::Share& to) const {
  if (!from.admits(errand.peer) || !to.admits(errand.peer)) return NFS4ERR_ACCESS;
  const state::FileKey source = gate::file_key(from.file_system(), errand.copying.source);
  const nfsstat4 read = judge_again(keeper_, errand.source.stateid, source, Intent::Read);
  if (read != NFS4_OK) return read;
  return judge_again(keeper_, errand.target.stateid, errand.file, Intent::Write);
}

void CopyErrands::end(const state::StateId& id, const CopyErrand& errand, nfsstat4 status) {
  if (outside_.closed()) return offloads_.abandon(id);
  const Copying& copying = errand.copying;
  const state::Moment until = keeper_.now() + keeper_.lease_ns();
  if (!offloads_.end(id, status, copying.done, until)) return;
  CB_OFFLOAD4args told{.coa_fh = errand.handle, .coa_stateid = wire_of(id), .coa_offload_info = {}};
  told.coa_offload_info.coa_status = status;
  told.coa_offload_info.coa_bytes_copied = copying.done;
  if (status == NFS4_OK) told.coa_offload_info.coa_resok4 = response_of(copying);
  try {
    callbacks_.tell(errand.client, std::move(told), errand.by, until);
  } catch (const std::exception&) {
    // No memory for it: who asks is told (OFFLOAD_STATUS).
  }
}

}  // namespace ditto::nfs4
