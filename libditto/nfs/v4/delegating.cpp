#include "nfs/v4/delegating.hpp"

#include <memory>
#include <optional>

#include "gate/held.hpp"
#include "gate/promises.hpp"
#include "nfs/v4/callbacks/callbacks.hpp"
#include "nfs/v4/keeper.hpp"
#include "nfs/v4/messages/open.hpp"
#include "nfs/v4/wire_stateid.hpp"

namespace ditto::nfs4 {

namespace {

using enum open_delegation_type4;
using Why = why_no_delegation4;

/// How much a client may keep to itself of what was written, so that it can give it up within the time for a recall.
constexpr std::uint64_t write_behind_bytes = std::uint64_t{64} << 20;

state::FileKey file_of(const Place& place) noexcept { return gate::file_key(place.share->file_system(), place.node); }

class Giving {
 public:
  Giving(Compound& compound, state::Client& client, const DelegationWish& wish)
      : compound_(compound),
        keeper_(*compound.service.keeper),
        callbacks_(keeper_.callbacks()),
        client_(client),
        wish_(wish),
        want_(compound.minor == 0 ? 0 : wish.want & OPEN4_SHARE_ACCESS_WANT_DELEG_MASK) {}

  /// What it has come to already; nothing: it may be given.
  std::optional<open_delegation4> refused() const {
    const auto why = why_not();
    if (why) return none(*why);
    if (wish_.reclaims && wish_.reclaimed == OPEN_DELEGATE_NONE) return open_delegation4{};
    return std::nullopt;
  }

  Task<open_delegation4> run() {
    if (auto none = refused()) co_return *none;
    writes_ = wish_.reclaims ? wish_.reclaimed == OPEN_DELEGATE_WRITE : wants_to_write();
    // Whoever may write is the only one to read, too.
    if (writes_ && wish_.access == state::Share::Write && !co_await may(vfs::Access::ReadData)) {
      co_return none(Why::WND4_CONTENTION);
    }
    if (wish_.access == state::Share::None && !wish_.reclaims && !co_await may(needed())) {
      co_return none(Why::WND4_CONTENTION);
    }
    if (writes_ && !co_await note_change()) co_return none(Why::WND4_RESOURCE);
    co_return co_await give();
  }

 private:
  std::optional<Why> why_not() const {
    if (want_ == OPEN4_SHARE_ACCESS_WANT_NO_DELEG) return Why::WND4_NOT_WANTED;
    if (want_ == OPEN4_SHARE_ACCESS_WANT_CANCEL) return Why::WND4_CANCELLED;
    if (!callbacks_ || !wish_.place.share->rules().delegations) return Why::WND4_NOT_SUPP_FTYPE;
    if (wish_.reclaims) return std::nullopt;
    if (!callbacks_->reaches(client_)) return Why::WND4_RESOURCE;
    if (callbacks_->delegations().recalled_lately(file(), keeper_.now())) return Why::WND4_CONTENTION;
    return std::nullopt;
  }

  bool wants_to_write() const noexcept {
    if (wish_.access == state::Share::None) return want_ == OPEN4_SHARE_ACCESS_WANT_WRITE_DELEG;
    return any(wish_.access & state::Share::Write) && want_ != OPEN4_SHARE_ACCESS_WANT_READ_DELEG;
  }

  vfs::Access needed() const noexcept { return writes_ ? vfs::Access::ReadData | vfs::writing : vfs::Access::ReadData; }

  state::FileKey file() const noexcept { return file_of(wish_.place); }

  Task<bool> may(vfs::Access wanted) {
    const auto has = co_await compound_.entrance(*wish_.place.share).gate.access(wish_.place.node, wanted);
    co_return has && *has == wanted;
  }

  Task<bool> note_change() {
    const auto attributes = co_await compound_.entrance(*wish_.place.share).gate.stored_attributes(wish_.place.node);
    if (attributes) change_ = attributes->change;
    co_return attributes.has_value();
  }

  Task<std::optional<state::Grant>> granted(const state::GrantTable::Wanted& wanted) {
    if (wish_.access != state::Share::None) co_return keeper_.coordinator().files().grant(file(), wanted);
    gate::Actor& actor = compound_.entrance(*wish_.place.share).actor();
    co_return co_await gate::grant_node(actor, *wish_.place.share, wish_.place.node, wanted);
  }

