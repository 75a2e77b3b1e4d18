// What clients with grants have in common: opens, what they keep of files and directories under which grant, reads
// served from there and changes kept back, and how they come down from a grant: changes first, then the answer. A
// holder has one request under way at a time, beside those that write changes back. By streams: a client that hears
// nothing has no connection.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <vector>

#include "base/task.hpp"
#include "client.hpp"
#include "gate/held.hpp"
#include "request.hpp"

namespace ditto::sim {

class CachingClient : public Client {
 public:
  CachingClient(World& world, unsigned number) noexcept : Client(world, number, Link::Stream) {}

  void act() override;
  void forget() override;
  void recalled(const state::Recall& recall) override;
  void revoked(const state::Revoked& revoked) override;
  std::optional<HeldBack> held_back(Inode inode, std::size_t cell) const override;
  void each_listing(FunctionRef<void(const KeptListing&)> visit) const override;

 protected:
  /// An open that the server has confirmed.
  struct Opened {
    state::OpenId id = 0;
    vfs::NodeId node;
    Name name;
    state::ShareMode mode;
    state::Holder holder;
    vfs::FileType type = vfs::FileType::Regular;
  };
  /// What is kept of a file, or of a directory, under one grant.
  struct Copy {
    vfs::NodeId node;
    state::Holder holder;
    state::GrantId grant = 0;
    state::GrantKind kind{};
    state::Caching has{};
    std::array<std::optional<Value>, cells_of_a_file> cells;
    std::array<bool, cells_of_a_file> changed{};
    bool is_directory = false;
    std::optional<Listing> entries;
    unsigned flushing = 0;
    // A break that has to be answered, which one it is of this grant, and how fast.
    std::optional<state::Recall> asked;
    unsigned recalls = 0;
    bool never_answers = false;
    bool any_changed() const;
    bool may(state::Caching what) const { return grant != 0 && any(has & what); }
  };
  /// To which break of which grant, what is kept, and how often the grant had been recalled.
  struct Answer {
    state::GrantId grant = 0;
    vfs::NodeId node;
    std::uint32_t epoch = 0;
    state::Caching kept{};
    unsigned recalls = 0;
  };
  struct WantedOpen {
    Name name;
    state::ShareMode mode;
    state::Operation how = state::Operation::OpenRead;
    state::Holder holder;
    state::OpenId id = 0;
    state::GrantKind kind{};
    state::Caching caching{};
    unsigned answers = 0;  // how many breaks had been answered when it was asked for
    vfs::FileType type = vfs::FileType::Regular;
  };
  struct EntryChange {
    enum class How : std::uint8_t { Create, Remove, Rename };
    How how{};
    vfs::FileType type = vfs::FileType::Regular;
    Name name, to;
    state::Holder as;
  };

  // How the kinds differ.
  virtual std::optional<WantedOpen> some_open() = 0;
  /// Something that only this kind does; false: nothing.
  virtual bool act_otherwise() { return false; }
  /// It asks for a grant on a directory.
  virtual void want_directory() = 0;
  /// As which holder it changes what a directory contains.
  virtual state::Holder holder_in(std::size_t directory) = 0;
  /// What it says it keeps, once it has come down from `copy`.
  virtual state::Caching keeps(const Copy& copy) = 0;
  /// The server's side of that answer. None is taken from a session that is gone.
  virtual void serve_answer(const Answer& answer) = 0;
  /// The server's side: an open of `holder` is closed, for good.
  virtual Detached serve_close(state::ClientId life, Opened open) = 0;
  virtual bool grant_goes_with_last_open() const noexcept = 0;
  /// As which owner of mandatory locks an open acts.
  virtual state::LockOwner lock_owner_of(const Opened&) const { return {}; }

  state::Actor actor_of(const Opened& open) const { return {open.holder, open.id, lock_owner_of(open)}; }
  Copy* copy_of(const state::Holder& holder, vfs::NodeId node);
  bool has_opens(const state::Holder& holder, vfs::NodeId node) const;
  /// The reply to the one request under way.
  template <class F>
  void answer(Request& request, F then) {
    request.reply([this, then = std::move(then)] {
      busy_ = false;
      then();
    });
  }

  void open(const WantedOpen& wanted);
  void close(std::size_t which);
  void read(const Opened& open, std::size_t cell);
  void write(const Opened& open, std::size_t cell);
  void resize(const Opened& open);
  void act_in_directory();
  void list(vfs::NodeId directory, const state::Holder& holder);
  void change_entries();
  void write_back(Copy& copy);
  void progress(Copy& copy);
  void lower(Copy& copy, state::Caching to);
  void drop(state::GrantId grant);

  Detached serve_open(state::ClientId life, WantedOpen wanted);
  Detached serve_read(state::ClientId life, Opened open, std::size_t cell, state::GrantId under);
  Detached serve_write(state::ClientId life, Opened open, std::size_t cell, Value value, state::GrantId under,
                       bool written_back);
  Detached serve_resize(state::ClientId life, Opened open, std::uint64_t bytes);
  Detached serve_list(state::ClientId life, vfs::NodeId directory, state::Holder holder, state::GrantId under);
  Detached serve_entries(state::ClientId life, EntryChange change);
  void opened(const WantedOpen& wanted, vfs::NodeId node, const std::optional<state::Grant>& grant);
  /// `answers`: how many breaks had been answered when it was asked for.
  void granted(const state::Holder& holder, vfs::NodeId node, vfs::FileType type, const state::Grant& grant,
               unsigned answers);

  std::vector<Opened> opens_;
  std::vector<Copy> copies_;
  std::map<state::GrantId, unsigned> recalls_;         // how often each grant was recalled
  std::map<state::GrantId, state::Recall> overtakes_;  // recalls of what is not known to be granted yet
  unsigned answers_ = 0;
  bool busy_ = false;
};

}  // namespace ditto::sim
