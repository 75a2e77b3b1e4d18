// The arguments and results of portmap and rpcbind, spelled as in RFC 1833. Strings have no limit there; ours is far
// beyond what any service sends.
#pragma once

#include <cstddef>
#include <cstdint>

#include "rpc/portmap/registry.hpp"
#include "wire/xdr_list.hpp"
#include "wire/xdr_types.hpp"

namespace ditto::rpc::portmap {

inline constexpr std::uint32_t IPPROTO_OF_TCP = 6, IPPROTO_OF_UDP = 17;

/// A procedure's whole argument or result that is one value.
template <class T>
struct only {
  T value{};
  static constexpr void visit(auto& ar, auto& m) { ar(m.value); }
};

// Version 2.

struct mapping {
  std::uint32_t prog = 0;
  std::uint32_t vers = 0;
  std::uint32_t prot = 0;
  std::uint32_t port = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.prog, m.vers, m.prot, m.port); }
};
inline constexpr std::size_t pmaplist_bytes = max_mappings * 20;
using pmaplist = xdr::list<mapping, pmaplist_bytes>;

// Versions 3 and 4.

inline constexpr std::size_t max_string = 255;

struct rpcb {
  std::uint32_t r_prog = 0;
  std::uint32_t r_vers = 0;
  xdr::string<max_string> r_netid;
  xdr::string<max_string> r_addr;
  xdr::string<max_string> r_owner;
  static constexpr void visit(auto& ar, auto& m) { ar(m.r_prog, m.r_vers, m.r_netid, m.r_addr, m.r_owner); }
};
inline constexpr std::size_t rpcblist_bytes = 60000;  // max_mappings of usual length, and still a datagram
using rpcblist = xdr::list<rpcb, rpcblist_bytes>;

}  // namespace ditto::rpc::portmap
