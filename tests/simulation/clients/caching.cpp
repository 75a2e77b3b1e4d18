#include "clients/caching.hpp"

#include <algorithm>

#include "rules/rules.hpp"

namespace ditto::sim {

using state::Caching;

bool CachingClient::Copy::any_changed() const { return std::ranges::find(changed, true) != changed.end(); }

void CachingClient::forget() {
  opens_.clear();
  copies_.clear();
  recalls_.clear();
  overtakes_.clear();
  busy_ = false;
}

CachingClient::Copy* CachingClient::copy_of(const state::Holder& holder, vfs::NodeId node) {
  const auto found =
      std::ranges::find_if(copies_, [&](const Copy& copy) { return copy.holder == holder && copy.node == node; });
  return found == copies_.end() ? nullptr : &*found;
}

bool CachingClient::has_opens(const state::Holder& holder, vfs::NodeId node) const {
  return std::ranges::any_of(opens_, [&](const Opened& open) { return open.holder == holder && open.node == node; });
}

std::optional<HeldBack> CachingClient::held_back(Inode inode, std::size_t cell) const {
  for (const Copy& copy : copies_) {
    if (copy.node.inode == inode && copy.changed[cell]) return HeldBack{copy.holder, copy.grant, *copy.cells[cell]};
  }
  return std::nullopt;
}

// ---- what it does
// -------------------------------------------------------------------------------------------------------------

void CachingClient::act() {
  for (Copy& copy : copies_) {
    if (copy.asked && !copy.never_answers && world_.dice.chance(1, 2)) return progress(copy);
  }
  const std::size_t what = world_.dice.below(26);
  if (what >= 20) return act_in_directory();
  if (!opens_.empty()) {
    const std::size_t which = world_.dice.below(opens_.size());
    const Opened open = opens_[which];
    const std::size_t cell = world_.dice.below(cells_of_a_file);
    if (open.type == vfs::FileType::Directory && what < 12) return list(open.node, open.holder);
    if (what < 6) return read(open, cell);
    if (what < 11) return write(open, cell);
    if (what < 12) return resize(open);
    if (what < 14) return close(which);
    if (what < 16 && act_otherwise()) return;
    if (what < 17 && !copies_.empty()) return write_back(copies_[world_.dice.below(copies_.size())]);
  }
  if (busy_ || opens_.size() >= 4) return;
  if (const auto wanted = some_open()) open(*wanted);
}

void CachingClient::open(const WantedOpen& wanted) {
  busy_ = true;
  WantedOpen sent = wanted;
  sent.answers = answers_;
  // What it keeps of a file must not outlive that it empties it.
  if (sent.how == state::Operation::Overwrite && !copies_.empty()) sent.how = state::Operation::OpenWrite;
  world_.note(kind(), " ", number(), " opens ", wanted.name.name, " of ", std::uint64_t(wanted.name.directory),
              " for access ", std::uint64_t(wanted.mode.access), " deny ", std::uint64_t(wanted.mode.deny),
              " to cache ", std::uint64_t(wanted.caching));
  world_.ask(*this, [=, this, life = id()] { serve_open(life, sent); });
}

void CachingClient::opened(const WantedOpen& wanted, vfs::NodeId node, const std::optional<state::Grant>& grant) {
  opens_.push_back({wanted.id, node, wanted.name, wanted.mode, wanted.holder, wanted.type});
  if (grant) granted(wanted.holder, node, wanted.type, *grant, wanted.answers);
}

void CachingClient::granted(const state::Holder& holder, vfs::NodeId node, vfs::FileType type,
                            const state::Grant& grant, unsigned answers) {
  Copy* copy = copy_of(holder, node);
  const Copy fresh{.node = node,
                   .holder = holder,
                   .grant = grant.id,
                   .kind = grant.kind,
                   .is_directory = type == vfs::FileType::Directory};
  // An answer to a break and this grant passed each other: less is safe.
  if (!copy && answers != answers_) return;
  if (!copy) copy = &copies_.emplace_back(fresh);
  if (copy->grant != grant.id) *copy = fresh;
  if (!copy->asked) copy->has = answers == answers_ ? grant.held : copy->has & grant.held;
  const auto early = overtakes_.find(grant.id);
  if (early == overtakes_.end()) return;
  const state::Recall recall = early->second;
  overtakes_.erase(early);
  --recalls_[grant.id];
  recalled(recall);
}

void CachingClient::close(std::size_t which) {
  if (busy_) return;
  const Opened open = opens_[which];
  Copy* copy = copy_of(open.holder, open.node);
  const bool last = std::ranges::count_if(opens_, [&](const Opened& other) {
                      return other.holder == open.holder && other.node == open.node;
                    }) == 1;
  if (copy && last) {
    if (copy->any_changed() || copy->flushing != 0) return write_back(*copy);
    if (grant_goes_with_last_open()) drop(copy->grant);
  }
  opens_.erase(opens_.begin() + static_cast<long>(which));
  busy_ = true;
  world_.note(kind(), " ", number(), " closes open ", open.id);
  world_.ask(*this, [=, this, life = id()] { serve_close(life, open); });
}

void CachingClient::read(const Opened& open, std::size_t cell) {
  if (!any(open.mode.access & state::Share::Read)) return;
  Copy* copy = copy_of(open.holder, open.node);
  if (copy && copy->may(Caching::Read) && copy->cells[cell]) {
    world_.tally.event("reads from a cache");
    world_.note(kind(), " ", number(), " reads ", *copy->cells[cell], " of ", open.node.inode, " from its cache");
    return rules::last_write_of_cache(world_, {copy->holder, copy->grant, *copy->cells[cell]}, open.node.inode, cell,
                                      copy->changed[cell]);
  }
  if (busy_) return;
  busy_ = true;
  const state::GrantId under = copy && copy->may(Caching::Read) ? copy->grant : 0;
  world_.ask(*this, [=, this, life = id()] { serve_read(life, open, cell, under); });
}

void CachingClient::write(const Opened& open, std::size_t cell) {
  if (!any(open.mode.access & state::Share::Write)) return;
  Copy* copy = copy_of(open.holder, open.node);
  const Value value = world_.new_value();
  if (copy && copy->may(Caching::Write)) {
    if (copy->asked || busy_) return;
    world_.tally.event("changes kept back");
    world_.note(kind(), " ", number(), " keeps ", value, " for cell ", cell, " of ", open.node.inode, " back");
    copy->cells[cell] = value;
    copy->changed[cell] = true;
    return;
  }
  if (busy_ || (copy && copy->flushing != 0)) return;
  busy_ = true;
  if (copy) copy->cells[cell].reset();
  const state::GrantId under = copy ? copy->grant : 0;
  world_.note(kind(), " ", number(), " writes ", value, " to cell ", cell, " of ", open.node.inode);
  world_.ask(*this, [=, this, life = id()] { serve_write(life, open, cell, value, under, false); });
}

void CachingClient::resize(const Opened& open) {
  Copy* copy = copy_of(open.holder, open.node);
  if (busy_ || !any(open.mode.access & state::Share::Write)) return;
  if (copy && (copy->asked || copy->any_changed() || copy->flushing != 0)) return;
  if (copy) copy->cells = {};
  busy_ = true;
  const std::uint64_t bytes = world_.dice.below(cells_of_a_file + 1) * cell_bytes;
  world_.ask(*this, [=, this, life = id()] { serve_resize(life, open, bytes); });
}

/// All that was kept back goes to the server.
void CachingClient::write_back(Copy& copy) {
  if (copy.flushing != 0) return;
  Opened open{.node = copy.node, .holder = copy.holder};
  for (const Opened& any_open : opens_) {
    const bool writes = any(any_open.mode.access & state::Share::Write);
    if (any_open.holder == copy.holder && any_open.node == copy.node && writes) open = any_open;
  }
  for (std::size_t cell = 0; cell < cells_of_a_file; ++cell) {
    if (!copy.changed[cell]) continue;
    ++copy.flushing;
    const Value value = *copy.cells[cell];
    world_.note(kind(), " ", number(), " writes ", value, " back to cell ", cell, " of ", copy.node.inode);
    world_.ask(*this,
               [=, this, life = id(), grant = copy.grant] { serve_write(life, open, cell, value, grant, true); });
  }
}

// ---- breaks
// ---------------------------------------------------------------------------------------------------------------------

void CachingClient::recalled(const state::Recall& recall) {
  ++recalls_[recall.grant];
  const auto found = std::ranges::find(copies_, recall.grant, &Copy::grant);
  if (found == copies_.end()) {
    overtakes_.emplace(recall.grant, recall);
    return;
  }
  if (!recall.acknowledge) return lower(*found, recall.to);
  found->asked = recall;
  found->recalls = recalls_[recall.grant];
  found->never_answers = world_.dice.chance(1, 10);
  if (found->never_answers) world_.tally.event("breaks that are never answered");
}

void CachingClient::revoked(const state::Revoked& revoked) {
  const auto found = std::ranges::find(copies_, revoked.grant, &Copy::grant);
  if (found != copies_.end()) drop(revoked.grant);
}

void CachingClient::lower(Copy& copy, Caching to) {
  copy.has = to;
  if (!any(to)) drop(copy.grant);
}

void CachingClient::drop(state::GrantId grant) {
  std::erase_if(copies_, [&](const Copy& copy) { return copy.grant == grant; });
}

/// The next step towards the answer.
void CachingClient::progress(Copy& copy) {
  if (copy.flushing != 0) return;
  if (copy.any_changed()) return write_back(copy);
  const Caching kept = keeps(copy);
  world_.note(kind(), " ", number(), " answers the break of grant ", copy.grant, " and keeps ", std::uint64_t(kept));
  const Answer answer{copy.grant, copy.node, copy.asked->epoch, kept, copy.recalls};
  const auto say = [this, life = id(), answer] {
    if (world_.session_lives(life)) serve_answer(answer);
  };
  world_.ask(*this, say);
  // Some say it twice.
  if (world_.dice.chance(1, 3)) world_.ask(*this, say);
  ++answers_;
  copy.asked.reset();
  lower(copy, kept);
}

// ---- the server's side
// ------------------------------------------------------------------------------------------------------------

Detached CachingClient::serve_open(state::ClientId life, WantedOpen wanted) {
  World& world = world_;
  if (!world.session_lives(life)) co_return;
  Request request(world, *this, life, {wanted.holder, wanted.id, {}});
  if (world.in_grace()) {
    world.tally.event("opens refused: grace");
    co_return answer(request, [] {});
  }
  const auto found = co_await find(request, wanted.name);
  if (!found) co_return answer(request, [] {});
  const vfs::NodeId node = *found;
  world.meets(wanted.how, node.inode, wanted.holder);
  auto opened_it = co_await gate::open_node(
      request.actor(), world.share(), node,
      {.open = {wanted.id, wanted.holder, wanted.mode}, .how = wanted.how, .type = wanted.type});
  if (!opened_it) {
    const auto refusal = opened_it.error().refusal();
    world.tally.event(refusal == state::Refusal::ShareConflict   ? "opens refused: share mode"
                      : refusal == state::Refusal::DeletePending ? "opens refused: delete pending"
                      : refusal == state::Refusal::TimedOut      ? "opens told to come again"
                                                                 : "opens that failed otherwise");
    co_return answer(request, [] {});
  }
  if (wanted.how == state::Operation::Overwrite) (void)co_await request.gate().setattr(node, {.size = 0}, std::nullopt);
  if (!request.session_lives()) {
    gate::close_open(world.share(), node, wanted.id);
    co_return;
  }
  world.tally.event("opens");
  rules::gained(world, *this);
  std::optional<state::Grant> grant;
  if (any(wanted.caching)) {
    Caching had{};
    world.with_state(node.inode, [&](const state::FileState& file) {
      if (const state::Grant* has = file.grants().find(wanted.holder)) had = has->held;
    });
    grant = world.coordinator().files().grant(
        world.key_of(node), [] { return std::unique_ptr<state::Anchor>(); },
        {.id = world.coordinator().new_id(), .holder = wanted.holder, .kind = wanted.kind, .caching = wanted.caching});
    if (grant) world.tally.transition(grant->kind, had, grant->held);
    if (grant && wanted.type == vfs::FileType::Directory) world.tally.event("directory leases");
  }
  world.note("open ", wanted.id, " of ", node.inode, " by client ", life, ", grant ", grant ? grant->id : 0, " of ",
             grant ? std::uint64_t(grant->held) : 0);
  answer(request, [=, this] { opened(wanted, node, grant); });
}

Detached CachingClient::serve_read(state::ClientId life, Opened open, std::size_t cell, state::GrantId under) {
  World& world = world_;
  if (!world.session_lives(life)) co_return;
  world.meets(state::Operation::Read, open.node.inode, open.holder);
  Request request(world, *this, life, actor_of(open));
  auto read = co_await request.gate().read(open.node, cell * cell_bytes, cell_bytes);
  if (!read) {
    world.tally.event(read.error() == Error::Delay ? "reads told to come again" : "reads refused");
    co_return answer(request, [] {});
  }
  world.tally.event("reads from the server");
  answer(request, [=, this, value = value_in(read->data)] {
    Copy* copy = copy_of(open.holder, open.node);
    if (copy && copy->grant == under && copy->may(Caching::Read) && !copy->cells[cell]) copy->cells[cell] = value;
  });
}

Detached CachingClient::serve_write(state::ClientId life, Opened open, std::size_t cell, Value value,
                                    state::GrantId under, bool written_back) {
  World& world = world_;
  if (!world.session_lives(life)) co_return;
  if (!written_back) world.meets(state::Operation::Write, open.node.inode, open.holder);
  Request request(world, *this, life, actor_of(open));
  const BufferChain data = data_of(value);
  const auto written = co_await request.gate().write(open.node, cell * cell_bytes, data, vfs::Stability::FileSync);
  world.tally.event(!written ? "writes refused" : written_back ? "changes written back" : "writes");
  const auto then = [=, this, done = written.has_value()] {
    if (done) world_.truth.told_stable(open.node.inode, cell, value);
    if (done && !world_.truth.was_written(value)) {
      world_.violated(Rule::LastWrite, "a write was acknowledged, not made");
    }
    Copy* copy = copy_of(open.holder, open.node);
    if (!copy || copy->grant != under) return;
    if (!written_back) {
      if (done && copy->may(Caching::Read)) copy->cells[cell] = value;
      return;
    }
    --copy->flushing;
    // Written again since: it stays changed. Refused: its application hears of it.
    if (copy->cells[cell] != value) return;
    copy->changed[cell] = false;
    if (!done) copy->cells[cell].reset();
  };
  if (written_back) {
    request.reply(then);
  } else {
    answer(request, then);
  }
}

Detached CachingClient::serve_resize(state::ClientId life, Opened open, std::uint64_t bytes) {
  World& world = world_;
  if (!world.session_lives(life)) co_return;
  world.meets(state::Operation::SetSize, open.node.inode, open.holder);
  Request request(world, *this, life, actor_of(open));
  const vfs::SetAttributes changes{.size = bytes};
  const auto done = co_await request.gate().setattr(open.node, changes, std::nullopt);
  world.tally.event(done ? "sizes set" : "sizes refused");
  answer(request, [] {});
}

}  // namespace ditto::sim
