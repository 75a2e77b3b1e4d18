// A client of the simulated server: decides what to do next, sends requests, and takes what comes back. A new kind of
// client is one file in clients/ with a class like the ones there, and a line in make_client(). One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "base/function_ref.hpp"
#include "network.hpp"
#include "state/effects.hpp"
#include "truth.hpp"

namespace ditto::sim {

class World;

/// A change that a client keeps to itself, under which grant.
struct HeldBack {
  state::Holder holder;
  state::GrantId grant = 0;
  Value value = 0;
};

/// A directory's entries as a client keeps them, under which grant.
struct KeptListing {
  Inode directory = 0;
  state::GrantId grant = 0;
  const Listing& entries;
};

class Client {
 public:
  Client(World& world, unsigned number, Link link) noexcept : world_(world), number_(number), link_(link) {}
  virtual ~Client() = default;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  virtual std::string_view kind() const noexcept = 0;
  /// Does one thing, or nothing.
  virtual void act() = 0;
  /// Its machine dies, or the server has: all that it knows of opens, locks and grants is void.
  virtual void forget() = 0;
  /// Whether the server notices at once that it is dead, or only when its lease ends.
  virtual bool hangs_up() const noexcept { return true; }

  // The server dies: what it still held of this client is there to see, then everything by which both were connected
  // is gone, and the next one is there. Most clients notice, and begin anew.
  virtual void before_crash() {}
  virtual void disconnect() {}
  virtual void server_restarted() { forget(); }
  /// Whether it may still ask for something back that it had before the server died.
  virtual bool may_still_reclaim() const { return false; }
  /// And is about to.
  virtual bool reclaims() const { return false; }
  /// Others have got something new: what it has not asked for until now may be theirs.
  virtual void others_have_gained() {}
  /// It got back a part of what it had, said nothing more, and is silent still now that others may have got the rest.
  virtual bool sleeps_cut_off() const { return false; }

  // What the server says unasked.
  virtual void recalled(const state::Recall&) {}
  virtual void revoked(const state::Revoked&) {}
  virtual void lock_available(const state::LockAvailable&) {}

  virtual std::optional<HeldBack> held_back(Inode, std::size_t) const { return std::nullopt; }
  virtual void each_listing(FunctionRef<void(const KeptListing&)>) const {}

  unsigned number() const noexcept { return number_; }
  Link link() const noexcept { return link_; }
  /// As the server knows it: another one in each of its lives.
  state::ClientId id() const noexcept { return id_; }
  void begin_life(state::ClientId id) noexcept { id_ = id; }

 protected:
  World& world_;

 private:
  const unsigned number_;
  const Link link_;
  state::ClientId id_ = state::nobody;
};

std::unique_ptr<Client> make_client(World& world, unsigned number, std::size_t which);
inline constexpr std::size_t client_kinds = 6;

}  // namespace ditto::sim
