// What it does with files: opens, locks, reads and writes by stateids.
#include <algorithm>

#include "clients/version4.hpp"
#include "nfs/v4/messages/locks.hpp"
#include "nfs/v4/place.hpp"
#include "vfs/filehandle.hpp"

namespace ditto::sim {

using namespace ditto::nfs4;
using enum nfsstat4;
using enum nfs_opnum4;
using state::Share;

namespace {

std::uint32_t number_of(Share share) { return static_cast<std::uint32_t>(share); }

fattr4 size_of(std::uint64_t bytes) {
  fattr4 attributes;
  attributes.attrmask.set(4);  // size
  attributes.attr_vals = attrlist4::take(xdr::encode(bytes).coalesce());
  return attributes;
}

Share some_access(Dice& dice) { return dice.one_of({Share::Read, Share::Write, Share::Both, Share::Both}); }

state::ByteRange zone(std::size_t which) { return {which * cell_bytes, which * cell_bytes + cell_bytes - 1}; }

bool is_part(const state::ShareMode& part, const state::ShareMode& whole) {
  return (part.access | whole.access) == whole.access && (part.deny | whole.deny) == whole.deny;
}

}  // namespace

// ---- what it has
// ---------------------------------------------------------------------------------------------------------------------

Version4::Opened* Version4::find(unsigned id) {
  const auto found = std::ranges::find(opens_, id, &Opened::id);
  return found == opens_.end() ? nullptr : &*found;
}

Version4::Opened* Version4::some_open() {
  if (opens_.empty()) return nullptr;
  Opened& open = opens_[world_.dice.below(opens_.size())];
  return open.hold == Hold::Leaving ? nullptr : &open;
}

bool Version4::is_idle(const Opened& open) const {
  return open.in_use == 0 && !owners_[open.owner]->busy && !open.locker->busy;
}

state_owner4 Version4::owner(std::string_view name) const {
  return {known_as_, xdr::opaque<NFS4_OPAQUE_LIMIT>::copy_of(bytes_of(name))};
}

Sent Version4::by_open(const Opened& open, state::Operation operation) const {
  Sent sent;
  sent.actor = {.holder = {known_as_, {}}, .open = 1, .locks = {}};
  sent.inode = open.inode;
  sent.operation = operation;
  return sent;
}

stateid4 Version4::stateid_for_io(const Opened& open) {
  return open.lock_stateid && world_.dice.chance(1, 2) ? *open.lock_stateid : open.stateid;
}

void Version4::work() {
  if (!has_room()) return;
  const std::size_t what = world_.dice.below(24);
  Opened* found = some_open();
  if (!found || what < 5) return opens_.size() < 5 ? open() : renew();
  if (what < 8) return read(*found);
  if (what < 11) return write(*found);
  if (what < 12) return resize(*found);
  if (what < 14) return close(*found);
  if (what < 16) return downgrade(*found);
  if (what < 20) return lock(*found);
  if (what < 22) return unlock(*found);
  if (what < 23) return test_lock(*found);
  renew();
}

// ---- opens
// ---------------------------------------------------------------------------------------------------------------------------

void Version4::open() {
  auto& dice = world_.dice;
  Opened fresh;
  fresh.owner = dice.below(owner_count);
  const auto& by = owners_[fresh.owner];
  if (by->busy) return;
  const Name name = world_.some_name();
  fresh.mode = {some_access(dice),
                dice.one_of({Share::None, Share::None, Share::None, Share::Write, Share::Read, Share::Both})};
  world_.note(kind(), " ", number(), " opens ", name.name, " of ", std::uint64_t(name.directory), " for access ",
              std::uint64_t(fresh.mode.access), " deny ", std::uint64_t(fresh.mode.deny));
  OPEN4args args{.seqid = next(*by),
                 .share_access = number_of(fresh.mode.access),
                 .share_deny = number_of(fresh.mode.deny),
                 .owner = owner(by->name),
                 .openhow = {},
                 .claim = {}};
  args.claim.file = component4::copy_of(name.name);
  if (dice.chance(1, 5)) {
    args.openhow.opentype = opentype4::OPEN4_CREATE;
    if (dice.chance(1, 2)) args.openhow.how.createattrs = size_of(0);
  }
  const bool creates = args.openhow.opentype == opentype4::OPEN4_CREATE;
  Sent sent;
  sent.gains = Sent::Gains::New;
  sent.actor = {.holder = {known_as_, {}}, .open = 1, .locks = {}};
  sent.opens = true;
  sent.inode = world_.directory(name.directory).inode;
  sent.operation = creates ? state::Operation::AddEntry : state::Operation::List;
  const nfs_fh4 at = filehandle_of(Place{&world_.share(), world_.directory(name.directory)});
  send(Ops().fh(at).add(OP_OPEN, args).getfh(), std::move(sent), {by},
       [this, fresh = std::move(fresh)](Results& results) {
         results.next<PUTFH4res>();
         const auto result = results.next<OPEN4res>();
         if (result.status != NFS4_OK) {
           return world_.tally.event(result.status == NFS4ERR_GRACE          ? "NFSv4: opens refused: grace"
                                     : result.status == NFS4ERR_SHARE_DENIED ? "NFSv4: opens refused: share mode"
                                                                             : "NFSv4: opens refused: other reasons");
         }
         Opened made = fresh;
         made.handle = results.next<GETFH4res>().resok4.object;
         opened(std::move(made), result);
       });
}

void Version4::opened(Opened fresh, const OPEN4res& result) {
  const auto parsed = vfs::Filehandle::parse(fresh.handle.bytes());
  if (!parsed) return world_.violated(Rule::Replay, "OPEN leaves no filehandle");
  fresh.inode = parsed->node.inode;
  fresh.stateid = result.resok4.stateid;
  if ((result.resok4.rflags & OPEN4_RESULT_CONFIRM) != 0) return confirm_open(std::move(fresh));
  owners_[fresh.owner]->line->confirmed = true;
  world_.tally.event("NFSv4: opens");
  const auto same = std::ranges::find_if(
      opens_, [&](const Opened& each) { return each.inode == fresh.inode && each.owner == fresh.owner; });
  if (same != opens_.end() && same->stateid.other == fresh.stateid.other) {
    same->stateid = fresh.stateid;
    same->opened_as.push_back(fresh.mode);
    same->mode = {same->mode.access | fresh.mode.access, same->mode.deny | fresh.mode.deny};
    return;
  }
  if (same != opens_.end()) opens_.erase(same);
  fresh.id = ++last_open_;
  fresh.locker = fresh_queue("lock");
  fresh.opened_as = {fresh.mode};
  opens_.push_back(std::move(fresh));
}

void Version4::confirm_open(Opened fresh) {
  const auto by = owners_[fresh.owner];
  const nfs_fh4 handle = fresh.handle;
  const OPEN_CONFIRM4args args{fresh.stateid, next(*by)};
  send(Ops().fh(handle).add(OP_OPEN_CONFIRM, args), {}, {by}, [this, by, fresh = std::move(fresh)](Results& results) {
    results.next<PUTFH4res>();
    const auto confirmed = results.next<OPEN_CONFIRM4res>();
    if (confirmed.status != NFS4_OK) return world_.tally.event("NFSv4.0: opens not confirmed");
    world_.tally.event("NFSv4.0: opens confirmed");
    by->line->confirmed = true;
    OPEN4res as_if{};
    as_if.resok4.stateid = confirmed.resok4.open_stateid;
    opened(fresh, as_if);
  });
}

void Version4::close(Opened& open) {
  if (!is_idle(open)) return;
  const Hold before = open.hold;
  open.hold = Hold::Leaving;
  open.locker->line->over = true;
  const auto& by = owners_[open.owner];
  const CLOSE4args args{next(*by), open.stateid};
  send(Ops().fh(open.handle).add(OP_CLOSE, args), {}, {by}, [this, id = open.id, before](Results& results) {
    Opened* found = find(id);
    if (!found) return;
    if (results.status == NFS4ERR_DELAY || results.status == NFS4ERR_OLD_STATEID) {
      found->hold = before;
      found->locker->line->over = false;
      return;
    }
    world_.tally.event(results.status == NFS4_OK ? "NFSv4: closes" : "NFSv4: closes refused");
    std::erase_if(opens_, [&](const Opened& each) { return each.id == id; });
  });
}

void Version4::downgrade(Opened& open) {
  if (!is_idle(open) || open.opened_as.size() < 2) return;
  const state::ShareMode before = open.mode, less = open.opened_as[world_.dice.below(open.opened_as.size())];
  const auto& by = owners_[open.owner];
  const OPEN_DOWNGRADE4args args{open.stateid, next(*by), number_of(less.access), number_of(less.deny)};
  open.mode = less;
  send(Ops().fh(open.handle).add(OP_OPEN_DOWNGRADE, args), {}, {by},
       [this, id = open.id, before, less](Results& results) {
         results.next<PUTFH4res>();
         const auto result = results.next<OPEN_DOWNGRADE4res>();
         Opened* found = find(id);
         if (!found) return;
         if (result.status != NFS4_OK) {
           found->mode = before;
           return;
         }
         world_.tally.event("NFSv4: downgrades");
         found->stateid = result.resok4.open_stateid;
         std::erase_if(found->opened_as, [&](const state::ShareMode& mode) { return !is_part(mode, less); });
       });
}

// ---- reads and writes
// ----------------------------------------------------------------------------------------------------------------

void Version4::read(Opened& open) {
  const bool anonymous = world_.dice.chance(1, 8);
  if (!anonymous && !any(open.mode.access & Share::Read)) return;
  Sent sent = by_open(open, state::Operation::Read);
  if (anonymous) sent.actor = {};
  sent.kept = world_.dice.chance(1, 2);
  const std::size_t cell = world_.dice.below(cells_of_a_file);
  const READ4args args{anonymous ? stateid4{} : stateid_for_io(open), cell * cell_bytes, cell_bytes};
  ++open.in_use;
  send(Ops().fh(open.handle).add(OP_READ, args), std::move(sent), {}, [this, id = open.id](Results& results) {
    world_.tally.event(results.status == NFS4_OK ? "NFSv4: reads" : "NFSv4: reads refused");
    if (Opened* found = find(id)) --found->in_use;
  });
}

void Version4::write(Opened& open) {
  if (!any(open.mode.access & Share::Write)) return;
  const std::size_t cell = world_.dice.below(cells_of_a_file);
  const Value value = world_.new_value();
  world_.note(kind(), " ", number(), " writes ", value, " to cell ", cell, " of ", open.inode);
  WRITE4args args{stateid_for_io(open),
                  cell * cell_bytes,
                  world_.dice.one_of({stable_how4::UNSTABLE4, stable_how4::DATA_SYNC4, stable_how4::FILE_SYNC4}),
                  {}};
  args.data.chain = data_of(value);
  ++open.in_use;
  send(Ops().fh(open.handle).add(OP_WRITE, args), by_open(open, state::Operation::Write), {},
       [this, id = open.id, inode = open.inode, cell, value](Results& results) {
         results.next<PUTFH4res>();
         const auto result = results.next<WRITE4res>();
         world_.tally.event(result.status == NFS4_OK ? "NFSv4: writes" : "NFSv4: writes refused");
         if (Opened* found = find(id)) --found->in_use;
         if (result.status != NFS4_OK) return;
         if (!world_.truth.was_written(value)) world_.violated(Rule::LastWrite, "a write was acknowledged, not made");
         if (result.resok4.committed != stable_how4::UNSTABLE4) world_.truth.told_stable(inode, cell, value);
       });
}

void Version4::resize(Opened& open) {
  if (!any(open.mode.access & Share::Write)) return;
  const SETATTR4args args{stateid_for_io(open), size_of(world_.dice.below(cells_of_a_file + 1) * cell_bytes)};
  ++open.in_use;
  send(Ops().fh(open.handle).add(OP_SETATTR, args), by_open(open, state::Operation::SetSize), {},
       [this, id = open.id](Results& results) {
         world_.tally.event(results.status == NFS4_OK ? "NFSv4: sizes set" : "NFSv4: sizes refused");
         if (Opened* found = find(id)) --found->in_use;
       });
}

// ---- locks
// ---------------------------------------------------------------------------------------------------------------------------

void Version4::ask_for_lock(Opened& open, const Lock& wanted, bool waits, Sent sent, Then then) {
  const bool shared = wanted.kind == state::LockKind::Shared;
  using enum nfs_lock_type4;
  LOCK4args args{.locktype = shared ? (waits ? READW_LT : READ_LT) : (waits ? WRITEW_LT : WRITE_LT),
                 .reclaim = sent.gains == Sent::Gains::Back,
                 .offset = wanted.range.first,
                 .length = wanted.range.length(),
                 .locker = {.open_owner = {}, .lock_owner = {}}};
  std::vector<std::shared_ptr<Queue>> queues{open.locker};
  if (open.lock_stateid) {
    args.locker.lock_owner = {*open.lock_stateid, next(*open.locker)};
  } else {
    const auto& by = owners_[open.owner];
    queues.insert(queues.begin(), by);
    args.locker.new_lock_owner = true;
    args.locker.open_owner = {next(*by), open.stateid, next(*open.locker), owner(open.locker->name)};
  }
  send(Ops().fh(open.handle).add(OP_LOCK, args), std::move(sent), std::move(queues),
       [this, id = open.id, then = std::move(then)](Results& results) {
         results.next<PUTFH4res>();
         const auto result = results.next<LOCK4res>();
         Opened* found = find(id);
         if (found && result.status == NFS4_OK) found->lock_stateid = result.resok4.lock_stateid;
         then(results);
       });
}

void Version4::lock(Opened& open) {
  if (!is_idle(open)) return;
  auto& dice = world_.dice;
  const Lock wanted{.range = zone(dice.below(cells_of_a_file)),
                    .kind = dice.chance(2, 3) ? state::LockKind::Exclusive : state::LockKind::Shared};
  const bool shared = wanted.kind == state::LockKind::Shared;
  if (!any(open.mode.access & (shared ? Share::Read : Share::Write))) return;
  if (std::ranges::any_of(open.locks, [&](const Lock& lock) { return lock.range == wanted.range; })) return;
  Sent sent = by_open(open, shared ? state::Operation::LockShared : state::Operation::LockExclusive);
  sent.gains = Sent::Gains::New;
  ++open.in_use;
  ask_for_lock(open, wanted, dice.chance(1, 3), std::move(sent), [this, id = open.id, wanted](Results& results) {
    world_.tally.event(results.status == NFS4_OK          ? "NFSv4: locks granted"
                       : results.status == NFS4ERR_DENIED ? "NFSv4: locks denied"
                                                          : "NFSv4: locks refused");
    Opened* found = find(id);
    if (!found) return;
    --found->in_use;
    if (results.status == NFS4_OK) found->locks.push_back(wanted);
  });
}

void Version4::unlock(Opened& open) {
  if (open.locks.empty() || !open.lock_stateid || open.locker->busy) return;
  Lock& lock = open.locks[world_.dice.below(open.locks.size())];
  if (lock.hold == Hold::Leaving) return;
  const Hold before = lock.hold;
  lock.hold = Hold::Leaving;
  const LOCKU4args args{nfs_lock_type4::WRITE_LT, next(*open.locker), *open.lock_stateid, lock.range.first,
                        lock.range.length()};
  ++open.in_use;
  send(Ops().fh(open.handle).add(OP_LOCKU, args), {}, {open.locker},
       [this, id = open.id, range = lock.range, before](Results& results) {
         results.next<PUTFH4res>();
         const auto result = results.next<LOCKU4res>();
         world_.tally.event(result.status == NFS4_OK ? "NFSv4: unlocked" : "NFSv4: unlocking refused");
         Opened* found = find(id);
         if (!found) return;
         --found->in_use;
         const auto lock = std::ranges::find(found->locks, range, &Lock::range);
         if (lock == found->locks.end()) return;
         if (result.status != NFS4_OK) {
           lock->hold = before;
           return;
         }
         found->lock_stateid = result.resok4;
         found->locks.erase(lock);
       });
}

void Version4::test_lock(Opened& open) {
  const state::ByteRange range = zone(world_.dice.below(cells_of_a_file));
  const LOCKT4args args{nfs_lock_type4::WRITE_LT, range.first, range.length(), owner(open.locker->name)};
  Sent sent;
  sent.kept = world_.dice.chance(1, 2);
  send(Ops().fh(open.handle).add(OP_LOCKT, args), std::move(sent), {}, [this](Results& results) {
    world_.tally.event(results.status == NFS4_OK          ? "NFSv4: locks tested: free"
                       : results.status == NFS4ERR_DENIED ? "NFSv4: locks tested: taken"
                                                          : "NFSv4: locks tested: refused");
  });
}

}  // namespace ditto::sim
