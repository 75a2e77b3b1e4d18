// What a client's request stands on while the server works on it: who acts, on which loop, and the way back. Lives in
// the request's coroutine. One thread.
#pragma once

#include <utility>

#include "gate/gate.hpp"
#include "gate/held.hpp"
#include "rpc/call.hpp"
#include "world.hpp"

namespace ditto::sim {

class Request {
 public:
  Request(World& world, Client& client, state::ClientId life, const state::Actor& as)
      : world_(world),
        client_(client),
        life_(life),
        number_(world.begin_request(as)),
        actor_{.who = who(),
               .home = world.some_loop(),
               .pool = world.pool(),
               .clock = world.clock,
               .rests_on = rests_on_,
               .as = as} {}
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;
  ~Request() { world_.end_request(number_); }

  World& world() const noexcept { return world_; }
  gate::Actor& actor() noexcept { return actor_; }
  gate::Gate gate() noexcept { return {actor_, world_.share()}; }
  /// The same as a call of a remote procedure.
  rpc::Call call() noexcept {
    rpc::Call call{.flavor = rpc::AuthFlavor::Sys,
                   .caller = {.uid = 0, .gid = 0},
                   .loop = actor_.home,
                   .pool = actor_.pool,
                   .clock = world_.clock,
                   .log = null_log()};
    call.caller.group_list[call.caller.group_count++] = number_;
    return call;
  }
  /// Whether the client that asked is still known; whatever a request makes for one that is not, it takes back.
  bool session_lives() const { return world_.session_lives(life_); }

  /// `deliver` runs at the client, unless that has died or the server does.
  template <class F>
  void reply(F deliver) {
    world_.tell(client_, false, [&client = client_, life = life_, deliver = std::move(deliver)] {
      if (client.id() == life) deliver();
    });
  }

 private:
  vfs::Credential who() const {
    vfs::Credential root;
    root.uid = root.gid = 0;
    root.add_group(number_);
    return root;
  }

  World& world_;
  Client& client_;
  const state::ClientId life_;
  const std::uint32_t number_;
  CommitTokens rests_on_;
  gate::Actor actor_;
};

/// What a name stands for, or the directory itself.
inline Task<Result<vfs::NodeId>> find(Request& request, Name name) {
  World& world = request.world();
  const vfs::NodeId directory = world.directory(name.directory);
  if (name.name.empty()) co_return directory;
  world.meets(state::Operation::List, directory.inode, request.actor().as.holder);
  const auto found = co_await request.gate().lookup(directory, name.name, vfs::NameMatch::Exact);
  if (!found) co_return fail(found.error());
  co_return found->id;
}

inline BufferChain data_of(Value value) { return BufferChain(Buffer::copy_of(bytes_of(text_of_value(value)))); }
inline Value value_in(const BufferChain& data) {
  if (data.size() < cell_bytes) return 0;
  std::string text(cell_bytes, '\0');
  data.copy_to(0, std::as_writable_bytes(std::span(text.data(), text.size())));
  return value_of(text);
}

}  // namespace ditto::sim
