// What one NFSv4 client holds, by its stateids: what its open owners have open, and what its lock owners have locked.
// It names the opens and owners that the files know (state/file_state.hpp); whoever changes one changes the other: an
// open is begun here, made there, and ended here. Between the two it is busy, and a second request for it is told to
// come again. Any thread; its mutex is never held together with a file's.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "state/clients/owner_sequence.hpp"
#include "state/file_state.hpp"
#include "state/holdings/stateid.hpp"

namespace ditto::state {

/// What an open owner has open of one file: the union of its OPENs.
struct OpenState {
  std::uint32_t number = 0, sequence = 0;
  std::string owner;
  FileKey file;
  OpenId open = 0;
  ShareMode mode;
  std::uint64_t opener = 0;  // whose rights it has: who made the last of its OPENs
  /// The share modes of its OPENs, bit access * 4 + deny: it can be downgraded to a union of them (RFC 8881, 18.18.3).
  std::uint32_t opened_as = 0;
  std::shared_ptr<OwnerSequence> sequencer;  // of NFSv4.0
  bool busy = false;
  bool revoked = false;
};

/// What a lock owner has locked of one file, by one open.
struct LockState {
  std::uint32_t number = 0, sequence = 0;
  std::string owner;
  FileKey file;
  std::uint32_t open = 0;  // number of the OpenState
  LockOwner holder;
  std::shared_ptr<OwnerSequence> sequencer;  // of NFSv4.0
  bool revoked = false;
};

/// What the client caches of one file: a delegation.
struct DelegationState {
  std::uint32_t number = 0, sequence = 1;
  FileKey file;
  GrantId grant = 0;
  bool writes = false;
  std::uint64_t opener = 0;  // by whose rights it reads and writes
  bool revoked = false;
};

class Holdings {
 public:
  struct Limits {
    std::size_t opens = 100'000, locks = 100'000;
  };
  Holdings(ClientId client, const Limits& limits) noexcept : client_(client), limits_(limits) {}
  Holdings(const Holdings&) = delete;
  Holdings& operator=(const Holdings&) = delete;

  /// How many states are not there any more, and how many of them stayed only to say that they were revoked; all
  /// delegations in `delegations` did.
  struct Gone {
    std::uint32_t opens = 0, locks = 0, revoked = 0, delegations = 0;
    std::uint32_t states() const noexcept { return opens + locks + delegations; }
  };

  struct OpenBegun {
    OpenState state;  // as it was; of a fresh one, only its names
    bool fresh = false;
  };
  /// An OPEN of `file` for `owner`; a fresh one will be known as `open` to its file. Busy afterwards. Delay;
  /// LimitReached.
  Answer<OpenBegun> begin_open(std::string_view owner, const FileKey& file, OpenId open,
                               std::shared_ptr<OwnerSequence> sequencer);
  /// The OPEN of `opener` succeeded, as `mode`.
  StateId end_open(std::uint32_t number, const ShareMode& mode, std::uint64_t opener);
  /// It did not: a fresh one is gone, another is as it was.
  void abandon_open(std::uint32_t number);
  /// For OPEN_DOWNGRADE, CLOSE, OPEN_CONFIRM: found, and busy. BadStateId, OldStateId, AdminRevoked, Delay.
  Answer<OpenState> begin_change(const StateId& id, const FileKey& file, ZeroSequence zero);
  StateId end_change(std::uint32_t number);
  StateId end_downgrade(std::uint32_t number, const ShareMode& mode);
  /// Whether `mode` is a union of modes that it was opened as.
  static bool was_opened_as(const OpenState& state, const ShareMode& mode) noexcept;

  struct Closed {
    OpenState open;
    std::vector<LockState> locks;  // that went with it
    Gone gone;
  };
  /// The open, and the lock states that depend on it, are gone.
  Closed close(std::uint32_t number, Moment now);

  struct LockBegun {
    LockState state;
    OpenState open;
    bool fresh = false;
  };
  /// The first LOCK of `owner` by the open `id`; fresh unless it has locked the file before.
  Answer<LockBegun> begin_lock(const StateId& id, std::string_view owner, const FileKey& file, ZeroSequence zero,
                               std::shared_ptr<OwnerSequence> sequencer);
  /// A LOCK or LOCKU by a lock stateid.
  Answer<LockBegun> find_lock(const StateId& id, const FileKey& file, ZeroSequence zero) const;
  /// It succeeded. None: it was closed meanwhile, and what was locked must be dropped.
  Answer<StateId> end_lock(std::uint32_t number);
  /// A fresh one is gone again. False: it had gone already, or another request has made it stay.
  bool abandon_lock(std::uint32_t number, Moment now);

  /// The client is about to be given `grant`, by which it may cache the file. It has a delegation of the file already:
  /// none.
  std::optional<StateId> begin_delegation(const FileKey& file, GrantId grant, bool writes, std::uint64_t opener);
  /// By a stateid of the client's. BadStateId, OldStateId, DelegRevoked.
  Answer<DelegationState> find_delegation(const StateId& id, const FileKey& file, ZeroSequence zero) const;
  /// It turned out to be one to read only.
  void lower_delegation(std::uint32_t number);
  /// It was given back, or not given after all. False: it is not there, or was revoked.
  bool end_delegation(std::uint32_t number);
  /// It was taken: it stays to say so, until it is freed, unless it is to be forgotten. False: it is not there.
  bool revoke_delegation(std::uint32_t number, bool stays);

  /// The 4.0 owner that a request by `number` is of; also of the last open that it closed, whose CLOSE may come again.
  /// Null: none.
  std::shared_ptr<OwnerSequence> sequencer_of(std::uint32_t number) const;

