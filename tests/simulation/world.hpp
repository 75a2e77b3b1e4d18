// A simulated world: a server with two loops and a pool over stores in memory, clients, the network between them, and a
// clock, all of which move in an order that the seed alone decides. After each step the rules are checked (rules/). One
// thread; several worlds may run on several.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "client.hpp"
#include "dice.hpp"
#include "executors.hpp"
#include "gate/coordinator.hpp"
#include "gate/share.hpp"
#include "network.hpp"
#include "nfs/v3/service.hpp"
#include "nfs/v4/keeper.hpp"
#include "observed.hpp"
#include "records.hpp"
#include "store/store.hpp"
#include "support/manual_clock.hpp"
#include "tally.hpp"
#include "truth.hpp"

namespace ditto::sim {

/// The rules of docs/state.md, by their numbers there.
enum class Rule : std::uint8_t { OneWriter = 1, Conflicts, Answered, Epochs, Replay, Reclaim, Stable, LastWrite };

struct Violation {
  Rule rule;
  std::string what;
};

std::string text_of_value(Value value);
Value value_of(std::string_view text);

inline constexpr std::size_t cells_of_a_file = 4, directory_count = 2;
/// How long a client of NFSv4 may be silent, and is waited for when the server has died; then for how long what it
/// holds stays while nobody wants it.
inline constexpr state::Moment lease_time = 8 * state::one_second, courtesy_time = 30 * state::one_second;

struct Name {
  std::size_t directory = 0;
  std::string_view name;  // none: the directory itself
};

class World final : public gate::Callbacks {
 public:
  World(std::uint64_t seed, Tally& tally, bool traces);
  ~World() override;

  /// So many steps, then until everybody is answered. What was violated first.
  std::optional<Violation> run(unsigned steps);
  const std::deque<std::string>& trace() const noexcept { return trace_; }

  // ---- what clients and their requests use
  // ----------------------------------------------------------------------------

  Dice dice;
  Tally& tally;
  test::ManualClock clock;
  Truth truth;
  const vfs::Credential root{.uid = 0, .gid = 0};
  Network network{dice};

  state::Moment now() const noexcept { return clock.monotonic_ns(); }
  gate::Shares& shares() noexcept { return shares_; }
  const gate::Share& share() const noexcept { return *shares_.all().front(); }
  gate::Coordinator& coordinator() const noexcept { return shares_.coordinator(); }
  nfs3::Service& nfs3() noexcept { return service_; }
  nfs4::Service& nfs4() noexcept { return nfs4_; }
  nfs4::Keeper& keeper() noexcept { return *keeper_; }
  /// Whether protocols whose clients cannot reclaim have to wait with whatever is held.
  bool in_grace() const { return keeper_->clients().grace() != state::Grace::Phase::Over; }
  Executor& some_loop() { return loops_[dice.below(loops_.size())]; }
  Executor& pool() noexcept { return pool_; }
  vfs::NodeId directory(std::size_t which) const noexcept { return directories_[which]; }
  Name some_name();
  /// Of a directory, which may be there or not, within others; and of any.
  Name some_subdirectory() { return {dice.below(directory_count), "s"}; }
  Name some_directory() { return dice.chance(1, 2) ? some_subdirectory() : Name{dice.below(directory_count), {}}; }
  Value new_value() noexcept { return ++last_value_; }

  /// To the server: `request` begins there unless it is lost.
  void ask(const Client& from, std::function<void()> request);
  /// The server's answer; `by_callback`: what it says unasked, where that has a channel of its own.
  void tell(const Client& to, bool by_callback, std::function<void()> reply);
  /// Whether the server still knows this life of a client.
  bool session_lives(state::ClientId client) const { return sessions_.contains(client); }
  /// The server notices that a client is gone.
  void end_session(state::ClientId client);
  Client* client_of(state::ClientId id) const noexcept;

