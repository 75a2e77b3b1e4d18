#include "server/control/sources.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "base/utc.hpp"
#include "ditto/server.hpp"

namespace ditto::server {
namespace {

using Json = nlohmann::ordered_json;

std::string_view name_of(gate::Durability durability) {
  switch (durability) {
    case gate::Durability::Sync: return "sync";
    case gate::Durability::Async: return "async";
  }
  return "";
}

std::string place_of(const vfs::FileSystem& file_system, const StoreList::All& stores) {
  for (const auto& store : stores) {
    if (store->file_system.get() == &file_system) return store->place;
  }
  return "";
}

Json counts_of(const store::KvStatistics& counts) {
  return {{"journal_syncs", counts.syncs},
          {"journal_segments_begun", counts.segments_begun},
          {"journal_segments_reused", counts.segments_reused},
          {"checkpoints", counts.checkpoints},
          {"objects_settled", counts.objects_settled},
          {"replayed_records", counts.replayed_records},
          {"replayed_contents", counts.replayed_contents},
          {"skipped_contents", counts.skipped_contents},
          {"journal_tail_was_torn", counts.tail_was_torn}};
}

Json counts_of(const nfs4::Delegations& delegations) {
  const nfs4::DelegationCounts counts = delegations.counts();
  Json section = {{"held", delegations.size()}, {"asked", counts.asked}, {"notices", counts.notices}};
  const auto put = [&](const std::string& prefix, const nfs4::DelegationCounts::OfKind& kind) {
    section[prefix + "given"] = kind.given;
    section[prefix + "recalled"] = kind.recalled;
    section[prefix + "returned"] = kind.returned;
    section[prefix + "revoked"] = kind.revoked;
  };
  put("", counts.all());
  put("read_", counts.of(nfs4::DelegationKind::Read));
  put("write_", counts.of(nfs4::DelegationKind::Write));
  put("directory_", counts.of(nfs4::DelegationKind::Directory));
  return section;
}

Json describe(const std::string& place, const store::StoreStatus& status, std::vector<std::string>& attention) {
  Json store = {{"directory", place}, {"state", "serving"}};
  if (const auto& cause = status.read_only) {
    store["state"] = "read-only";
    store["reason"] = cause->reason;
    store["since"] = utc_text(cause->since);
    store["hint"] = cause->remedy;
    attention.push_back(fmt::format("the store in {} is read-only since {}: {}; what to do: {}", place,
                                    utc_text(cause->since), cause->reason, cause->remedy));
  } else if (status.out_of_space) {
    store["state"] = "disk-full";
    store["hint"] = "make room on its disk; everything goes on then by itself";
    attention.push_back(
        fmt::format("the disk of the store in {} is full: make room on it, everything goes on then by "
                    "itself",
                    place));
  }
  store["last_lsn"] = status.last;
  store["durable_lsn"] = status.durable;
  store["journal"] = {{"bytes", status.journal_bytes}, {"max_bytes", status.journal_max_bytes}};
  store["memory"] = {{"bytes", status.memory_bytes}, {"max_bytes", status.memory_max_bytes}};
  store["counters"] = counts_of(status.counts);
  return store;
}

}  // namespace

StatusSource process_status(const Clock& clock, const std::atomic<bool>& stopping) {
  return [&clock, &stopping, started = utc_text(clock.now()), started_ns = clock.monotonic_ns()](StatusReport& report) {
    report.sections["version"] = version();
    report.sections["pid"] = ::getpid();
    report.sections["state"] = stopping.load() ? "stopping" : "serving";
    report.sections["started"] = started;
    report.sections["uptime_seconds"] = (clock.monotonic_ns() - started_ns) / 1'000'000'000;
  };
}

StatusSource listener_status(std::vector<Listening> listeners) {
  return [listeners = std::move(listeners)](StatusReport& report) {
    Json all = Json::array();
    for (const Listening& each : listeners) {
      all.push_back({{"protocols", each.protocols},
                     {"address", each.address},
                     {"port", each.listener->port()},
                     {"connections", each.listener->connections()},
                     {"max_connections", each.max_connections},
                     {"refused_connections", each.listener->refused()}});
    }
    report.sections["listeners"] = std::move(all);
  };
}

StatusSource share_status(const gate::Shares& shares, const StoreList& stores) {
  return [&shares, &stores](StatusReport& report) {
    const Epochs::Reader reading(&shares.epochs(), &shares);
    const StoreList::All all_stores = stores.all();
    Json all = Json::array();
    for (const auto& share : shares.all()) {
      all.push_back({{"name", share->name()},
                     {"read_only", share->rules().read_only},
                     {"durability", name_of(share->rules().durability)},
                     {"store", place_of(share->file_system(), all_stores)}});
    }
    report.sections["shares"] = std::move(all);
  };
}

StatusSource store_status(const StoreList& stores) {
  return [&stores](StatusReport& report) {
    Json all = Json::array();
    for (const auto& store : stores.all()) {
      const auto status = store->store->status();
      all.push_back(status ? describe(store->place, *status, report.attention)
                           : Json{{"directory", store->place}, {"state", "serving"}});
    }
    report.sections["stores"] = std::move(all);
  };
}

StatusSource callback_status(const nfs4::Callbacks& callbacks) {
  return [&callbacks](StatusReport& report) {
    report.sections["nfs4_delegations"] = counts_of(callbacks.delegations());
    const nfs4::CallbackCounts counts = callbacks.counts();
    report.sections["nfs4_callbacks"] = {{"waiting", callbacks.waiting()},
                                         {"sent", counts.sent},
                                         {"recalls", counts.recalls},
                                         {"queries", counts.queries},
                                         {"directory_notices", counts.directory_notices},
                                         {"lock_notices", counts.lock_notices},
                                         {"copy_notices", counts.copy_notices},
                                         {"answered", counts.answered},
                                         {"failed", counts.failed},
                                         {"timed_out", counts.timed_out},
                                         {"lost", counts.lost},
                                         {"dropped", counts.dropped},
                                         {"probes", counts.probes},
                                         {"probes_failed", counts.probes_failed}};
    const nfs4::OffloadCounts copies = callbacks.offloads().counts();
    report.sections["nfs4_copies"] = {{"under_way", copies.under_way}, {"begun", copies.begun},
                                      {"finished", copies.finished},   {"failed", copies.failed},
                                      {"cancelled", copies.cancelled}, {"dropped", copies.dropped}};
  };
}

StatusSource audit_status(const AuditLog& audit) {
  return [&audit](StatusReport& report) {
    const AuditLog::Counts counts = audit.counts();
    report.sections["audit"] = {{"granted", counts.granted}, {"refused", counts.refused}, {"alarms", counts.alarms}};
  };
}

StatusSource memory_status(std::uint64_t budget_bytes, const MemoryBudget& budget, const rpc::InFlightPool& in_flight) {
  return [budget_bytes, most = budget.in_flight_bytes, &in_flight](StatusReport& report) {
    report.sections["memory"] = {{"budget_bytes", budget_bytes},
                                 {"in_flight", {{"bytes", in_flight.taken()}, {"max_bytes", most}}}};
  };
}

}  // namespace ditto::server
