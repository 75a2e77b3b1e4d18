#include "ops/nfs4/holder.hpp"

#include <algorithm>
#include <utility>

#include "gate/promises.hpp"

namespace ditto::test::v4 {

using namespace ditto::nfs4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {

using Owner = xdr::opaque<NFS4_OPAQUE_LIMIT>;
Owner owner_of(std::string_view name) { return Owner::copy_of(bytes_of(name)); }

/// RFC 7530, 9.1.7.
bool counts(nfsstat4 status) {
  return status != NFS4ERR_STALE_CLIENTID && status != NFS4ERR_STALE_STATEID && status != NFS4ERR_BAD_STATEID &&
         status != NFS4ERR_BAD_SEQID && status != NFS4ERR_RESOURCE && status != NFS4ERR_NOFILEHANDLE;
}

const channel_attrs4 channel{.ca_maxrequestsize = 1 << 20,
                             .ca_maxresponsesize = 1 << 20,
                             .ca_maxresponsesize_cached = 2048,
                             .ca_maxoperations = 16,
                             .ca_maxrequests = 4,
                             .ca_rdma_ird = {}};

}  // namespace

void KeptRecords::apply(const state::Persist& change, Done done) {
  switch (way) {
    case Way::AtOnce: apply_change(kept, change); return done(true);
    case Way::Held: held_.emplace_back(change, std::move(done)); return;
    case Way::Failing: return done(false);
  }
}

std::size_t KeptRecords::finish_held(bool durable) {
  const auto held = std::exchange(held_, {});
  for (const auto& [change, done] : held) {
    if (durable) apply_change(kept, change);
    done(durable);
  }
  return held.size();
}

void Server::start() {
  KeeperOptions options{.limits = limits_,
                        .incarnation = ++incarnation_,
                        .records = records.kept.clients,
                        .objects = records.kept.objects};
  options.limits.lease_ns = lease_seconds * 1'000'000'000;
  keeper = std::make_unique<Keeper>(world.shares.coordinator(), world.clock, records, options);
  gate::reserve(world.shares, options.objects, world.clock);
}

void Server::restart() {
  // What is on its way ends first, for nobody, so that no request is left behind in the world that goes.
  const KeptState kept = records.kept;
  records.way = KeptRecords::Way::Failing;
  records.finish_held(false);
  world.turn();
  world.restart();
  records.way = KeptRecords::Way::AtOnce;
  records.kept = kept;
  before_.push_back(std::move(keeper));
  start();
}

void Server::wait_seconds(std::uint64_t seconds) {
  world.clock.advance_seconds(seconds);
  keeper->advance();
}

Holder::Holder(Server& server, std::uint32_t minor_version, std::string own_name, std::uint64_t own_verifier)
    : Client(server.world), name(std::move(own_name)), verifier(own_verifier) {
  minor = minor_version;
  use(server);
  introduce();
  if (minor > 0) REQUIRE(reclaim_complete() == NFS4_OK);
}

void Holder::use(Server& server) {
  service.keeper = server.keeper.get();
  service.sessions = server.keeper.get();
  service.stateids = server.keeper.get();
  connection.reset();
}

void Holder::introduce() {
  if (minor == 0) {
    const SETCLIENTID4res known = setclientid();
    REQUIRE(known.status == NFS4_OK);
    id = known.resok4.clientid;
    const SETCLIENTID_CONFIRM4args args{id, known.resok4.setclientid_confirm};
    REQUIRE(plain<status4res>(OP_SETCLIENTID_CONFIRM, args).status == NFS4_OK);
    return;
  }
  const EXCHANGE_ID4res known = exchange_id();
  REQUIRE(known.status == NFS4_OK);
  id = known.resok4.eir_clientid;
  const CREATE_SESSION4res created = create_session(known.resok4.eir_sequenceid);
  REQUIRE(created.status == NFS4_OK);
  sequence = {.sa_sessionid = created.resok4.csr_sessionid, .sa_cachethis = true};
}

SETCLIENTID4res Holder::setclientid() {
  return plain<SETCLIENTID4res>(
      OP_SETCLIENTID, SETCLIENTID4args{.client = {v4::verifier_of(verifier), owner_of(name)}, .callback = {}});
}

EXCHANGE_ID4res Holder::exchange_id(std::uint32_t flags) {
  return plain<EXCHANGE_ID4res>(OP_EXCHANGE_ID,
                                EXCHANGE_ID4args{.eia_clientowner = {v4::verifier_of(verifier), owner_of(name)},
                                                 .eia_flags = flags,
                                                 .eia_state_protect = {},
                                                 .eia_client_impl_id = {}});
}

CREATE_SESSION4res Holder::create_session(sequenceid4 number) {
  return plain<CREATE_SESSION4res>(OP_CREATE_SESSION, CREATE_SESSION4args{.csa_clientid = id,
                                                                          .csa_sequence = number,
                                                                          .csa_fore_chan_attrs = channel,
                                                                          .csa_back_chan_attrs = channel,
                                                                          .csa_sec_parms = {}});
}

nfsstat4 Holder::reclaim_complete() { return status(Ops().add(OP_RECLAIM_COMPLETE, RECLAIM_COMPLETE4args{})); }

void Holder::count(const std::string& owner, nfsstat4 status) {
  if (counts(status)) ++numbers[owner];
}

OPEN4args Holder::open_args(std::string_view file, const Asked& asked) {
  OPEN4args args{.seqid = next_number(asked.owner),
                 .share_access = asked.access,
                 .share_deny = asked.deny,
                 .owner = {id, owner_of(asked.owner)},
                 .openhow = asked.how,
                 .claim = asked.claim.value_or(open_claim4{})};
  if (!asked.claim) args.claim.file = Ops::component(file);
  return args;
}

Opened Holder::open(std::string_view file, const Asked& asked) {
  const bool by_handle = asked.claim && asked.claim->claim != open_claim_type4::CLAIM_NULL &&
                         asked.claim->claim != open_claim_type4::CLAIM_DELEGATE_CUR;
  const nfs_fh4 at = same_handle(world.root());
  if (!by_handle) return open_at(at, open_args(file, asked), asked.owner);
  Results found = run(Ops().fh(at).look(file).getfh());
  const nfs_fh4 itself = found.skip({OP_PUTFH, OP_LOOKUP}).next<GETFH4res>(OP_GETFH).resok4.object;
  return open_at(itself, open_args(file, asked), asked.owner);
}

Opened Holder::open_at(const nfs_fh4& at, const OPEN4args& args, const std::string& owner) {
  Results results = run(Ops().fh(at).add(OP_OPEN, args).getfh());
  const auto result = results.skip({OP_PUTFH}).next<OPEN4res>(OP_OPEN);
  count(owner, result.status);
  Opened opened{.status = result.status, .handle = {}, .stateid = result.resok4.stateid, .owner = owner};
  if (opened.status != NFS4_OK) return opened;
  opened.handle = results.next<GETFH4res>(OP_GETFH).resok4.object;
  opened.rflags = result.resok4.rflags;
  opened.attributes_set = result.resok4.attrset;
  const open_delegation4& delegation = result.resok4.delegation;
  opened.delegation = delegation.delegation_type;
  const bool writes = opened.delegation == open_delegation_type4::OPEN_DELEGATE_WRITE;
  opened.delegated = writes ? delegation.write.stateid : delegation.read.stateid;
  if ((opened.rflags & OPEN4_RESULT_CONFIRM) == 0) return opened;
  const OPEN_CONFIRM4res confirmed = confirm(opened);
  REQUIRE(confirmed.status == NFS4_OK);
  opened.stateid = confirmed.resok4.open_stateid;
  return opened;
}

OPEN_CONFIRM4res Holder::confirm(const Opened& opened) {
  const auto result = on<OPEN_CONFIRM4res>(opened.handle, OP_OPEN_CONFIRM,
                                           OPEN_CONFIRM4args{opened.stateid, next_number(opened.owner)});
  count(opened.owner, result.status);
  return result;
}

nfsstat4 Holder::downgrade(Opened& opened, std::uint32_t access, std::uint32_t deny) {
  const auto result = on<OPEN_DOWNGRADE4res>(
      opened.handle, OP_OPEN_DOWNGRADE, OPEN_DOWNGRADE4args{opened.stateid, next_number(opened.owner), access, deny});
  count(opened.owner, result.status);
  if (result.status == NFS4_OK) opened.stateid = result.resok4.open_stateid;
  return result.status;
}

CLOSE4res Holder::close(const Opened& opened) {
  const auto result = on<CLOSE4res>(opened.handle, OP_CLOSE, CLOSE4args{next_number(opened.owner), opened.stateid});
  count(opened.owner, result.status);
  return result;
}

LOCK4args Holder::lock_args(const Opened& opened, const Bytes4& bytes, const std::string& owner) {
  return {
      .locktype = bytes.type,
      .reclaim = bytes.reclaim,
      .offset = bytes.offset,
      .length = bytes.length,
      .locker = {.new_lock_owner = true,
                 .open_owner = {next_number(opened.owner), opened.stateid, next_number(owner), {id, owner_of(owner)}},
                 .lock_owner = {}}};
}

Locked Holder::lock(const nfs_fh4& file, const LOCK4args& args) {
  Results results = run(Ops().fh(file).add(OP_LOCK, args));
  const auto result = results.skip({OP_PUTFH}).next<LOCK4res>(OP_LOCK);
  return {result.status, result.resok4.lock_stateid, result.denied,
          std::string(ditto::text_of(result.denied.owner.owner.bytes()))};
}

Locked Holder::lock(const Opened& opened, const Bytes4& bytes, const std::string& owner) {
  Locked locked = lock(opened.handle, lock_args(opened, bytes, owner));
  count(opened.owner, locked.status);
  count(owner, locked.status);
  return locked;
}

Locked Holder::relock(const Opened& opened, const stateid4& stateid, const Bytes4& bytes, const std::string& owner) {
  LOCK4args args = lock_args(opened, bytes, owner);
  args.locker.new_lock_owner = false;
  args.locker.lock_owner = {stateid, next_number(owner)};
  Locked locked = lock(opened.handle, args);
  count(owner, locked.status);
  return locked;
}

Locked Holder::test(const nfs_fh4& file, const Bytes4& bytes, std::string_view owner) {
  Results results = run(Ops().fh(file).add(
      OP_LOCKT, LOCKT4args{bytes.type, bytes.offset, bytes.length, lock_owner4{id, owner_of(owner)}}));
  const auto result = results.skip({OP_PUTFH}).next<LOCKT4res>(OP_LOCKT);
  return {result.status, {}, result.denied, std::string(ditto::text_of(result.denied.owner.owner.bytes()))};
}

LOCKU4res Holder::unlock(const Opened& opened, const stateid4& stateid, const Bytes4& bytes, const std::string& owner) {
  const auto result = on<LOCKU4res>(opened.handle, OP_LOCKU,
                                    LOCKU4args{bytes.type, next_number(owner), stateid, bytes.offset, bytes.length});
  count(owner, result.status);
  return result;
}

nfsstat4 Holder::read(const nfs_fh4& file, const stateid4& stateid) {
  return status(Ops().fh(file).add(OP_READ, READ4args{stateid, 0, 100}));
}

nfsstat4 Holder::write(const nfs_fh4& file, const stateid4& stateid) {
  return status(Ops().fh(file).add(OP_WRITE, WRITE4args{stateid, 0, stable_how4::FILE_SYNC4, chain_of("written")}));
}

nfsstat4 Holder::resize(const nfs_fh4& file, const stateid4& stateid, std::uint64_t size) {
  return status(Ops().fh(file).add(OP_SETATTR, SETATTR4args{stateid, fattr({FATTR4_SIZE}, size)}));
}

openflag4 creating(createmode4 mode, fattr4 attributes, std::uint64_t verifier) {
  openflag4 how{.opentype = opentype4::OPEN4_CREATE, .how = {.mode = mode, .ch_createboth = {}}};
  how.how.createattrs = attributes;
  how.how.createverf = v4::verifier_of(verifier);
  how.how.ch_createboth = {v4::verifier_of(verifier), std::move(attributes)};
  return how;
}

open_claim4 claim(open_claim_type4 type) {
  open_claim4 made{};
  made.claim = type;
  return made;
}

verifier4 verifier_of(std::uint64_t number) {
  verifier4 made{};
  store_be(made.data(), number);
  return made;
}

}  // namespace ditto::test::v4
