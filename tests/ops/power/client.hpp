#pragma once

// A client of an NFS server that may die at any moment: it makes random calls, each the next step of its Promises, and
// compares what it reads on the way. It may be given a new server, after a restart. It speaks version 3, and 4.2 where
// 3 has no word for it: holes, room and extended attributes; those replies wait for the disk, as any server's do. One
// thread.

#include <optional>
#include <set>
#include <string>

#include "ops/nfs4/client.hpp"
#include "ops/power/promises.hpp"
#include "ops/world.hpp"
#include "store/kv/lmdb/lmdb_kv.hpp"
#include "support/power_cut/machine.hpp"

namespace ditto::test {

/// What its calls have met.
struct Met {
  bool committed_journaled = false;                       // COMMIT of a file that has contents in the journal, too
  bool punched_journaled = false;                         // DEALLOCATE of a file that has contents in the journal, too
  bool cut_and_grown = false;                             // truncated, then extended over what had been there
  bool reserved = false;                                  // ALLOCATE
  bool attribute_set = false, attribute_removed = false;  // SETXATTR, REMOVEXATTR
  bool shared = false, copied_on_write = false;           // CLONE of an object, and a write to what it made
};

class Client {
 public:
  Client(Machine& machine, SeededRandom& random) : machine_(machine), random_(random) {}

  /// The server that it calls from here on.
  void use(World& world, bool async);
  /// What it sees is what it counts on from here on.
  void trust(const SeenNames& seen);
  /// All that a client can see; if the machine is off then, it says nothing.
  SeenNames look();
  /// One call or a few; the machine may be off afterwards.
  void step();
  /// These contents are stable afterwards, unless the machine is off then.
  void commit(const SeenNames& seen);

  Promises promises;
  Met met;

 private:
  /// No file grows beyond it, but by ALLOCATE.
  static constexpr std::uint64_t longest = 48 << 10;

  void create();
  void write();
  void commit(FileNumber file);
  void truncate();
  void cut_and_grow();
  void resize(FileNumber file, std::uint64_t size);
  void punch();
  void reserve();
  void clone();
  void set_xattr();
  void remove_xattr();
  void remove();
  void rename();
  void link();
  void read();

  /// Makes the call, which must succeed as long as the machine is on, and notes what its answer promises.
  struct Rests {
    Step reaches;
    bool stable = true;
  };
  template <class Res, class Args>
  Res call(Step step, const Rests& on, Task<Res> (*handler)(nfs3::Service&, rpc::Call&, const Args&), const Args& args);
  /// The same by version 4.2, whose answers come when what they promise is durable.
  void call(Step step, const v4::Ops& ops);
  template <class Args>
  void call(Step step, FileNumber file, nfs4::nfs_opnum4 number, const Args& args) {
    call(step, v4::Ops().fh(v4::same_handle(handles_.at(file))).add(number, args));
  }
  Seen see(const nfs3::LOOKUP3resok& found);
  std::string read_all(const nfs3::nfs_fh3& file);
  std::string read_pieces(const nfs3::nfs_fh3& file);
  Xattrs read_xattrs(const nfs3::nfs_fh3& file);
  void touch(FileNumber file, std::uint64_t size);

  std::string any_name();   // of a file; empty: there is none
  std::string free_name();  // likewise
  nfs3::diropargs3 place(const std::string& name) const;

  Machine& machine_;
  SeededRandom& random_;
  World* world_ = nullptr;
  std::optional<v4::Client> v4_;  // over the same
  store::LmdbKv* kv_ = nullptr;
  bool async_ = false;
  std::map<std::string, nfs3::nfs_fh3> directories_;
  std::map<FileNumber, nfs3::nfs_fh3> handles_;
  std::set<FileNumber> shared_;  // contents, with others
  unsigned letters_ = 0;
};

}  // namespace ditto::test
