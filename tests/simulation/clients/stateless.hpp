// A client of NFSv3: the real handlers, by datagrams, and nothing held. It knows some files by their handles and asks
// for whatever comes to its mind, without waiting for answers.
#pragma once

#include <initializer_list>
#include <vector>

#include "base/task.hpp"
#include "client.hpp"
#include "nfs/v3/service.hpp"
#include "rpc/call.hpp"
#include "vfs/attributes.hpp"
#include "world.hpp"

namespace ditto::sim {

class Stateless final : public Client {
 public:
  Stateless(World& world, unsigned number) noexcept : Client(world, number, Link::Datagram) {}

  std::string_view kind() const noexcept override { return "NFSv3"; }
  void act() override;
  void forget() override;

 private:
  struct Unstable {
    Inode inode;
    std::size_t cell;
    Value value;
    std::uint64_t verifier;
  };

  void look_up();
  void read(vfs::NodeId node);
  void write(vfs::NodeId node);
  void commit(vfs::NodeId node);
  void get_attributes(vfs::NodeId node);
  void set_attributes(vfs::NodeId node);
  void create();
  void link(vfs::NodeId node);
  void remove();
  void rename();
  void make_directory();
  void remove_directory();
  void move_directory();
  void list();

  /// The server's side: `handler` answers, and `then` gets what it says, at the client.
  template <class Res, class Args, class Then>
  Detached serve(Task<Res> (*handler)(nfs3::Service&, rpc::Call&, const Args&), Args args, Then then);
  /// `directories` are what it reads or changes.
  /// What it does to which directories.
  using Meets = std::vector<std::pair<state::Operation, std::size_t>>;
  static Meets renames(const Name& from, const Name& to);
  template <class Res, class Args, class Then>
  void send(std::string_view what, Task<Res> (*handler)(nfs3::Service&, rpc::Call&, const Args&), Args args,
            const Meets& meets, Then then);

  std::vector<vfs::NodeId> known_;
  std::vector<Unstable> unstable_;
};

}  // namespace ditto::sim
