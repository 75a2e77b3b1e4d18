#include "server/control/holders.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "nfs/mount/address.hpp"
#include "server/control/names.hpp"
#include "state/clients/session.hpp"
#include "state/listing.hpp"

namespace ditto::server {
namespace {

using Json = nlohmann::ordered_json;

/// {"count", "listed", "more"}
Json list_of(std::size_t count, Json listed) {
  const std::size_t more = count - std::min(count, listed.size());
  return {{"count", count}, {"listed", std::move(listed)}, {"more", more}};
}

std::int64_t seconds_until(state::Moment moment, state::Moment now) {
  return (static_cast<std::int64_t>(moment) - static_cast<std::int64_t>(now)) / 1'000'000'000;
}

std::string name_of(state::Standing standing) {
  switch (standing) {
    case state::Standing::Live: return "live";
    case state::Standing::Courtesy: return "courtesy";
    case state::Standing::Revoking: return "revoking";
    case state::Standing::Gone: return "gone";
  }
  return {};
}

std::string name_of(state::Share bits) {
  using state::Share;
  std::string name;
  for (const auto& [bit, word] : {std::pair(Share::Read, "read"), {Share::Write, "write"}, {Share::Delete, "delete"}}) {
    if (any(bits & bit)) name += (name.empty() ? "" : "+") + std::string(word);
  }
  return name.empty() ? "none" : name;
}

std::string name_of(state::Caching bits) {
  using state::Caching;
  std::string name;
  if (any(bits & Caching::Read)) name += 'R';
  if (any(bits & Caching::Write)) name += 'W';
  if (any(bits & Caching::Handle)) name += 'H';
  return name.empty() ? "nothing" : name;
}

/// Names of clients of every protocol, each looked up once.
class Names {
 public:
  explicit Names(const Holders& from) : from_(from) {
    for (const auto& host : from.locks.nlm().hosts.list()) names_.emplace(host.client, printable(host.name.name));
  }
  const std::string& of(state::ClientId id) {
    const auto [at, fresh] = names_.try_emplace(id);
    if (!fresh) return at->second;
    const auto client = from_.nfs4 ? from_.nfs4->clients().client(id) : nullptr;
    at->second = client ? printable(client->key.owner) : "?";
    return at->second;
  }

 private:
  const Holders& from_;
  std::unordered_map<state::ClientId, std::string> names_;
};

/// Its path as well, where that is known without waiting for a disk.
Json place_of(const Holders& from, const state::FileKey& file, std::uint64_t share) {
  const auto* found = from.shares.find(share);
  Json place{{"share", found ? found->name() : "?"}, {"inode", file.inode}};
  if (!found) return place;
  const vfs::NodeId node{.subvolume = file.subvolume, .inode = file.inode};
  std::string path = gate::path_of(*found, node, from.clock.now(), vfs::Blocking::Never);
  if (!path.empty()) place["path"] = std::move(path);
  return place;
}

void add_range(Json& row, const state::ByteLock& lock) {
  row["lock"] = lock.kind == state::LockKind::Exclusive ? "exclusive" : "shared";
  row["first"] = lock.range.first;
  if (lock.range.last != state::ByteRange::end_of_file) row["last"] = lock.range.last;
}

struct Describe {
  Json& row;
  const state::FileKey& file;
  state::Moment now;

