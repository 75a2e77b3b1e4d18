// CB_COMPOUND on the wire (RFC 7530, 15.2 and 16 of the callback program; RFC 8881, 19.2 and 20): a callback of one
// operation, behind CB_SEQUENCE in NFSv4.1, and what the client answers, of which nothing is trusted. Pure functions,
// any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "base/buffer.hpp"
#include "nfs/v4/messages/callback.hpp"
#include "nfs/v4/opnum.hpp"

namespace ditto::nfs4 {

using CallbackOperation =
    std::variant<CB_GETATTR4args, CB_RECALL4args, CB_NOTIFY4args, CB_NOTIFY_LOCK4args, CB_OFFLOAD4args>;

/// What a holder says of its file (CB_GETATTR).
struct Reported {
  std::uint64_t change = 0, size = 0;
};
/// CB_GETATTR of `file`, for just that.
CB_GETATTR4args ask_for_report(const nfs_fh4& file);

nfs_cb_opnum4 number_of(const CallbackOperation& operation) noexcept;

/// The arguments. With `sequence` it is of a session, and of the minor version `minor`; without, `ident` says to an
/// NFSv4.0 client which server calls.
BufferChain encode_callback(const CallbackOperation& operation, const CB_SEQUENCE4args* sequence, std::uint32_t ident,
                            std::uint32_t minor = 1);

/// What came of a callback. `operation` counts only when `sequence` is good.
struct CallbackAnswer {
  nfsstat4 sequence{};
  CB_SEQUENCE4resok slot;
  nfsstat4 operation{};
  std::optional<Reported> reported;
};

/// The results of a callback of operation `number`, whole; none: they are not what such a callback gives.
std::optional<CallbackAnswer> decode_callback(const BufferChain& results, bool sequenced, nfs_cb_opnum4 number);

}  // namespace ditto::nfs4
