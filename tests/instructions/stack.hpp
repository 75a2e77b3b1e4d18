// The whole of a server but its sockets: one rpc::Connection over memory, NFSv3 and NFSv4, gate and DittoFs over a
// local store, on a loop that this thread turns. Whoever counts instructions asks it; it counts replies and ends the
// process when one is not a success. Journal, checkpoints and the blocking pool have their threads as in nfsd. One
// thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/executor.hpp"
#include "base/pool.hpp"
#include "gate/share.hpp"
#include "nfs/v3/procedures.hpp"
#include "nfs/v4/keeper.hpp"
#include "nfs/v4/service.hpp"
#include "rpc/connection.hpp"
#include "rpc/reply_cache.hpp"
#include "rpc/transport.hpp"
#include "store/store.hpp"
#include "support/manual_alarms.hpp"
#include "support/seeded_random.hpp"
#include "vfs/ditto/ditto_fs.hpp"

namespace ditto::test {

/// Sleeps until there is something to do, as an event loop does.
class SleepingLoop final : public Executor {
 public:
  void post(Job& job) override;
  /// Waits for jobs and runs all that came.
  void turn();

 private:
  std::mutex mutex_;  // guards everything below
  std::condition_variable wake_;
  Job* first_ = nullptr;
  Job* last_ = nullptr;
};

/// Takes each reply at once and looks at its status.
class CountingTransport final : public rpc::Transport {
 public:
  void send(BufferChain reply) override;
  void pause_reading() override {}
  void resume_reading() override {}
  void close(std::string_view reason) override;
  void idle() override {}

  rpc::Connection* connection = nullptr;
  std::size_t replies = 0;
  bool keeps_last = false;
  BufferChain last;  // reply, if it is to be kept
};

class Stack {
 public:
  /// Makes the store; `directory` is empty or missing.
  explicit Stack(const std::string& directory);
  ~Stack();
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  // What exists before the first request.
  vfs::NodeId root() const { return fs_->root(); }
  vfs::NodeId make(vfs::NodeId directory, std::string_view name, vfs::FileType type = vfs::FileType::Regular);
  void write(vfs::NodeId file, std::uint64_t size_bytes);
  nfs3::nfs_fh3 filehandle(vfs::NodeId node) const;
  nfs4::nfs_fh4 filehandle4(vfs::NodeId node) const;
  /// Answers one call, and gives what follows rpc's header.
  BufferChain ask(Buffer record);

  /// What a client sends: `calls` whole records, in pieces as a socket gives them. Returns when all are answered.
  void answer(const std::vector<Buffer>& pieces, std::size_t calls);

 private:
  vfs::Context context() const;

  SeededRandom random_{1};
  std::unique_ptr<store::Store> store_;
  std::shared_ptr<vfs::DittoFs> fs_;
  gate::Shares shares_;
  nfs3::Service service_{shares_};
  state::NoRecords records_;
  nfs4::Keeper keeper_{shares_.coordinator(), system_clock(), records_, {}};
  nfs4::Service service4_{.shares = shares_, .keeper = &keeper_, .sessions = &keeper_, .stateids = &keeper_};
  rpc::Programs programs_;
  rpc::ReplyCache replies_;
  rpc::InFlightPool in_flight_{std::size_t{1} << 30};
  BlockingPool pool_;
  SleepingLoop loop_;
  ManualClock clock_;
  ManualAlarms alarms_{clock_};
  rpc::Host host_;
  CountingTransport transport_;
  std::unique_ptr<rpc::Connection> connection_;
};

}  // namespace ditto::test
