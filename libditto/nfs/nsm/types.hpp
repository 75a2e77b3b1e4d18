// The data types of the status monitor (XNFS, chapter 11), spelled as there. Plain values; names lend the memory of the
// request they were read from.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "wire/xdr_types.hpp"

namespace ditto::nsm {

inline constexpr std::size_t SM_MAXSTRLEN = 1024, SM_PRIV_SIZE = 16;

using string = xdr::string<SM_MAXSTRLEN>;

enum class res : std::uint32_t { stat_succ = 0, stat_fail = 1 };

struct sm_name {
  string mon_name;
  static constexpr void visit(auto& ar, auto& m) { ar(m.mon_name); }
};
struct my_id {
  string my_name;
  std::uint32_t my_prog = 0;
  std::uint32_t my_vers = 0;
  std::uint32_t my_proc = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.my_name, m.my_prog, m.my_vers, m.my_proc); }
};
struct mon_id {
  string mon_name;
  struct my_id my_id;
  static constexpr void visit(auto& ar, auto& m) { ar(m.mon_name, m.my_id); }
};
struct mon {
  struct mon_id mon_id;
  xdr::fixed_opaque<SM_PRIV_SIZE> priv{};
  static constexpr void visit(auto& ar, auto& m) { ar(m.mon_id, m.priv); }
};
struct sm_stat {
  std::int32_t state = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.state); }
};
struct sm_stat_res {
  res res_stat{};
  std::int32_t state = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.res_stat, m.state); }
};
struct stat_chge {
  string mon_name;
  std::int32_t state = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.mon_name, m.state); }
};
/// What a program that asked for it is told.
struct status {
  string mon_name;
  std::int32_t state = 0;
  xdr::fixed_opaque<SM_PRIV_SIZE> priv{};
  static constexpr void visit(auto& ar, auto& m) { ar(m.mon_name, m.state, m.priv); }
};

}  // namespace ditto::nsm
