// Clients with state, over a server that keeps it: a Holder has introduced itself, and opens, locks and closes files in
// short words that are the same in both minor versions; what version 0 numbers it numbers, and confirms. Files are
// those of the share "export". One thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nfs/v4/keeper.hpp"
#include "nfs/v4/messages/client.hpp"
#include "nfs/v4/messages/locks.hpp"
#include "nfs/v4/messages/open.hpp"
#include "ops/nfs4/client.hpp"
#include "support/kept_state.hpp"

namespace ditto::test::v4 {

/// The state store, in memory: at once, or when the test says so, or not at all.
class KeptRecords final : public state::Records {
 public:
  enum class Way : std::uint8_t { AtOnce, Held, Failing };
  Way way = Way::AtOnce;
  KeptState kept;
  void apply(const state::Persist& change, Done done) override;
  /// Those that are held are durable now, or will never be. How many there were.
  std::size_t finish_held(bool durable);

 private:
  std::vector<std::pair<state::Persist, Done>> held_;
};

/// A world with a keeper.
class Server {
 public:
  explicit Server(const state::ClientLimits& limits = {}) : limits_(limits) { start(); }
  World world;
  KeptRecords records;
  std::unique_ptr<nfs4::Keeper> keeper;

  /// The next incarnation over the same stores, which knows what the records say; nothing else survives, and what is
  /// held on its way to them is lost. Holders stay.
  void restart();
  /// Time goes by, and what is due happens.
  void wait_seconds(std::uint64_t seconds);
  static constexpr std::uint64_t lease_seconds = 90;

 private:
  void start();
  const state::ClientLimits limits_;
  state::Incarnation incarnation_ = 0;
  std::vector<std::unique_ptr<nfs4::Keeper>> before_;  // Holders may still have sessions of theirs
};

struct Asked {
  std::string owner = "owner";
  std::uint32_t access = nfs4::OPEN4_SHARE_ACCESS_READ, deny = 0;
  nfs4::openflag4 how;
  std::optional<nfs4::open_claim4> claim;  // none: by its name
};

struct Opened {
  nfs4::nfsstat4 status{};
  nfs4::nfs_fh4 handle;
  nfs4::stateid4 stateid;
  std::string owner;
  std::uint32_t rflags = 0;
  nfs4::bitmap4 attributes_set;
  nfs4::open_delegation_type4 delegation{};
  nfs4::stateid4 delegated;  // its stateid
};

struct Locked {
  nfs4::nfsstat4 status{};
  nfs4::stateid4 stateid;
  nfs4::LOCK4denied denied;
  std::string holder;  // the owner of `denied`
};

/// Bytes to lock, and as what.
struct Bytes4 {
  std::uint64_t offset = 0, length = 0;
  nfs4::nfs_lock_type4 type = nfs4::nfs_lock_type4::WRITE_LT;
  bool reclaim = false;
};

class Holder : public Client {
 public:
  /// Has introduced itself, and in version 1 has a session and nothing to reclaim.
  Holder(Server& server, std::uint32_t minor_version, std::string own_name = "client", std::uint64_t own_verifier = 1);

  nfs4::clientid4 id = 0;
  std::string name;
  std::uint64_t verifier;
  /// Numbers of version 0's owners: of the last request that counted.
  std::map<std::string, std::uint32_t> numbers;

  void use(Server& server);
  void introduce();
  nfs4::SETCLIENTID4res setclientid();
  nfs4::EXCHANGE_ID4res exchange_id(std::uint32_t flags = 0);
  nfs4::CREATE_SESSION4res create_session(nfs4::sequenceid4 number);
  nfs4::nfsstat4 reclaim_complete();

  nfs4::OPEN4args open_args(std::string_view file, const Asked& asked = {});
  /// Confirmed where that is asked for.
  Opened open(std::string_view file, const Asked& asked = {});
  /// OPEN with the current filehandle `at` instead of the share's root.
  Opened open_at(const nfs4::nfs_fh4& at, const nfs4::OPEN4args& args, const std::string& owner);
  nfs4::OPEN_CONFIRM4res confirm(const Opened& opened);
  nfs4::nfsstat4 downgrade(Opened& opened, std::uint32_t access, std::uint32_t deny = 0);
  nfs4::CLOSE4res close(const Opened& opened);

  nfs4::LOCK4args lock_args(const Opened& opened, const Bytes4& bytes, const std::string& owner = "locker");
  /// The first lock of `owner` in the file.
  Locked lock(const Opened& opened, const Bytes4& bytes, const std::string& owner = "locker");
  /// More locks of the owner whose stateid that is.
  Locked relock(const Opened& opened, const nfs4::stateid4& stateid, const Bytes4& bytes,
                const std::string& owner = "locker");
  Locked test(const nfs4::nfs_fh4& file, const Bytes4& bytes, std::string_view owner = "tester");
  nfs4::LOCKU4res unlock(const Opened& opened, const nfs4::stateid4& stateid, const Bytes4& bytes,
                         const std::string& owner = "locker");

  nfs4::nfsstat4 read(const nfs4::nfs_fh4& file, const nfs4::stateid4& stateid);
  nfs4::nfsstat4 write(const nfs4::nfs_fh4& file, const nfs4::stateid4& stateid);
  nfs4::nfsstat4 resize(const nfs4::nfs_fh4& file, const nfs4::stateid4& stateid, std::uint64_t size);

  /// The only result of a COMPOUND that has one operation.
  template <class Res, class... Args>
  Res plain(nfs4::nfs_opnum4 number, const Args&... args) {
    return run_plain(Ops().add(number, args...)).template next<Res>(number);
  }
  /// The result of an operation on `file`, in a session if there are any.
  template <class Res, class Args>
  Res on(const nfs4::nfs_fh4& file, nfs4::nfs_opnum4 number, const Args& args) {
    return run(Ops().fh(file).add(number, args)).skip({nfs4::nfs_opnum4::OP_PUTFH}).template next<Res>(number);
  }
  std::uint32_t next_number(const std::string& owner) { return numbers[owner] + 1; }
  /// The request with the next number of `owner` was answered with `status`.
  void count(const std::string& owner, nfs4::nfsstat4 status);

 private:
  Locked lock(const nfs4::nfs_fh4& file, const nfs4::LOCK4args& args);
};

/// Each minor version, over a server of its own, with one client.
template <class F>
void for_both_holders(F test) {
  for (const std::uint32_t minor : {0U, 1U, 2U}) {
    INFO("minor version " << minor);
    Server server;
    Holder client(server, minor);
    test(server, client);
  }
}

nfs4::openflag4 creating(nfs4::createmode4 mode, nfs4::fattr4 attributes = {}, std::uint64_t verifier = 0);
/// A claim without anything more to say.
nfs4::open_claim4 claim(nfs4::open_claim_type4 type);
nfs4::verifier4 verifier_of(std::uint64_t number);

}  // namespace ditto::test::v4
