#include "report.hpp"

#include <cstdio>
#include <string_view>

namespace ditto::sim {
namespace {

using state::Caching;
using state::GrantKind;
using state::Operation;

std::string letters(Caching held) {
  std::string text;
  if (any(held & Caching::Read)) text += 'R';
  if (any(held & Caching::Write)) text += 'W';
  if (any(held & Caching::Handle)) text += 'H';
  return text.empty() ? "-" : text;
}

struct Column {
  GrantKind kind;
  Caching held;
  std::string_view name;
};
constexpr Column columns[] = {
    {GrantKind::Delegation, state::caching::rh, "deleg R"}, {GrantKind::Delegation, state::caching::rwh, "deleg W"},
    {GrantKind::Lease, state::caching::r, "lease R"},       {GrantKind::Lease, state::caching::rh, "lease RH"},
    {GrantKind::Lease, state::caching::rw, "lease RW"},     {GrantKind::Lease, state::caching::rwh, "lease RWH"},
    {GrantKind::Oplock, state::caching::r, "level II"},     {GrantKind::Oplock, state::caching::rw, "exclusive"},
    {GrantKind::Oplock, state::caching::rwh, "batch"}};

/// Nobody keeps changes to a directory back, and oplocks are of files.
bool reachable(Operation operation, const Column& column) {
  if (operation < Operation::List) return true;
  return column.kind != GrantKind::Oplock && !any(column.held & Caching::Write);
}

struct Step {
  GrantKind kind;
  Caching from, to;
};
constexpr Caching none = Caching::None, r = state::caching::r, rh = state::caching::rh, rw = state::caching::rw,
                  rwh = state::caching::rwh;
constexpr Step steps[] = {
    {GrantKind::Delegation, none, rh}, {GrantKind::Delegation, none, rwh}, {GrantKind::Delegation, rh, rwh},
    {GrantKind::Delegation, rh, none}, {GrantKind::Delegation, rwh, none}, {GrantKind::Lease, none, r},
    {GrantKind::Lease, none, rh},      {GrantKind::Lease, none, rw},       {GrantKind::Lease, none, rwh},
    {GrantKind::Lease, r, rh},         {GrantKind::Lease, r, rw},          {GrantKind::Lease, r, rwh},
    {GrantKind::Lease, rh, rwh},       {GrantKind::Lease, rw, rwh},        {GrantKind::Lease, rw, r},
    {GrantKind::Lease, rw, none},      {GrantKind::Lease, rwh, rh},        {GrantKind::Lease, rwh, rw},
    {GrantKind::Lease, rwh, r},        {GrantKind::Lease, rwh, none},      {GrantKind::Lease, rh, r},
    {GrantKind::Lease, rh, none},      {GrantKind::Oplock, none, r},       {GrantKind::Oplock, none, rw},
    {GrantKind::Oplock, none, rwh},    {GrantKind::Oplock, rw, r},         {GrantKind::Oplock, rw, none},
    {GrantKind::Oplock, rwh, r},       {GrantKind::Oplock, rwh, none}};

constexpr std::string_view events[] = {
    "breaks answered",
    "breaks by telling",
    "breaks that are never answered",
    "breaks to acknowledge",
    "changes kept back",
    "changes written back",
    "clients that died",
    "clients that expired",
    "crashes",
    "delegations returned",
    "delegations returned unasked",
    "directories moved from under a grant",
    "directories removed",
    "directories removed from under a grant",
    "directory delegations",
    "directory leases",
    "entries changed",
    "entries changed by who has a grant there",
    "files deleted on close",
    "listings kept",
    "listings read from a cache",
    "locks denied",
    "locks granted",
    "locks parked",
    "locks refused: deadlock",
    "mandatory locks denied",
    "mandatory locks granted",
    "messages lost",
    "messages that came twice",
    "locks refused: grace",
    "NFSv4: clients that fell silent",
    "NFSv4: closes",
    "NFSv4: downgrades",
    "NFSv4: locks denied",
    "NFSv4: locks granted",
    "NFSv4: locks reclaimed",
    "NFSv4: locks tested: free",
    "NFSv4: locks tested: taken",
    "NFSv4: opens",
    "NFSv4: opens reclaimed",
    "NFSv4: opens refused: grace",
    "NFSv4: opens refused: share mode",
    "NFSv4: reads",
    "NFSv4: reads refused",
    "NFSv4: reclaims refused",
    "NFSv4: replayed too late",
    "NFSv4: replayed while the first ran",
    "NFSv4: sizes set",
    "NFSv4: unlocked",
    "NFSv4: writes",
    "NFSv4: writes refused",
    "NFSv4.0: clients that were forgotten",
    "NFSv4.0: opens confirmed",
    "NFSv4.0: requests replayed",
    "NFSv4.1: clients that were forgotten",
    "NFSv4.1: cut off",
    "NFSv4.1: cut off when the server dies",
    "NFSv4.1: reclaims refused: cut off",
    "NFSv4.1: requests replayed",
    "NFSv3: done",
    "NFSv3: told to come again",
    "opens",
    "opens refused: delete pending",
    "opens refused: grace",
    "opens refused: share mode",
    "opens told to come again",
    "parked locks cancelled",
    "parked locks granted",
    "parked locks that gave up",
    "polled locks told of",
    "reads from a cache",
    "reads refused",
    "records not written",
    "records that a crash caught",
    "requests that waited",
    "revoked grants",
    "unstable writes committed",
    "unstable writes that a crash took",
    "writes refused",
};

std::string name_of(const Step& step) {
  constexpr std::string_view kinds[] = {"delegation", "lease", "oplock"};
  return std::string(kinds[std::size_t(step.kind)]) + " " + letters(step.from) + " > " + letters(step.to);
}

}  // namespace

void print(const Tally& tally) {
  std::printf("what happened:\n");
  for (const auto& [name, times] : tally.events()) {
    std::printf("  %9u  %.*s\n", times, static_cast<int>(name.size()), name.data());
  }
  std::printf("transitions of grants, by their holders:\n");
  for (std::size_t kind = 0; kind < Tally::kinds; ++kind) {
    for (std::size_t from = 0; from < Tally::sets; ++from) {
      for (std::size_t to = 0; to < Tally::sets; ++to) {
        const Step step{GrantKind(kind), Caching(from), Caching(to)};
        const unsigned times = tally.transitions(step.kind, step.from, step.to);
        if (times != 0 && from != to) std::printf("  %9u  %s\n", times, name_of(step).c_str());
      }
    }
  }
  std::printf("cells of the conflict table, how often met:\n  %-18s", "");
  for (const Column& column : columns) {
    std::printf(" %9.*s", static_cast<int>(column.name.size()), column.name.data());
  }
  for (std::size_t op = 0; op < state::operation_count; ++op) {
    const std::string_view name = state::demand_of(Operation(op)).name;
    std::printf("\n  %-18.*s", static_cast<int>(name.size()), name.data());
    for (const Column& column : columns) std::printf(" %9u", tally.cells(Operation(op), column.kind, column.held));
  }
  std::printf("\n");
  std::fflush(stdout);
}

std::vector<std::string> missing(const Tally& tally) {
  std::vector<std::string> never;
  for (const std::string_view event : events) {
    const auto found = tally.events().find(event);
    if (found == tally.events().end() || found->second == 0) never.emplace_back(event);
  }
  for (const Step& step : steps) {
    if (tally.transitions(step.kind, step.from, step.to) == 0) never.push_back(name_of(step));
  }
  for (std::size_t op = 0; op < state::operation_count; ++op) {
    for (const Column& column : columns) {
      if (!reachable(Operation(op), column)) continue;
      if (tally.cells(Operation(op), column.kind, column.held) != 0) continue;
      never.push_back(std::string(state::demand_of(Operation(op)).name) + " by " + std::string(column.name));
    }
  }
  return never;
}

}  // namespace ditto::sim
