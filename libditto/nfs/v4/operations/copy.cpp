#include <algorithm>
#include <expected>

#include "base/limits.hpp"
#include "gate/operation.hpp"
#include "nfs/v4/callbacks/callbacks.hpp"
#include "nfs/v4/copying.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/keeper.hpp"
#include "nfs/v4/look.hpp"
#include "nfs/v4/two_files.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;

/// What one COPY moves through memory at most before it is answered: the client comes again with the rest.
constexpr std::uint64_t most_copied = std::uint64_t{16} << 20;

/// Whole blocks between offsets of blocks are shared, however many they are.
Task<void> share_blocks(TwoFiles& files, Copying& copying) {
  constexpr std::uint64_t block = vfs::clone_block_bytes;
  const std::uint64_t whole = copying.count - copying.count % block;
  const bool aligned = copying.from % block == 0 && copying.to % block == 0;
  if (!files.of_one_store() || !aligned || whole == 0) co_return;
  const gate::CloneFrom from{.node = copying.source, .offset = copying.from, .reader = files.reader().actor()};
  const auto cloned = co_await files.writer().gate.clone(from, copying.target, copying.to, whole);
  if (cloned) {
    copying.done = whole;
  } else if (cloned.error() != Error::NotSupported) {
    copying.error = cloned.error();
  }
}

Task<void> copy_bytes(TwoFiles& files, Copying& copying) {
  const std::uint64_t end = std::min(copying.count, copying.done + most_copied);
  while (!copying.over() && copying.done < end) {
    co_await copy_piece(files.reader().gate, files.writer().gate, copying);
  }
}

CopyErrand::Side side_of(nfs::Entrance& entrance, const stateid4& stateid) {
  const gate::Actor& actor = entrance.actor();
  return {.share = entrance.share().id(), .stateid = stateid, .who = actor.who, .rights = actor.rights, .as = actor.as};
}

/// The rest goes on by itself, for a client that can be told of it. Its copy stateid; none: it does not.
std::optional<stateid4> go_on(Compound& compound, TwoFiles& files, const Copying& copying) {
  Keeper* const keeper = compound.service.keeper;
  Callbacks* const callbacks = keeper ? keeper->callbacks() : nullptr;
  if (!callbacks || !compound.session_slot) return std::nullopt;
  const SessionSlot& slot = *compound.session_slot;
  const state::Client& client = *slot.session->client();
  if (!callbacks->reaches(client)) return std::nullopt;
  return callbacks->copies().begin({.source = side_of(files.reader(), files.source()),
                                    .target = side_of(files.writer(), files.target()),
                                    .copying = copying,
                                    .client = client.id,
                                    .user = compound.call.caller.uid,
                                    .peer = compound.call.peer.address,
                                    .handle = filehandle_of(files.to()),
                                    .file = gate::file_key(files.to().share->file_system(), files.to().node),
                                    .by = Delegated::Request{slot.session->id(), slot.number, slot.sequence},
                                    .shares = compound.service.shares,
                                    .pool = compound.call.pool,
                                    .clock = compound.call.clock});
}

/// What there is to copy; its errors are those of the arguments.
Task<std::expected<Copying, nfsstat4>> measure(Compound& compound, TwoFiles& files, const COPY4args& args) {
  const auto source = co_await files.reader().gate.getattr(files.from().node);
  if (!source) co_return std::unexpected(compound.status_of(source.error()));
  const std::uint64_t size = source->size;
  if (args.ca_src_offset > size || args.ca_count > size - args.ca_src_offset) {
    co_return std::unexpected(NFS4ERR_INVAL);
  }
  const std::uint64_t count = args.ca_count != 0 ? args.ca_count : size - args.ca_src_offset;
  if (args.ca_dst_offset > limits::file_size || count > limits::file_size - args.ca_dst_offset) {
    co_return std::unexpected(NFS4ERR_FBIG);
  }
  co_return Copying{.source = files.from().node,
                    .target = files.to().node,
                    .from = args.ca_src_offset,
                    .to = args.ca_dst_offset,
                    .count = count,
                    .verifier = files.to().share->file_system().write_verifier()};
}

}  // namespace

// RFC 7862, 15.2. Always consecutive. What is too much for one answer goes on by itself where the client lets it, and
// is left to the next COPY otherwise. Nothing is copied from another server.
Task<COPY4res> copy(Compound& compound, const COPY4args& args) {
  if (!args.ca_source_server.empty()) co_return COPY4res{.status = NFS4ERR_OFFLOAD_DENIED};
  TwoFiles files(compound);
  const nfsstat4 status = co_await files.judge(args.ca_src_stateid, args.ca_dst_stateid);
  if (status != NFS4_OK) co_return COPY4res{.status = status};
  if (files.are_one()) co_return COPY4res{.status = NFS4ERR_INVAL};
  const auto measured = co_await measure(compound, files, args);
  if (!measured) co_return COPY4res{.status = measured.error()};
  Copying copying = *measured;
  co_await share_blocks(files, copying);
  if (!args.ca_synchronous && !copying.error && copying.left() > most_copied) {
    if (const auto id = go_on(compound, files, copying)) {
      // What there is so far, CB_OFFLOAD tells with the rest.
      COPY4res begun{.resok4 = {.cr_response = {}, .cr_requirements = {.cr_consecutive = true}}};
      begun.resok4.cr_response = response_of({.verifier = copying.verifier, .committed = false});
      begun.resok4.cr_response.wr_callback_id.push_back(*id);
      co_return begun;
    }
  }
  co_await copy_bytes(files, copying);
  if (copying.error && copying.done == 0) {
    co_return COPY4res{.status = co_await room_failure(compound, files.to(), *copying.error)};
  }
  co_return COPY4res{.resok4 = {.cr_response = response_of(copying),
                                .cr_requirements = {.cr_consecutive = true, .cr_synchronous = true}}};
}

}  // namespace ditto::nfs4