  /// The lock owner that `number` of a LockOwner stands for.
  std::optional<std::string> lock_owner_name(std::uint64_t number) const;
  /// The number that stands for a lock owner in LockOwner, for LOCKT; none: it holds nothing here.
  LockOwner lock_owner(std::string_view owner) const;
  /// All that a lock owner has, for RELEASE_LOCKOWNER.
  std::vector<LockState> of_lock_owner(std::string_view owner) const;
  Gone release_lock_owner(std::string_view owner, Moment now);

  /// Any stateid of this client: what it stands for. BadStateId, OldStateId, AdminRevoked.
  struct Used {
    struct By {
      OpenId open = 0;
      ShareMode mode;
      std::uint64_t opener = 0;
      bool confirmed = true;
    };
    By open;  // of a lock state: the open that it depends on
    LockOwner locks;
  };
  Answer<Used> use(const StateId& id, const FileKey& file, ZeroSequence zero) const;
  /// As long as it stays the same, so does what use() says of a stateid of NFSv4.1. Read before use() is asked.
  std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }
  /// TEST_STATEID.
  Answer<void> test(const StateId& id, ZeroSequence zero) const;
  /// For FREE_STATEID, by which a lock state that holds nothing, or a revoked state, is forgotten. BadStateId,
  /// OldStateId.
  Answer<std::variant<OpenState, LockState, DelegationState>> find_any(const StateId& id, ZeroSequence zero) const;
  /// Nothing is gone while a request changes it.
  Gone forget(std::uint32_t number, Moment now);

  /// What an open owner that was never confirmed has open.
  std::vector<std::uint32_t> of_open_owner(const std::shared_ptr<OwnerSequence>& sequencer) const;
  /// Of the states that an administrator can take: all opens; the one that its file knows as `open`; what the lock
  /// owner `owner` has locked of files with that inode number.
  std::vector<std::uint32_t> all_opens() const;
  std::vector<std::uint32_t> number_of(OpenId open) const;
  std::vector<std::uint32_t> numbers_of(std::uint64_t owner, std::uint64_t inode) const;
  struct Revoked {
    std::optional<OpenState> open;
    std::vector<LockState> locks;
    std::uint32_t states() const noexcept { return static_cast<std::uint32_t>(locks.size()) + (open ? 1 : 0); }
  };
  /// An administrator takes an open and what depends on it, or one lock state; the stateids stay, to say so, and their
  /// owners may have new ones beside them. What was not revoked before, to be taken from its file.
  Revoked revoke(std::uint32_t number);
  /// All that is held on `files`, which is sorted, is gone without a word.
  Gone drop_files(const std::vector<FileKey>& files, Moment now);

  bool empty() const;
  std::size_t opens() const;
  std::size_t locks() const;
  /// Every file that something is held on, once.
  std::vector<FileKey> files() const;

 private:
  /// The mutex, for whoever changes something.
  class Changing {
   public:
    explicit Changing(Holdings& holdings) : lock_(holdings.mutex_) {
      holdings.version_.fetch_add(1, std::memory_order_release);
    }

   private:
    const std::lock_guard<std::mutex> lock_;
  };

  using OwnerOnFile = std::pair<std::string, FileKey>;
  struct NamedOwner {
    std::uint64_t number = 0;
    std::size_t states = 0;
  };

  static constexpr std::size_t most_idle_owners = 256;
  void keep_idle(const std::string& owner);
  OpenState* open_of(std::uint32_t number);
  const OpenState* open_of(std::uint32_t number) const;
  Answer<void> check(std::uint32_t given, std::uint32_t current, bool revoked, ZeroSequence zero) const;
  static Answer<void> check(const DelegationState& state, std::uint32_t given, const FileKey& file,
                            ZeroSequence zero) noexcept;
  StateId id_of(std::uint32_t number, std::uint32_t sequence) const noexcept { return {sequence, client_, number}; }
  std::uint32_t new_number() noexcept { return ++last_number_; }
  void erase_lock(std::map<std::uint32_t, LockState>::iterator lock, Moment now);
  Closed close_locked(std::uint32_t number, Moment now);
  void remember_closed(const OpenState& open);
  static void unname(std::map<OwnerOnFile, std::uint32_t>& by_owner, const OwnerOnFile& owner, std::uint32_t number);

  const ClientId client_;
  const Limits limits_;
  std::atomic<std::uint64_t> version_{1};  // written under mutex_, before the change
  mutable std::mutex mutex_;               // guards the rest
  std::uint32_t last_number_ = 0;
  std::map<std::uint32_t, OpenState> opens_;
  std::map<OwnerOnFile, std::uint32_t> opens_by_owner_;
  std::map<std::uint32_t, LockState> locks_;
  std::map<OwnerOnFile, std::uint32_t> locks_by_owner_;
  std::multimap<std::uint32_t, std::uint32_t> locks_by_open_;
  std::map<std::string, NamedOwner, std::less<>> lock_owners_;
  std::map<std::uint32_t, DelegationState> delegations_;
  std::set<FileKey> delegated_files_;    // of those that are not revoked
  std::deque<std::string> idle_owners_;  // whose last state went, the longest ago first; some have one again
  // The last open that each 4.0 owner closed: both ways.
  std::map<std::uint32_t, std::shared_ptr<OwnerSequence>> closed_;
  std::map<const OwnerSequence*, std::uint32_t> last_closed_;
  std::uint64_t last_owner_ = 0;
};

}  // namespace ditto::state
