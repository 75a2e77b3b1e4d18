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

#include "nfs/v4/types.hpp"
#include "state/caching.hpp"
#include "state/clients/session_types.hpp"

namespace ditto::nfs4 {

struct Delegated {
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
  std::uint64_t read_given = 0, write_given = 0;
  std::uint64_t asked = 0;  // what their holders keep to themselves
  std::uint64_t recalled = 0, returned = 0, revoked = 0;
};

class Delegations {
 public:
  static constexpr std::size_t most = 10'000;
  /// For how long nobody gets one of a file after it was recalled: who shares a file would only pass it to and fro.
  static constexpr state::Moment rests_for = 5 * state::one_second;

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

  void count_given(bool writes) noexcept { ++(writes ? write_given_ : read_given_); }
  void count_returned() noexcept { ++returned_; }
  void count_revoked() noexcept { ++revoked_; }
  void count_recalled(const state::FileKey& file, state::Moment now) noexcept {
    ++recalled_;
    rests_[place_of(file)].store(now + rests_for, std::memory_order_relaxed);
  }
  void count_asked() noexcept { ++asked_; }
  bool recalled_lately(const state::FileKey& file, state::Moment now) const noexcept {
    return now < rests_[place_of(file)].load(std::memory_order_relaxed);
  }
  DelegationCounts counts() const noexcept {
    return {.read_given = read_given_,
            .write_given = write_given_,
            .asked = asked_,
            .recalled = recalled_,
            .returned = returned_,
            .revoked = revoked_};
  }
  std::optional<Delegated> find(state::GrantId grant) const {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(grant);
    return found == known_.end() ? std::nullopt : std::optional(found->second);
  }
  void drop(state::ClientId client) {
    const std::lock_guard lock(mutex_);
    std::erase_if(known_, [&](const auto& each) { return each.second.client == client; });
  }

 private:
  /// Files that fall together share their rest, which costs one of them a delegation now and then.
  static constexpr std::size_t rest_count = 1024;
  static std::size_t place_of(const state::FileKey& file) noexcept {
    return (state::FileKeyHash{}(file) >> 32U) % rest_count;
  }

  std::atomic<std::uint64_t> read_given_{0}, write_given_{0}, asked_{0}, recalled_{0}, returned_{0}, revoked_{0};
  std::array<std::atomic<state::Moment>, rest_count> rests_{};
  mutable std::mutex mutex_;  // guards known_; a leaf
  std::unordered_map<state::GrantId, Delegated> known_;
};

}  // namespace ditto::nfs4
