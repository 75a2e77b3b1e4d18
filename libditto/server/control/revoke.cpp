#include "server/control/revoke.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "nfs/nlm/administer.hpp"
#include "server/control/names.hpp"
#include "server/control/text.hpp"
#include "server/control/waiting_thread.hpp"

namespace ditto::server {
namespace {

HttpAnswer unknown(const HeldName& name) {
  return refusal(404, fmt::format("nobody holds anything as {}; {}", text_of(name), held_names_hint));
}

HttpAnswer revoked(Log& log, const std::string& what) {
  log.info("an administrator revoked " + what);
  return done("revoked " + what);
}

bool is_nfs4(state::ClientId id) noexcept { return state::incarnation_of(id) != 0; }

HttpAnswer revoke_nfs4(nfs4::Keeper& keeper, Log& log, const HeldName& name) {
  using Kind = HeldName::Kind;
  using Outcome = nfs4::Keeper::Taken::Outcome;
  const auto client = keeper.clients().client(name.client);
  if (!client) return unknown(name);
  const nfs4::Keeper::ToTake what{.client = name.client,
                                  .open = name.kind == Kind::Open ? name.number : 0,
                                  .lock_owner = name.kind == Kind::Lock ? name.number : 0,
                                  .inode = name.inode};
  WaitingThread here;
  const nfs4::Keeper::Taken taken = here.wait_for(keeper.take(here, what));
  switch (taken.outcome) {
    case Outcome::Unknown: return unknown(name);
    case Outcome::NotDurable:
      return refusal(500, fmt::format("{} stays: that it is revoked could not be written to the store, so that its "
                                      "client could get it back after a restart",
                                      text_of(name)));
    case Outcome::Done: break;
  }
  std::string sum = fmt::format("{}, {}", count_text(taken.opens, "open"), count_text(taken.locks, "lock state"));
  if (taken.grants > 0) sum += ", " + count_text(taken.grants, "grant");
  return revoked(log, fmt::format("{} of {}: {}", text_of(name), printable(client->key.owner), sum));
}

HttpAnswer revoke_nlm(nlm::Service& service, Log& log, const HeldName& name) {
  const auto hosts = service.hosts.list();
  const auto host = std::ranges::find(hosts, name.client, &nlm::Hosts::Summary::client);
  if (host == hosts.end()) return unknown(name);
  bool taken = false;
  switch (name.kind) {
    case HeldName::Kind::Client: taken = nlm::take_host(service, name.client); break;
    case HeldName::Kind::Open: taken = nlm::take_reservation(service, name.client, name.number); break;
    case HeldName::Kind::Lock:
      taken = nlm::take_locks(service, {state::LockRules::Posix, name.client, name.number}, name.inode);
      break;
  }
  if (!taken) return unknown(name);
  return revoked(log, fmt::format("{} of {}", text_of(name), printable(host->name.name)));
}

}  // namespace

HttpAnswer revoke(const Holders& holders, Log& log, std::string_view text) {
  const auto name = parse_held_name(text);
  if (!name) return refusal(400, not_a_held_name(text));
  if (!is_nfs4(name->client)) return revoke_nlm(holders.locks.nlm(), log, *name);
  return holders.nfs4 ? revoke_nfs4(*holders.nfs4, log, *name) : unknown(*name);
}

}  // namespace ditto::server