  /// A request of `as` is being worked on; its number goes with its credentials.
  std::uint32_t begin_request(const state::Actor& as);
  void end_request(std::uint32_t number);
  const state::Actor* request_of(const vfs::Context& context) const;
  /// Nothing of what the server does now reaches anybody: it is dying.
  bool dying() const noexcept { return dying_; }
  unsigned incarnation() const noexcept { return incarnation_; }
  /// Until when those who held something when the server died may have it back.
  state::Moment reclaims_until() const noexcept { return reclaims_until_; }
  /// Counts the turns of executors and messages: what happens in one of them happens at once.
  std::uint64_t turn() const noexcept { return turn_; }
  /// Somebody has got something new in this incarnation.
  bool gained = false;
  /// Changes that the file system made.
  std::uint64_t changes = 0;

  /// `as` is about to do this: who holds something there is noted for the coverage.
  void meets(state::Operation operation, Inode inode, const state::Holder& as);
  void with_state(Inode inode, FunctionRef<void(const state::FileState&)> visit) const;
  state::FileKey key_of(vfs::NodeId node) const noexcept;

  template <class... Parts>
  void note(const Parts&... parts) {
    if (traces_) write_trace({text(parts)...});
  }
  void violated(Rule rule, std::string what);

  // ---- what rules look at
  // ---------------------------------------------------------------------------------------------

  const std::vector<std::unique_ptr<Client>>& clients() const noexcept { return clients_; }
  std::size_t requests() const noexcept { return requests_.size(); }
  bool idle() const noexcept { return loops_[0].empty() && loops_[1].empty() && pool_.empty(); }
  ObservedFileSystem& fs() noexcept { return *fs_; }
  /// How often each grant has been recalled, and its epoch when last seen.
  struct GrantHistory {
    unsigned recalls = 0;
    std::uint32_t epoch = 0;
    state::Caching held{};
  };
  std::unordered_map<state::GrantId, GrantHistory> grants;

  void recall(const state::Recall& recall) override;
  void revoked(const state::Revoked& revoked) override;
  void lock_available(const state::LockAvailable& available) override;

 private:
  static std::string text(std::string_view part) { return std::string(part); }
  static std::string text(std::uint64_t number) { return std::to_string(number); }
  void write_trace(std::initializer_list<std::string> parts);

  void furnish();
  void start();
  void crash();
  void stop_everything();
  void drop_all(const state::FileKey& key);
  void step();
  /// Who may have something back before grace is over.
  Client* reclaimer() const;
  Client& whose_turn();
  bool crashes_soon() const;
  void turn_an_executor();
  void move_clock();
  void kill_a_client();
  void expire_the_dead();
  void settle();
  void check();

  const bool traces_;
  std::deque<std::string> trace_;
  unsigned step_ = 0;
  std::optional<Violation> violation_;

  test::SeededRandom random_;
  std::unique_ptr<store::Store> stores_;
  std::shared_ptr<ObservedFileSystem> fs_;
  gate::Shares shares_;
  nfs3::Service service_{shares_};
  std::array<Jobs, 2> loops_;
  Jobs pool_;
  SimulatedRecords records_{dice, pool_};
  std::unique_ptr<nfs4::Keeper> keeper_;
  nfs4::Service nfs4_{.shares = shares_};
  unsigned slow_ = 0;  // for how many steps the pool stands still
  std::array<vfs::NodeId, directory_count> directories_{};
  bool dying_ = false;
  unsigned incarnation_ = 0;
  state::Moment reclaims_until_ = 0;
  std::uint64_t turn_ = 0;

  std::vector<std::unique_ptr<Client>> clients_;
  state::ClientId last_client_ = 0;
  std::set<state::ClientId> sessions_;
  std::vector<std::pair<state::Moment, state::ClientId>> dead_;  // whose leases have yet to end
  Value last_value_ = 0;
  std::uint32_t last_request_ = 0;
  state::TicketId last_ticket_ = 0;
  std::unordered_map<std::uint32_t, state::Actor> requests_;
};

}  // namespace ditto::sim
