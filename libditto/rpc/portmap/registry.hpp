// What portmap knows: which program listens where. The server fills in its own services, which nobody else can remove;
// other services of this machine may add theirs. Bounded, in memory only. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rpc/portmap/universal_address.hpp"
#include "rpc/program.hpp"

namespace ditto::rpc::portmap {

struct Mapping {
  std::uint32_t program = 0;
  std::uint32_t version = 0;
  Netid netid = Netid::Tcp;
  Endpoint endpoint;
  std::string owner;
  friend bool operator==(const Mapping&, const Mapping&) = default;
};

/// More are not taken. All of them fit in one datagram.
inline constexpr std::size_t max_mappings = 256;

class Registry {
 public:
  /// Enters services of this server. On `::` they are reached by IPv4 too.
  void publish(std::span<const Program> programs, Protocol protocol, const Endpoint& endpoint);

  /// Enters a service of somebody else's. False: it is registered elsewhere already, or there are too many.
  bool set(Mapping mapping);
  /// Removes somebody else's service, without `netid` on all transports. False: there was none.
  bool unset(std::uint32_t program, std::uint32_t version, std::optional<Netid> netid);

  /// Of that version, or else of any: the program itself then says which versions it has.
  std::optional<Mapping> find(std::uint32_t program, std::uint32_t version, Netid netid) const;
  std::vector<Mapping> all() const;

 private:
  struct Entry {
    Mapping mapping;
    bool own;
  };
  bool add(Mapping mapping, bool own);

  mutable std::mutex mutex_;  // guards entries_
  std::vector<Entry> entries_;
};

}  // namespace ditto::rpc::portmap
