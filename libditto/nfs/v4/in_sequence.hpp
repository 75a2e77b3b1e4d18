// Requests of NFSv4.0's owners, each of which happens once: by its sequence number it is the next, or one that was
// answered before and gets the same answer (RFC 7530, 9.1.7). NFSv4.1 has slots for that, and its owners no numbers.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "base/crc32c.hpp"
#include "nfs/v4/compound.hpp"
#include "state/clients/owner_sequence.hpp"
#include "wire/xdr.hpp"

namespace ditto::nfs4 {

template <class T>
Buffer encoded(const T& value) {
  xdr::Writer writer;
  writer(value);
  return writer.finish().coalesce();
}

/// What tells a retry from another request with the same number.
template <class ARGS>
state::Fingerprint fingerprint_of(const ARGS& args) {
  return crc32c(encoded(args).bytes());
}

/// RFC 7530, 9.1.7: the errors that leave an owner's number as it was.
constexpr bool advances(nfsstat4 status) noexcept {
  using enum nfsstat4;
  return status != NFS4ERR_STALE_CLIENTID && status != NFS4ERR_STALE_STATEID && status != NFS4ERR_BAD_STATEID &&
         status != NFS4ERR_BAD_SEQID && status != NFS4ERR_BADXDR && status != NFS4ERR_RESOURCE &&
         status != NFS4ERR_NOFILEHANDLE && status != NFS4ERR_MOVED;
}

/// One request of an owner, from its number to its answer; empty in NFSv4.1.
template <class RES>
class InSequence {
 public:
  InSequence() = default;
  InSequence(const InSequence&) = delete;
  InSequence& operator=(const InSequence&) = delete;
  ~InSequence() {
    if (owner_) owner_->finish({.advance = false, .confirms = false, .reply = {}});
  }

  /// The answer that there is without running it: it was answered before, is still running, or is out of sequence.
  std::optional<RES> begin(Compound& compound, std::shared_ptr<state::OwnerSequence> owner,
                           const state::Answer<state::OwnerSequenced>& begun) {
    RES result{};
    if (!begun) {
      result.status = status_of(begun.error(), compound.minor);
      return result;
    }
    sequenced_ = *begun;
    switch (begun->kind) {
      case state::OwnerSequenced::Kind::InProgress: result.status = nfsstat4::NFS4ERR_DELAY; return result;
      case state::OwnerSequenced::Kind::Replay: {
        compound.kept = begun->reply;
        xdr::Reader reader(Bytes{*begun->reply});
        reader(result);
        return result;
      }
      case state::OwnerSequenced::Kind::Execute: owner_ = std::move(owner); return std::nullopt;
    }
    return std::nullopt;
  }

  const std::shared_ptr<state::OwnerSequence>& owner() const noexcept { return owner_; }
  bool needs_confirm() const noexcept { return owner_ && sequenced_.needs_confirm; }
  bool replaces_unconfirmed() const noexcept { return owner_ && sequenced_.replaces_unconfirmed; }

  /// It was run, with `result`.
  const RES& end(const RES& result, bool confirms = false) {
    if (!owner_) return result;
    const Buffer reply = encoded(result);
    const bool good = result.status == nfsstat4::NFS4_OK;
    std::exchange(owner_, nullptr)
        ->finish({.advance = advances(result.status), .confirms = confirms && good, .reply = reply.bytes()});
    return result;
  }

 private:
  std::shared_ptr<state::OwnerSequence> owner_;
  state::OwnerSequenced sequenced_;
};

}  // namespace ditto::nfs4
