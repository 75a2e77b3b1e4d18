// The caching grants on one node and their breaks: who holds what, what a holder has been asked to come down to and by
// when, and what may be granted beside what is there. Pure; belongs to its file and is used under the file's lock.
//
// A grant is held until its holder has acknowledged the break, or has lost it (to a deadline, an administrator). While
// it is breaking, further demands lower what is asked of it; a holder that acknowledges what was asked first is then
// asked again, and whoever needs what it has not been told to give up waits for that. Epochs only grow.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "state/effects.hpp"
#include "state/operation.hpp"

namespace ditto::state {

/// What the only writer of a file says of it.
struct Kept {
  bool told = false;       // it has said something
  bool modified = false;   // it keeps changes to itself
  std::uint64_t size = 0;  // of the file with them
  bool fresh = false;      // nobody was told yet
};

struct Grant {
  GrantId id = 0;
  Holder holder;
  GrantKind kind = GrantKind::Delegation;
  Caching held{};
  /// Breaking: what the holder was last told to come down to, what it will have to in the end, and by when.
  bool breaking = false;
  Caching told{}, goal{};
  Moment deadline = never;
  /// Of the last change of what is held, or of the last recall.
  std::uint32_t epoch = 1;
  /// Of a holder that can be asked what it keeps to itself: whether it is being asked, what it said last, and when; it
  /// failed to say so: Mute, and is recalled instead.
  enum class Tells : std::uint8_t { Never, Whenever, Asked, Mute };
  Tells tells = Tells::Never;
  Kept kept;
  std::optional<Moment> kept_at;
  Notices notices{};  // of a directory: what its holder is told of instead
};

class GrantTable {
 public:
  /// At most this many on a node; whoever comes then gets none, which is always allowed.
  static constexpr std::size_t max_grants = 1024;

  explicit GrantTable(const FileKey& file) noexcept : file_(file) {}

  struct Wanted {
    GrantId id = 0;  // of a new grant
    Holder holder;
    GrantKind kind = GrantKind::Delegation;
    Caching caching{};
    bool tells = false;  // what it keeps to itself, when it is asked
    Notices notices{};   // that it gets
  };
  /// As much of it as may be held beside the other grants, whatever the opens say: nobody caches beside a writer. A
  /// holder that has a grant already keeps it and may gain, unless it is breaking. Null: nothing, and none was there.
  const Grant* grant(const Wanted& wanted);
  /// What grant() would give a holder at most.
  Caching grantable(const Holder& holder, Caching wanted) const noexcept;

  /// What `demand` of `actor` takes from others is recalled, by `deadline`; true: it has to wait.
  bool demand(const Demand& demand, const Holder& actor, Moment deadline, Effects& effects);
  /// The grant of another holder that has to be asked before it is known what the file is like. Null: none.
  Grant* writer_beside(const Holder& actor) noexcept;
  const Grant* writer_beside(const Holder& actor) const noexcept {
    return const_cast<GrantTable*>(this)->writer_beside(actor);
  }
  /// Whether it would have to; nothing is changed.
  bool blocks(const Demand& demand, const Holder& actor) const noexcept;

  /// The holder says that it keeps `kept` only, and answers the recall that came with `epoch`. NotHeld: no such grant,
  /// or that is not its break, or it keeps more than it was told to.
  Answer<Caching> acknowledge(GrantId id, std::uint32_t epoch, Caching kept, Moment deadline, Effects& effects);
  /// The server wants all of it back, by `deadline`, for a reason of its own. False: there is none.
  bool ask_back(GrantId id, Moment deadline, Effects& effects);
  /// The holder gives all of it back, asked or not. False: it has none.
  bool give_back(GrantId id) noexcept;
  std::size_t drop_client(ClientId client) noexcept;
  /// An administrator takes it.
  bool revoke(GrantId id, Effects& effects);

  /// Grants whose break is overdue are revoked, whole. True: some were.
  bool advance(Moment now, Effects& effects);
  Moment next_deadline() const noexcept;

  Grant* find_mutable(GrantId id) noexcept;
  const Grant* find(GrantId id) const noexcept;
  const Grant* find(const Holder& holder) const noexcept;
  std::span<const Grant> all() const noexcept { return grants_; }
  bool empty() const noexcept { return grants_.empty(); }

 private:
  void recall(Grant& grant, Caching to, Moment deadline, Effects& effects);
  void settle(Grant& grant, Caching held);

  const FileKey file_;
  std::vector<Grant> grants_;
};

}  // namespace ditto::state
