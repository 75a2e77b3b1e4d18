// What a server can be told: plain values whose defaults are those of the executables. ditto/configuration.hpp
// describes every one of them and reads them from files, the environment and flags; Server::create takes them as they
// are.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ditto::server {

/// Which callers act as the anonymous user: nobody, root (user 0 and group 0), or all.
enum class Squash : std::uint8_t { None, Root, All };

/// What an answer promises: that a power cut takes nothing of it, or only that a killed process does not.
enum class Durability : std::uint8_t { Sync, Async };

struct ShareOptions {
  std::string name;  // clients mount "/name"
  Squash squash = Squash::Root;
  std::uint32_t anonymous_uid = 65534;
  std::uint32_t anonymous_gid = 65534;
  bool read_only = false;
  bool delegations = true;  // whether NFSv4 clients are given any
  Durability durability = Durability::Sync;
  std::uint32_t flush_interval = 1000;  // milliseconds; of the shares of one store the shortest holds for all
  std::vector<std::string> networks;    // addresses or blocks such as 192.0.2.0/24; empty: everybody

  // The top directory, when the share is made for the first time; after that clients change it.
  std::uint32_t root_mode = 01777;
  std::uint32_t root_uid = 0;
  std::uint32_t root_gid = 0;
};

/// Audit: what access control lists want recorded (docs/acl.md), which is told at every level but Off.
enum class LogLevel : std::uint8_t { Debug, Info, Warn, Error, Audit, Off };
enum class LogFormat : std::uint8_t { Text, Json };

struct LogOptions {
  LogLevel level = LogLevel::Info;
  LogFormat format = LogFormat::Text;
  /// Receives each line instead of stderr, without a newline; called from several threads at once. Must not throw.
  std::function<void(LogLevel, std::string_view)> sink;
};

struct PortmapOptions {
  bool enabled = false;
  std::uint16_t port = 10111;
};

/// Counters and gauges for a monitoring system, by HTTP in the text format of Prometheus: GET /metrics. Whoever can
/// connect can read them.
struct MetricsOptions {
  bool enabled = false;
  std::string listen = "127.0.0.1";
  std::uint16_t port = 18080;  // TCP; 0: any free one
};

/// Locks of NFSv3 clients: the lock manager (NLM) and the status monitor (NSM). By TCP they are beside NFS.
struct LockOptions {
  std::uint16_t udp_port = 0;        // 0: the number of nfs_port
  bool rpcbind = false;              // whether this machine's own portmapper, on port 111, is told of the server
  std::uint32_t grace_seconds = 45;  // after a start, for clients that held locks before
};

/// What NFSv4's clients can make the server keep; memory for kept replies is a part of memory_budget.
struct LimitOptions {
  std::uint32_t operations = 64;   // in one COMPOUND
  std::uint32_t slots = 64;        // of a session: requests at a time
  std::uint32_t clients = 10'000;  // at once
  std::uint32_t opens_per_client = 100'000;
  std::uint32_t locks_per_client = 100'000;  // ranges of bytes; and lock owners, each by the files it locks
};

/// The value of Options::data that keeps everything in memory.
inline constexpr std::string_view memory_data = ":memory:";

struct Options {
  std::string data = "./ditto-data";
  std::vector<ShareOptions> shares = {{.name = "export"}};
  std::string listen = "127.0.0.1";
  std::uint16_t nfs_port = 12049;
  /// "3", "4.0", "4.1" and "4.2" are known.
  std::vector<std::string> nfs_versions = {"3", "4.0", "4.1", "4.2"};
  /// Of the names that NFSv4 has users and groups by ("me@example.org"); empty: they are numbers.
  std::string nfs_domain;
  PortmapOptions portmap;
  LockOptions locks;
  std::uint32_t lease_seconds = 90;            // of NFSv4 clients
  std::uint32_t courtesy_seconds = 24 * 3600;  // what a silent client holds stays so long if nobody wants it
  LimitOptions limits;
  std::uint32_t threads = 0;  // event loops; 0: one for each core that the process may use
  std::uint32_t pool_threads = 16;
  std::uint32_t max_connections = 4096;
  std::uint32_t stop_seconds = 10;
  std::uint64_t memory_budget = std::uint64_t{512} << 20;  // bytes
  bool verify_reads = false;
  bool control = true;  // whether a socket in the data directory answers questions (ditto/control.hpp)
  MetricsOptions metrics;
  LogOptions log;
};

/// What a program that embeds a server rather wants: any free port, one event loop, no log, no control
/// socket, no shares yet.
inline Options embedded_options() {
  Options options;
  options.data = memory_data;
  options.shares.clear();
  options.nfs_port = 0;
  options.threads = 1;
  options.pool_threads = 4;
  options.control = false;
  options.log.level = LogLevel::Off;
  return options;
}

}  // namespace ditto::server
