// A client of NFSv4, version 0 or 1: whole COMPOUNDs through the real handlers, by a transport that loses and repeats
// them, so that it sends again what is not answered. It opens, locks, reads and writes by stateids; when the server was
// there anew it reclaims what it had, in time, or late, or never; now and then it is silent for longer than its lease.
// What it believes to hold is what rule 6 goes by.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "client.hpp"
#include "clients/results.hpp"
#include "nfs/v4/messages/open.hpp"
#include "ops/nfs4/client.hpp"
#include "request.hpp"
#include "sent.hpp"

namespace ditto::sim {

class Version4 final : public Client {
 public:
  Version4(World& world, unsigned number, std::uint32_t minor);

  std::string_view kind() const noexcept override { return minor_ == 0 ? "NFSv4.0" : "NFSv4.1"; }
  bool hangs_up() const noexcept override { return false; }
  void act() override;
  void forget() override;
  void before_crash() override;
  void disconnect() override { connection_.reset(); }
  void server_restarted() override;
  bool may_still_reclaim() const override;
  bool reclaims() const override;
  void others_have_gained() override;
  bool sleeps_cut_off() const override { return cut_off_ && world_.now() < asleep_until_; }

 private:
  using Ops = test::v4::Ops;
  using Then = std::function<void(Results&)>;
  static constexpr std::size_t slot_count = 3, owner_count = 2;

  /// What becomes of something that it has been told it has.
  enum class Hold : std::uint8_t {
    Held,
    Leaving,    // it has asked to give it up
    Claimable,  // the server died, and must keep it for this client
    Unsure,     // the server may, or not
    Lost,       // the server must not: others may have had it since
  };
  /// Requests that happen one after the other, by their numbers: a slot, or an owner of version 0.
  struct Queue {
    std::string name;
    std::uint32_t number = 0;
    bool busy = false;
    std::shared_ptr<Line> line = std::make_shared<Line>();
  };
  struct Lock {
    state::ByteRange range;
    state::LockKind kind{};
    Hold hold = Hold::Held;
  };
  struct Opened {
    unsigned id = 0;
    nfs4::nfs_fh4 handle;
    Inode inode = 0;
    std::size_t owner = 0;
    state::ShareMode mode;
    std::vector<state::ShareMode> opened_as;
    nfs4::stateid4 stateid;
    Hold hold = Hold::Held;
    std::shared_ptr<Queue> locker;
    std::optional<nfs4::stateid4> lock_stateid;
    std::vector<Lock> locks;
    unsigned in_use = 0;
  };
  /// A request that is not answered yet.
  struct Pending {
    std::shared_ptr<Sent> sent;
    Then then;
    std::vector<std::shared_ptr<Queue>> queues;
    std::shared_ptr<Queue> slot;
  };
  enum class Phase : std::uint8_t { Unknown, Introduced, Reclaiming, Ready };

  // Sending and being answered.
  bool has_room() const;
  /// `queues` are of version 0, the one by which it is repeated first.
  void send(const Ops& ops, Sent sent, std::vector<std::shared_ptr<Queue>> queues, Then then);
  void send_again(const Pending& pending);
  Detached serve(state::ClientId life, std::shared_ptr<Sent> sent);
  void answered(const std::shared_ptr<Sent>& sent, const std::string& reply);
  bool take_sequence(const Pending& pending, Results& results);
  void note_gain(const Sent& sent);
  nfs4::seqid4 next(Queue& queue) const { return minor_ == 0 ? queue.number + 1 : 0; }

  // Who it is.
  void introduce();
  void confirm();
  void create_session();
  void known_as(state::ClientId id);
  void lose_server();
  void reboot();
  void reclaim();
  void reclaim_open(Opened& open);
  void reclaim_lock(Opened& open, std::size_t which);
  void complete();
  void rest();
  void reclaim_refused();
  void renew();

  // What it does with files.
  void work();
  void open();
  void opened(Opened fresh, const nfs4::OPEN4res& result);
  void confirm_open(Opened fresh);
  void read(Opened& open);
  void write(Opened& open);
  void resize(Opened& open);
  void close(Opened& open);
  void downgrade(Opened& open);
  void lock(Opened& open);
  void ask_for_lock(Opened& open, const Lock& wanted, bool waits, Sent sent, Then then);
  void unlock(Opened& open);
  void test_lock(Opened& open);

  Opened* find(unsigned id);
  Opened* some_open();
  bool is_idle(const Opened& open) const;
  nfs4::stateid4 stateid_for_io(const Opened& open);
  Sent by_open(const Opened& open, state::Operation operation) const;
  nfs4::state_owner4 owner(std::string_view name) const;
  std::shared_ptr<Queue> fresh_queue(std::string_view kind);
  Hold judged(const Opened& open) const;
  Hold judged(const Opened& open, const Lock& lock) const;
  Hold after_crash(Hold before, bool there) const;
  template <class F>
  void each_hold(F change);

  const std::uint32_t minor_;
  std::shared_ptr<void> connection_;
  std::uint64_t verifier_ = 1;
  state::ClientId known_as_ = state::nobody;
  std::uint64_t confirm_with_ = 0;  // the verifier of SETCLIENTID, or the number of CREATE_SESSION
  nfs4::sessionid4 session_{};
  Phase phase_ = Phase::Unknown;
  bool complete_ = false;     // it has said that it has reclaimed everything, and was heard
  bool recorded_ = false;     // it has got something from this incarnation
  bool was_cut_off_ = false;  // by the server before this one
  bool cut_off_ = false;      // others have got something since, and it has not said that it is done
  state::Moment asleep_until_ = 0;

  std::vector<Pending> pending_;
  std::array<std::shared_ptr<Queue>, slot_count> slots_;
  std::array<std::shared_ptr<Queue>, owner_count> owners_;
  std::shared_ptr<Line> sessions_line_ = std::make_shared<Line>();
  std::vector<Opened> opens_;
  unsigned last_open_ = 0, last_queue_ = 0;
  std::uint64_t last_sent_ = 0;
};

}  // namespace ditto::sim
