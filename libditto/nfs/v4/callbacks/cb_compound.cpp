#include "nfs/v4/callbacks/cb_compound.hpp"

#include "nfs/v4/attributes.hpp"
#include "nfs/v4/compound_header.hpp"
#include "wire/xdr.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;
using enum nfs_cb_opnum4;

nfs_cb_opnum4 number_for(const CB_GETATTR4args&) noexcept { return OP_CB_GETATTR; }
nfs_cb_opnum4 number_for(const CB_RECALL4args&) noexcept { return OP_CB_RECALL; }
nfs_cb_opnum4 number_for(const CB_NOTIFY4args&) noexcept { return OP_CB_NOTIFY; }
nfs_cb_opnum4 number_for(const CB_NOTIFY_LOCK4args&) noexcept { return OP_CB_NOTIFY_LOCK; }
nfs_cb_opnum4 number_for(const CB_OFFLOAD4args&) noexcept { return OP_CB_OFFLOAD; }

/// Values stand in the order of their numbers. Interop: pynfs tells of times as well, which come behind.
bool read_report(xdr::Reader& results, Reported& reported) {
  CB_GETATTR4resok result;
  results(result);
  const bitmap4& given = result.obj_attributes.attrmask;
  if (!results.ok() || !given.has(FATTR4_CHANGE) || !given.has(FATTR4_SIZE)) return false;
  for (std::uint32_t before = 0; before < FATTR4_CHANGE; ++before) {
    if (given.has(before)) return false;
  }
  xdr::Reader values(result.obj_attributes.attr_vals.bytes());
  values(reported.change, reported.size);
  return values.ok();
}

/// A result of the operation `number`, or of one that the client does not know, which says no more than a status.
bool read_result(xdr::Reader& results, nfs_cb_opnum4 number, CallbackAnswer& answer) {
  nfs_cb_opnum4 given{};
  results(given, answer.operation);
  if (!results.ok()) return false;
  if (answer.operation == NFS4_OK && given == OP_CB_GETATTR && number == given) {
    return read_report(results, answer.reported.emplace());
  }
  return given == number || (given == OP_CB_ILLEGAL && answer.operation != NFS4_OK);
}

}  // namespace

CB_GETATTR4args ask_for_report(const nfs_fh4& file) {
  CB_GETATTR4args args{.fh = file, .attr_request = {}};
  args.attr_request.set(FATTR4_CHANGE);
  args.attr_request.set(FATTR4_SIZE);
  return args;
}

nfs_cb_opnum4 number_of(const CallbackOperation& operation) noexcept {
  return std::visit([](const auto& args) { return number_for(args); }, operation);
}

BufferChain encode_callback(const CallbackOperation& operation, const CB_SEQUENCE4args* sequence, std::uint32_t ident,
                            std::uint32_t minor) {
  xdr::Writer writer;
  CB_COMPOUND4args_header header;
  header.minorversion = sequence ? minor : 0;
  header.callback_ident = ident;
  header.count = sequence ? 2 : 1;
  writer(header);
  if (sequence) writer(OP_CB_SEQUENCE, *sequence);
  std::visit([&](const auto& args) { writer(number_for(args), args); }, operation);
  return writer.finish();
}

std::optional<CallbackAnswer> decode_callback(const BufferChain& bytes, bool sequenced, nfs_cb_opnum4 number) {
  xdr::Reader results(bytes);
  CB_COMPOUND4res_header header;
  results(header);
  const std::uint32_t most = sequenced ? 2 : 1;
  if (!results.ok() || header.count > most) return std::nullopt;
  CallbackAnswer answer;
  nfsstat4 last = header.status;
  if (header.count == 0) {
    // The COMPOUND itself was refused: none of it was run.
    (sequenced ? answer.sequence : answer.operation) = header.status;
    if (header.status == NFS4_OK) return std::nullopt;
  } else if (sequenced) {
    nfs_cb_opnum4 given{};
    results(given);
    if (given == OP_CB_SEQUENCE) {
      CB_SEQUENCE4res result;
      results(result);
      answer.sequence = result.status;
      answer.slot = result.resok4;
    } else {
      results(answer.sequence);
      if (given != OP_CB_ILLEGAL || answer.sequence == NFS4_OK) return std::nullopt;
    }
    last = answer.sequence;
    // One result is all there is when CB_SEQUENCE failed, and only then.
    if ((header.count == 1) != (answer.sequence != NFS4_OK)) return std::nullopt;
  }
  if (header.count == most) {
    if (!read_result(results, number, answer)) return std::nullopt;
    last = answer.operation;
  }
  return results.finish() && last == header.status ? std::optional(answer) : std::nullopt;
}

}  // namespace ditto::nfs4
