// What each grant is to the NFSv4 client that holds it: a delegation's stateid, the filehandle that it was given for,
// and the request whose reply told of it. That is what CB_RECALL has to name; the grants themselves are in state/.
// Whoever gives a delegation notes it here before its reply leaves, and forgets it when it comes back. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "nfs/v4/callbacks/recalled_lately.hpp"
#include "nfs/v4/types.hpp"
#include "state/caching.hpp"
#include "state/clients/session_types.hpp"

namespace ditto::nfs4 {

enum class DelegationKind : std::uint8_t { Read, Write, Directory };
inline constexpr std::size_t delegation_kinds = 3;

struct Delegated {
  DelegationKind kind = DelegationKind::Read;
  state::ClientId client = state::nobody;
  stateid4 stateid;
  nfs_fh4 handle;
  /// NFSv4.1: in which slot, by which number, the client asked; a recall may overtake the reply (RFC 8881, 2.10.6.3).
  struct Request {
    state::SessionId session;
    std::uint32_t slot = 0, sequence = 0;
  };
  std::optional<Request> request;
  std::uint64_t change = 0;  // of the file when it was given: the client's is another once it keeps something to itself
};

/// In numbers that only grow.
struct DelegationCounts {
  struct OfKind {
    std::uint64_t given = 0, recalled = 0, returned = 0, revoked = 0;
  };
  std::array<OfKind, delegation_kinds> kinds;
  std::uint64_t asked = 0;    // what their holders keep to themselves
  std::uint64_t notices = 0;  // changes of directories that holders were told of

  const OfKind& of(DelegationKind kind) const noexcept { return kinds[static_cast<std::size_t>(kind)]; }
  OfKind all() const noexcept {
    OfKind sum;
    for (const OfKind& each : kinds) {
      sum.given += each.given;
      sum.recalled += each.recalled;
      sum.returned += each.returned;
      sum.revoked += each.revoked;
    }
    return sum;
  }
};

class Delegations {
 public:
  static constexpr std::size_t most = 10'000;

  /// False: there are too many.
  bool note(state::GrantId grant, const Delegated& as) {
    const std::lock_guard lock(mutex_);
    if (known_.size() >= most) return false;
    known_.insert_or_assign(grant, as);
    return true;
  }
  /// False: it is not known.
  bool forget(state::GrantId grant) {
    const std::lock_guard lock(mutex_);
    return known_.erase(grant) != 0;
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return known_.size();
  }

  void count_given(DelegationKind kind) noexcept { ++of(kind).given; }
  void count_returned(DelegationKind kind) noexcept { ++of(kind).returned; }
  void count_revoked(DelegationKind kind) noexcept { ++of(kind).revoked; }
  void count_recalled(DelegationKind kind, const state::FileKey& file, state::Moment now) noexcept {
    ++of(kind).recalled;
    recalled_lately_.note(file, now);
  }
  void count_asked() noexcept { ++asked_; }
  void count_notices(std::size_t count) noexcept { notices_ += count; }
  bool recalled_lately(const state::FileKey& file, state::Moment now) const noexcept {
    return recalled_lately_.has(file, now);
  }
  DelegationCounts counts() const noexcept {
    DelegationCounts counts{.kinds = {}, .asked = asked_, .notices = notices_};
    for (std::size_t i = 0; i < delegation_kinds; ++i) {
      const Counters& kind = kinds_[i];
      counts.kinds[i] = {kind.given, kind.recalled, kind.returned, kind.revoked};
    }
    return counts;
  }
  std::optional<Delegated> find(state::GrantId grant) const {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(grant);
    return found == known_.end() ? std::nullopt : std::optional(found->second);
  }
  /// Those to write among what is gone.
  std::vector<state::GrantId> drop(state::ClientId client) {
    std::vector<state::GrantId> writing;
    const std::lock_guard lock(mutex_);
    std::erase_if(known_, [&](const auto& each) {
      if (each.second.client != client) return false;
      if (each.second.kind == DelegationKind::Write) writing.push_back(each.first);
      return true;
    });
    return writing;
  }

 private:
  struct Counters {
    std::atomic<std::uint64_t> given{0}, recalled{0}, returned{0}, revoked{0};
  };
  Counters& of(DelegationKind kind) noexcept { return kinds_[static_cast<std::size_t>(kind)]; }

  std::array<Counters, delegation_kinds> kinds_;
  std::atomic<std::uint64_t> asked_{0}, notices_{0};
  RecalledLately recalled_lately_;
  mutable std::mutex mutex_;  // guards known_; a leaf
  std::unordered_map<state::GrantId, Delegated> known_;
};

}  // namespace ditto::nfs4
