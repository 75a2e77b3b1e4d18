// The copies that go on by themselves after COPY was answered (RFC 7862, 4.4), by their copy stateids (4.8): how far
// each has come, whether somebody wants the rest, and what came of it, until its client has been told. Nothing is
// copied from here. A copy is under way until who copies says that it has ended; whoever calls it off waits for that.
// Bounded. Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "base/executor.hpp"
#include "nfs/v4/messages/copy.hpp"
#include "state/holdings/stateid.hpp"
#include "state/types.hpp"

namespace ditto::nfs4 {

/// In numbers that only grow, but for the first.
struct OffloadCounts {
  std::uint64_t under_way = 0;
  std::uint64_t begun = 0;
  std::uint64_t finished = 0;
  std::uint64_t failed = 0;
  std::uint64_t cancelled = 0;  // by OFFLOAD_CANCEL
  std::uint64_t dropped = 0;    // with their clients, or with the server
};

class Offloads {
 public:
  /// With those whose client has not been told yet.
  static constexpr std::size_t most = 64, most_of_a_client = 8;

  /// None: there are too many.
  std::optional<state::StateId> begin(state::ClientId client, const state::FileKey& target, std::uint32_t user);

  // For who copies.

  /// How many bytes there are now. False: nobody wants more.
  bool moved(const state::StateId& id, std::uint64_t bytes);
  /// It has ended; what came of it is kept until then. False: nobody wants to know.
  bool end(const state::StateId& id, nfsstat4 status, std::uint64_t bytes, state::Moment until);
  /// It has ended, and nobody is told.
  void abandon(const state::StateId& id);
  /// Its client has been told.
  void told(const state::StateId& id);

  // For its client. `file` is the one that it was copied to.

  OFFLOAD_STATUS4res status(const state::StateId& id, const state::FileKey& file) const;

  /// Is posted when the copy has ended that it waits for.
  struct Ended : Job {
    Executor* home = nullptr;
  };
  struct Cancelled {
    nfsstat4 status{};
    bool waits = false;  // for `ended`, which is posted
  };
  /// Only by the user that began it (RFC 7862, 4.1.2).
  Cancelled cancel(const state::StateId& id, const state::FileKey& file, std::uint32_t user, Ended& ended);

  void drop(state::ClientId client);
  /// What nobody has asked for until now is forgotten.
  void advance(state::Moment now);
  OffloadCounts counts() const;

 private:
  enum class Phase : std::uint8_t { UnderWay, CalledOff, Over };
  struct Copy {
    state::FileKey target;
    std::uint32_t user = 0;
    Phase phase = Phase::UnderWay;
    std::uint64_t bytes = 0;
    nfsstat4 status{};        // once it is over
    state::Moment until = 0;  // the same
    std::vector<Ended*> waiting;
  };
  struct Key {
    state::ClientId client;
    std::uint32_t number;
    auto operator<=>(const Key&) const = default;
  };
  using Copies = std::map<Key, Copy>;
  static Key key_of(const state::StateId& id) noexcept { return {id.client, id.number}; }
  Copies::const_iterator find(const state::StateId& id, const state::FileKey& file) const;
  std::size_t of_client(state::ClientId client) const;

  mutable std::mutex mutex_;  // guards the rest; a leaf but for posting
  Copies copies_;
  std::uint32_t last_number_ = 0;
  OffloadCounts counts_;
};

}  // namespace ditto::nfs4
