// Who holds locks through NLM: hosts, by the name that they give and the address that they call from, and in each the
// owners of its locks and share reservations, which are numbers to state/. An owner is there while it holds something
// or a call acts for it, and with it the list of files to look through when its host goes. Bounded. Any thread; the
// locks of state/ are taken under the table's own, never the other way round.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/function_ref.hpp"
#include "gate/coordinator.hpp"
#include "gate/share.hpp"

namespace ditto::nlm {

struct HostName {
  std::string name;
  std::array<std::uint8_t, 16> address{};
  friend auto operator<=>(const HostName&, const HostName&) = default;
};

/// A file that something is held on, as state/ and as the gate know it. Of one that is kept beyond a call, the share
/// may not be there any more, and nobody looks at it.
struct Place {
  state::FileKey file;
  const gate::Share* share = nullptr;
  vfs::NodeId node;
};

/// A host's owner of locks, as it names itself.
struct OwnerName {
  std::int32_t svid = 0;
  std::vector<std::byte> oh;
  friend auto operator<=>(const OwnerName&, const OwnerName&) = default;
};

struct HostLimits {
  std::size_t hosts = 1024;
  std::size_t owners_of_a_host = 4096;
  std::size_t places_of_a_host = 16384;  // owner and file
  std::size_t shares_of_a_host = 4096;
};

class Hosts {
  struct Host;
  struct Owner;

 public:
  explicit Hosts(gate::Coordinator& coordinator, const HostLimits& limits = {});
  ~Hosts();
  Hosts(const Hosts&) = delete;
  Hosts& operator=(const Hosts&) = delete;

  /// An owner that somebody acts for: it stays meanwhile.
  class Use {
   public:
    Use(Use&& other) noexcept;
    Use& operator=(Use&&) = delete;
    ~Use();
    const HostName& host() const noexcept;
    state::LockOwner lock_owner() const noexcept;
    state::ClientId client() const noexcept { return lock_owner().client; }

   private:
    friend class Hosts;
    Use(Hosts& hosts, Host& host, Owner& owner) noexcept;
    Hosts* hosts_;
    Host* host_;
    Owner* owner_;
    std::uint64_t drops_;
  };

  /// The owner, which is made when it is new. None: a limit is reached.
  std::optional<Use> use(const HostName& host, std::int32_t svid, Bytes oh);
  /// None: it holds nothing.
  std::optional<Use> find(const HostName& host, std::int32_t svid, Bytes oh);

  /// The owner may come to hold something there, as a host whose status monitor is in `state`. False: a limit.
  bool enter(const Use& owner, const Place& place, std::int32_t state);
  /// After whatever changed that. False: the host's locks were dropped meanwhile, and what was got since must go too.
  bool settle(const Use& owner, const Place& place);
  bool holds_anything(const HostName& host) const;
  /// None: not an owner of ours.
  std::optional<OwnerName> name_of(const state::LockOwner& owner) const;

  /// A share reservation of an owner on a file; there is one at most.
  struct Reservation {
    state::ClientId client = state::nobody;
    state::OpenId open = 0;  // 0: there is none
    state::ShareMode mode;
  };
  /// For whoever is about to change it: nobody else does until set_reservation(). None: somebody does so now, or a
  /// limit is reached.
  std::optional<Reservation> take_reservation(const HostName& host, Bytes oh, const Place& place);
  /// What there is now. False: the host's reservations were dropped meanwhile, and this one must go, too.
  bool set_reservation(const HostName& host, Bytes oh, const Place& place, const Reservation& reservation);

  /// What an administrator sees of a host.
  struct Summary {
    HostName name;
    state::ClientId client = state::nobody;
    std::size_t owners = 0, files = 0, reservations = 0;
  };
  /// Of hosts that hold something.
  std::vector<Summary> list() const;
  /// The owner with that number, for whoever acts for it. None: it holds nothing.
  std::optional<Use> find(const state::LockOwner& owner);
  /// Where it may hold something.
  std::vector<Place> places_of(const Use& owner) const;
  /// The share reservation that its file knows as `open` is not the host's any more. None: there is no such one, or it
  /// is being changed just now.
  std::optional<Place> drop_reservation(state::ClientId client, state::OpenId open);
  /// What is held on `files`, which is sorted, is not any more.
  void drop_files(const std::vector<state::FileKey>& files);

  /// What a host held, and is taken out of the tables; it is for the caller to take it from state/ as well.
  struct Held {
    struct Locks {
      state::LockOwner owner;
      std::vector<Place> places;
    };
    std::vector<Locks> locks;
    std::vector<std::pair<Place, state::OpenId>> opens;
  };
  /// Of hosts that `which` names. What was locked while the status monitor was in `state` stays; 0: nothing stays.
  Held drop(FunctionRef<bool(const HostName&)> which, std::int32_t state);

  std::size_t hosts() const;
  std::size_t owners() const;

 private:
  Host* find_or_make(const HostName& name);
  bool make_room();
  void let_go(Host& host, Owner& owner);
  void release(Host& host, Owner& owner);

  gate::Coordinator& coordinator_;
  const HostLimits limits_;
  mutable std::mutex mutex_;  // guards the rest
  std::map<HostName, std::unique_ptr<Host>> hosts_;
  std::unordered_map<std::uint64_t, Owner*> by_number_;
};

}  // namespace ditto::nlm
