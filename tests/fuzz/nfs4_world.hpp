// A server of NFSv4 with clients, opens, locks and callbacks over stores in memory, and connections to it without
// sockets, for fuzzers: whatever comes in is run to its end. One thread.
#pragma once

#include <memory>
#include <vector>

#include "base/assert.hpp"
#include "base/log.hpp"
#include "nfs/v4/callbacks/callbacks.hpp"
#include "nfs/v4/keeper.hpp"
#include "nfs/v4/opnum.hpp"
#include "nfs/v4/service.hpp"
#include "rpc/answer.hpp"
#include "rpc/memory_connection.hpp"
#include "rpc/memory_dialer.hpp"
#include "store/store.hpp"
#include "vfs/ditto/ditto_fs.hpp"

namespace ditto::test {

class Nfs4World {
 public:
  Nfs4World() {
    auto opened = vfs::DittoFs::open(stores_->kv, stores_->data, clock, random_, null_log(), {.root_mode = 0777});
    DITTO_ASSERT(opened);
    fs_ = *std::move(opened);
    DITTO_ASSERT(shares_.add(
        std::make_shared<gate::Share>(11, "export", fs_, fs_->root(), gate::ShareRules{.squash = gate::Squash::None})));
    // The coordinator is there once a share is.
    keeper_ = std::make_unique<nfs4::Keeper>(shares_.coordinator(), clock, records_, nfs4::KeeperOptions{});
    callbacks_ = std::make_unique<nfs4::Callbacks>(*keeper_, outside_, dialer);
    service_.keeper = keeper_.get();
    service_.sessions = keeper_.get();
    service_.stateids = keeper_.get();
    DITTO_ASSERT(programs_.add(nfs4::program(service_)));
  }

  nfs4::Keeper& keeper() noexcept { return *keeper_; }
  nfs4::Callbacks& callbacks() noexcept { return *callbacks_; }
  const gate::Share& share() const noexcept { return *shares_.all().front(); }

  void settle() {
    while (loop.run() + pool.run() + alarms.run() > 0) {
    }
  }
  void wait_seconds(std::uint64_t seconds) {
    clock.advance_seconds(seconds);
    keeper_->advance();
    settle();
  }

  ManualClock clock;
  ManualLoop loop, pool;
  ManualAlarms alarms{clock};
  MemoryDialer dialer;

 private:
  SeededRandom random_{3};
  std::unique_ptr<store::Store> stores_ = store::memory_store();
  std::shared_ptr<vfs::DittoFs> fs_;
  gate::Shares shares_;
  state::NoRecords records_;
  nfs::Outside outside_{dialer, loop, alarms, "server"};
  std::unique_ptr<nfs4::Keeper> keeper_;
  std::unique_ptr<nfs4::Callbacks> callbacks_;
  nfs4::Service service_{.shares = shares_};
  rpc::Programs programs_;
  rpc::ReplyCache replies_{{}, random_};
  rpc::InFlightPool in_flight_{std::size_t{1} << 26};

 public:
  rpc::Host host{.programs = programs_,
                 .replies = replies_,
                 .in_flight = in_flight_,
                 .pool = pool,
                 .clock = clock,
                 .log = null_log()};
};

/// A connection to it, by a client of that number.
class Nfs4Wire {
 public:
  Nfs4Wire(Nfs4World& world, std::uint8_t number) : world_(world), number_(number) { open(); }
  ~Nfs4Wire() { close(); }
  Nfs4Wire(const Nfs4Wire&) = delete;
  Nfs4Wire& operator=(const Nfs4Wire&) = delete;

  void close() {
    if (!connection_) return;
    check_sent();
    transport_->connection = nullptr;
    connection_.reset();
    world_.settle();
  }
  void reopen() {
    close();
    open();
  }
  /// False: the server has closed it.
  bool is_open() const noexcept { return transport_->closes == 0; }

  /// A record comes, and all that it leads to happens.
  void received(const BufferChain& message) {
    if (!is_open()) reopen();
    connection_->received(record(message));
    world_.settle();
  }
  /// What was sent since the last time, record marks included.
  std::vector<BufferChain> take_sent() {
    check_sent();
    std::vector<BufferChain> fresh(transport_->replies.begin() + static_cast<std::ptrdiff_t>(taken_),
                                   transport_->replies.end());
    taken_ = transport_->replies.size();
    return fresh;
  }

 private:
  void open() {
    transport_ = std::make_unique<MemoryTransport>();
    connection_ = std::make_unique<rpc::Connection>(world_.host, world_.loop, world_.alarms, peer_at(number_),
                                                    *transport_, rpc::ConnectionLimits{});
    transport_->connection = connection_.get();
    taken_ = 0;
  }
  /// Whole records, calls or replies, and one end at most.
  void check_sent() const {
    for (const BufferChain& each : transport_->replies) {
      DITTO_ASSERT(each.size() >= 24 && word_at(each, 0) == (0x80000000 | (each.size() - 4)) && word_at(each, 8) <= 1);
    }
    DITTO_ASSERT(transport_->closes <= 1);
  }

  Nfs4World& world_;
  const std::uint8_t number_;
  std::unique_ptr<MemoryTransport> transport_;
  std::unique_ptr<rpc::Connection> connection_;
  std::size_t taken_ = 0;
};

}  // namespace ditto::test