  Task<open_delegation4> give() {
    const state::GrantId grant = keeper_.coordinator().new_id();
    const auto noted = note_delegation(compound_, client_, wish_.place, grant,
                                       writes_ ? DelegationKind::Write : DelegationKind::Read, change_);
    if (!noted) co_return none(noted.error());
    // From here on it can be recalled.
    const state::Claimant who{.client = client_.key, .owner = {}};
    if (writes_ && !co_await gate::keep_delegation(compound_.call.loop, keeper_.coordinator(), file(), grant, who)) {
      callbacks_->withdraw(file(), grant);
      co_return none(Why::WND4_RESOURCE);
    }
    const state::GrantTable::Wanted wanted{.id = grant,
                                           .holder = {client_.id, {}},
                                           .kind = state::GrantKind::Delegation,
                                           .caching = writes_ ? state::caching::rwh : state::caching::rh,
                                           .tells = writes_};
    const auto given = co_await granted(wanted);
    const bool as_wanted = given && given->id == grant && given->held == wanted.caching;
    // A client that went while this was on its way has been dropped, with all but this.
    if (!as_wanted || client_.lease.standing() == state::Standing::Gone) {
      callbacks_->withdraw(file(), grant);
      co_return none(Why::WND4_CONTENTION);
    }
    if (writes_ && wish_.reclaims) keeper_.coordinator().claimed(file(), grant, who);
    callbacks_->delegations().count_given(noted->kind);
    co_return written(noted->stateid);
  }

  open_delegation4 written(const stateid4& stateid) const {
    open_delegation4 given{.delegation_type = writes_ ? OPEN_DELEGATE_WRITE : OPEN_DELEGATE_READ};
    // Nobody is allowed anything by the ACE: whoever opens the file on the client is asked about here (ACCESS).
    const bool recall = wish_.reclaims && !callbacks_->reaches(client_);
    given.read = {.stateid = stateid, .recall = recall, .permissions = {}};
    given.write = {.stateid = stateid,
                   .recall = recall,
                   .space_limit = {.filesize = write_behind_bytes, .mod_blocks = {}},
                   .permissions = {}};
    return given;
  }

  /// Whoever asks by its wants what became of a delegation is told.
  open_delegation4 none(Why why) const noexcept {
    if (compound_.minor == 0 || want_ == OPEN4_SHARE_ACCESS_WANT_NO_PREFERENCE) return {};
    open_delegation4 none{.delegation_type = OPEN_DELEGATE_NONE_EXT};
    none.od_whynone.ond_why = why;
    return none;
  }

  Compound& compound_;
  Keeper& keeper_;
  Callbacks* const callbacks_;
  state::Client& client_;
  const DelegationWish& wish_;
  const std::uint32_t want_;
  bool writes_ = false;
  std::uint64_t change_ = 0;
};

}  // namespace

std::expected<Delegated, why_no_delegation4> note_delegation(Compound& compound, state::Client& client,
                                                             const Place& place, state::GrantId grant,
                                                             DelegationKind kind, std::uint64_t change) {
  Keeper& keeper = *compound.service.keeper;
  const auto holdings = keeper.holdings(client);
  if (!client.grants.add()) return std::unexpected(Why::WND4_RESOURCE);
  const auto id =
      holdings->begin_delegation(file_of(place), grant, kind == DelegationKind::Write, compound.call.caller.uid);
  Delegated delegated{.kind = kind,
                      .client = client.id,
                      .stateid = id ? wire_of(*id) : stateid4{},
                      .handle = filehandle_of(place),
                      .request = {},
                      .change = change};
  if (const auto& slot = compound.session_slot) {
    delegated.request = {slot->session->id(), slot->number, slot->sequence};
  }
  if (id && keeper.callbacks()->delegations().note(grant, delegated)) return delegated;
  if (id) holdings->end_delegation(id->number);
  client.grants.remove();
  return std::unexpected(id ? Why::WND4_RESOURCE : Why::WND4_CONTENTION);
}

std::optional<open_delegation4> refuse_delegation(Compound& compound, state::Client& client,
                                                  const DelegationWish& wish) {
  return Giving(compound, client, wish).refused();
}

Task<open_delegation4> give_delegation(Compound& compound, state::Client& client, const DelegationWish& wish) {
  co_return co_await Giving(compound, client, wish).run();
}

}  // namespace ditto::nfs4