  state::ClientId operator()(const state::Open& open) const {
    row["kind"] = "open";
    row["id"] = text_of({.kind = HeldName::Kind::Open, .client = open.holder.client, .number = open.id});
    row["access"] = name_of(open.mode.access);
    row["deny"] = name_of(open.mode.deny);
    return open.holder.client;
  }
  state::ClientId operator()(const state::ByteLock& lock) const {
    row["kind"] = "lock";
    row["id"] = text_of(
        {.kind = HeldName::Kind::Lock, .client = lock.owner.client, .number = lock.owner.number, .inode = file.inode});
    add_range(row, lock);
    return lock.owner.client;
  }
  state::ClientId operator()(const state::Grant& grant) const {
    row["kind"] = "grant";
    row["caching"] = name_of(grant.held);
    if (grant.breaking) {
      row["breaking_to"] = name_of(grant.goal);
      row["deadline_seconds"] = seconds_until(grant.deadline, now);
    }
    return grant.holder.client;
  }
};

std::string_view version_of(state::Protocol protocol) noexcept {
  switch (protocol) {
    case state::Protocol::Nlm: return "3";
    case state::Protocol::Nfs40: return "4.0";
    case state::Protocol::Nfs41: return "4.1";
    case state::Protocol::Smb: return "SMB";
  }
  return "?";
}

/// The same id is good in 4.1 and 4.2: what a client speaks is a matter of its sessions.
std::string_view version_of(const state::Clients& clients, const state::ClientSummary& client) {
  for (const auto& session : clients.sessions_of(client.id)) {
    if (session->callback_control().minor_version == 2) return "4.2";
  }
  return version_of(client.key.protocol);
}

}  // namespace

StatusSource client_status(const Holders& holders) {
  return [holders](StatusReport& report) {
    if (!holders.nfs4) return;
    const state::ClientList list = holders.nfs4->clients().list(report.rows);
    const state::Moment now = holders.clock.monotonic_ns();
    Json rows = Json::array();
    for (const state::ClientSummary& client : list.listed) {
      rows.push_back({{"id", text_of({.client = client.id})},
                      {"owner", printable(client.key.owner)},
                      {"version", version_of(holders.nfs4->clients(), client)},
                      {"address", client.address},
                      {"standing", name_of(client.standing)},
                      {"lease_seconds_left", seconds_until(client.lease_ends, now)},
                      {"opens", client.opens},
                      {"locks", client.locks},
                      {"grants", client.grants},
                      {"sessions", client.sessions},
                      {"revoked", client.revoked}});
    }
    report.sections["clients"] = list_of(list.count, std::move(rows));
  };
}

StatusSource peer_status(const Holders& holders) {
  return [holders](StatusReport& report) {
    const auto hosts = holders.locks.nlm().hosts.list();
    Json rows = Json::array();
    for (const auto& host : hosts) {
      if (rows.size() == report.rows) break;
      const bool monitored = holders.locks.monitored().has({.name = host.name.name, .address = host.name.address});
      rows.push_back({{"id", text_of({.client = host.client})},
                      {"name", printable(host.name.name)},
                      {"address", mount::to_text(host.name.address)},
                      {"owners", host.owners},
                      {"files", host.files},
                      {"reservations", host.reservations},
                      {"monitored", monitored}});
    }
    report.sections["peers"] = list_of(hosts.size(), std::move(rows));
    report.sections["peers"]["monitored"] = holders.locks.monitored().size();
  };
}

StatusSource holder_status(const Holders& holders) {
  return [holders](StatusReport& report) {
    const Epochs::Reader reading(&holders.shares.epochs(), &holders.shares);
    const state::HeldList list = list_held(holders.shares.coordinator().files(), report.rows);
    const state::Moment now = holders.clock.monotonic_ns();
    Names names(holders);
    Json rows = Json::array();
    for (const state::HeldRow& each : list.listed) {
      Json row = place_of(holders, each.file, each.share);
      const state::ClientId client = std::visit(Describe{row, each.file, now}, each.what);
      row["client"] = text_of({.client = client});
      row["name"] = names.of(client);
      rows.push_back(std::move(row));
    }
    report.sections["holders"] = list_of(list.count, std::move(rows));
  };
}

StatusSource waiter_status(const Holders& holders) {
  return [holders](StatusReport& report) {
    const Epochs::Reader reading(&holders.shares.epochs(), &holders.shares);
    const state::WaitingList list = list_waiting(holders.shares.coordinator().files(), report.rows);
    const state::Moment now = holders.clock.monotonic_ns();
    Names names(holders);
    Json rows = Json::array();
    for (const state::WaitingRow& each : list.listed) {
      Json row = place_of(holders, each.file, each.share);
      row["client"] = text_of({.client = each.client});
      row["name"] = each.client == state::nobody ? "NFSv3" : names.of(each.client);
      if (const auto* lock = std::get_if<state::ByteLock>(&each.what)) {
        row["for"] = "lock";
        add_range(row, *lock);
        row["kept"] = each.kept;
      } else {
        row["for"] = std::get<std::string_view>(each.what);
      }
      row["waiting_seconds"] = seconds_until(now, each.since);
      if (each.until != state::never) row["seconds_left"] = std::max<std::int64_t>(0, seconds_until(each.until, now));
      rows.push_back(std::move(row));
    }
    report.sections["waiters"] = list_of(list.count, std::move(rows));
  };
}

StatusSource grace_status(const Holders& holders) {
  return [holders](StatusReport& report) {
    const state::Grace& grace = holders.shares.coordinator().grace();
    const auto phase = grace.phase();
    Json section{{"running", phase != state::Grace::Phase::Over}};
    if (phase != state::Grace::Phase::Over) {
      const auto awaited = grace.awaited();
      Json rows = Json::array();
      for (const state::Awaited& each : awaited) {
        if (rows.size() == report.rows) break;
        rows.push_back({{"name", printable(each.who.owner)},
                        {"version", version_of(each.who.protocol)},
                        {"reclaims", each.reclaims}});
      }
      section["ending"] = phase == state::Grace::Phase::Ending;
      const state::Moment now = holders.clock.monotonic_ns(), ends_at = std::max(now, grace.deadline());
      section["seconds_left"] = ends_at == state::never ? 0 : seconds_until(ends_at, now);
      section["awaited"] = list_of(awaited.size(), std::move(rows));
    }
    report.sections["grace"] = std::move(section);
  };
}

}  // namespace ditto::server
