// A client that locks as NLM's do: POSIX locks by datagrams, parked until they are granted, or asked for again and
// again, cancelled, and given back; requests may come twice and out of order. It reads and writes nothing: such a
// client is an NFSv3 client, too.
#pragma once

#include <vector>

#include "base/task.hpp"
#include "client.hpp"
#include "gate/held.hpp"

namespace ditto::sim {

class Locker final : public Client {
 public:
  Locker(World& world, unsigned number) noexcept : Client(world, number, Link::Datagram) {}
  ~Locker() override;

  std::string_view kind() const noexcept override { return "NLM"; }
  void act() override;
  void forget() override { wanted_.clear(); }
  void lock_available(const state::LockAvailable& available) override;

 private:
  /// A request that the server has parked: the server's, not the client's.
  struct ParkedLock;

  struct Wanted {
    vfs::NodeId node;
    state::ByteLock lock;
  };

  void ask_for(vfs::NodeId node, const state::ByteLock& lock, state::Waiting waiting);
  Detached serve_lock(state::ClientId life, vfs::NodeId node, state::ByteLock lock, state::Waiting waiting);
  void serve_unlock(state::ClientId life, vfs::NodeId node, const state::ByteLock& lock);
  void serve_cancel(state::ClientId life, vfs::NodeId node, const state::ByteLock& lock);
  void granted(vfs::NodeId node, const state::ByteLock& lock);
  void unlock(vfs::NodeId node, const state::ByteLock& lock);
  vfs::NodeId some_file();

  std::vector<Wanted> wanted_;
  std::vector<ParkedLock*> parked_;
};

}  // namespace ditto::sim
