#include "nfs/v4/open_target.hpp"

#include "nfs/v4/attribute_table.hpp"
#include "nfs/v4/change_info.hpp"
#include "nfs/v4/keeper.hpp"
#include "nfs/v4/look.hpp"
#include "nfs/v4/names.hpp"
#include "nfs/v4/walk.hpp"
#include "nfs/v4/wire_stateid.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;
using enum open_claim_type4;

using Target = std::expected<OpenTarget, nfsstat4>;

/// How OPEN makes a file that is not there.
struct Making {
  vfs::CreateRequest request;
  bool empties = false;
  bitmap4 attributes_set;
};

std::expected<Making, nfsstat4> making_of(const Compound& compound, const createhow4& how) {
  Making making;
  making.request.type = vfs::FileType::Regular;
  const fattr4* attributes = &how.createattrs;
  switch (how.mode) {
    case createmode4::UNCHECKED4: making.request.mode = vfs::CreateMode::Unchecked; break;
    case createmode4::GUARDED4: making.request.mode = vfs::CreateMode::Guarded; break;
    case createmode4::EXCLUSIVE4:
      making.request.mode = vfs::CreateMode::Exclusive;
      making.request.verifier = load_be<std::uint64_t>(how.createverf.data());
      return making;
    case createmode4::EXCLUSIVE4_1:
      if (compound.minor == 0) return std::unexpected(NFS4ERR_BADXDR);
      making.request.mode = vfs::CreateMode::Exclusive;
      making.request.verifier = load_be<std::uint64_t>(how.ch_createboth.cva_verf.data());
      attributes = &how.ch_createboth.cva_attrs;
      break;
  }
  auto settings = settings_of(*attributes, compound.service, compound.minor, SettingsOf::NewNode);
  if (!settings) return std::unexpected(settings.error());
  making.attributes_set = settings->which;
  making.request.attributes = settings->changes;
  // A file that is found is emptied once it is open, so that whoever denies writing has a say.
  making.empties = making.request.attributes.size == 0;
  if (making.empties) making.request.attributes.size.reset();
  return making;
}

/// A size is for a new file only (RFC 8881, 18.16.3), while the gate's UNCHECKED would give it to one that is there.
Task<Result<vfs::Created>> create(Compound& compound, const Place& at, const component4& name, Making& making) {
  vfs::CreateRequest& request = making.request;
  const bool sized = request.mode == vfs::CreateMode::Unchecked && request.attributes.size.has_value();
  if (sized) request.mode = vfs::CreateMode::Guarded;
  auto created = co_await compound.entrance(*at.share).gate.create(at.node, name, request);
  if (!sized || created || created.error() != Error::Exists) co_return created;
  request.mode = vfs::CreateMode::Unchecked;
  request.attributes.size.reset();
  making.attributes_set.clear(FATTR4_SIZE);  // if it has gone meanwhile and is made, it has no bytes
  co_return co_await compound.entrance(*at.share).gate.create(at.node, name, request);
}

/// An OPEN that was to make what is there already, or on a read-only share, is one without CREATE, unless its client
/// insists on a new file.
Task<Target> found_instead(Compound& compound, const Place& at, const OPEN4args& args, const Making& making,
                           Error error) {
  const bool unchecked = args.openhow.how.mode == createmode4::UNCHECKED4;
  const nfsstat4 failure = settings_failure(compound, making.request.attributes, error);
  if (!unchecked || (error != Error::Exists && error != Error::ReadOnly)) co_return std::unexpected(failure);
  const auto found = co_await walk(compound, at, args.claim.file);
  if (!found) co_return std::unexpected(found.error() == NFS4ERR_NOENT ? failure : found.error());
  OpenTarget target{.place = *found, .truncates = making.empties};
  if (target.truncates) target.attributes_set.set(FATTR4_SIZE);
  co_return target;
}

Task<Target> made(Compound& compound, const Place& at, const OPEN4args& args) {
  if (at.is_pseudo_root()) co_return std::unexpected(NFS4ERR_ROFS);
  auto making = making_of(compound, args.openhow.how);
  if (!making) co_return std::unexpected(making.error());
  const auto created = co_await create(compound, at, args.claim.file, *making);
  if (!created) co_return co_await found_instead(compound, at, args, *making, created.error());
  OpenTarget target{.place = {at.share, created->node.id},
                    .created = !created->existed,
                    .truncates = created->existed && making->empties,
                    .directory = change_info_of(created->directory)};
  // Of a file that was there only the size is set (RFC 8881, 18.16.3).
  if (target.created) target.attributes_set = making->attributes_set;
  if (target.truncates) target.attributes_set.set(FATTR4_SIZE);
  // A stream has the owner and the permissions of its file.
  if (created->node.attributes.role == vfs::NodeRole::Stream) {
    for (const auto of_file : {FATTR4_MODE, FATTR4_OWNER, FATTR4_OWNER_GROUP, FATTR4_MODE_UMASK}) {
      target.attributes_set.clear(of_file);
    }
    for (const auto number : of_list) target.attributes_set.clear(number);
  }
  // The file that an exclusive OPEN found is its own, made by the one that this is a retry of.
  if (making->request.mode == vfs::CreateMode::Exclusive) target.created = true;
  co_return target;
}

}  // namespace

vfs::Access OpenTarget::access(const state::ShareMode& mode, bool exec) const noexcept {
  vfs::Access wanted{};
  if (created) return wanted;
  if (any(mode.access & state::Share::Read)) wanted = wanted | (exec ? vfs::Access::Execute : vfs::Access::ReadData);
  if (any(mode.access & state::Share::Write) || truncates) wanted = wanted | vfs::writing;
  return wanted;
}

state::Operation OpenTarget::operation(const state::ShareMode& mode) const noexcept {
  if (truncates) return state::Operation::Overwrite;
  return any(mode.access & state::Share::Write) ? state::Operation::OpenWrite : state::Operation::OpenRead;
}

Task<Target> open_target(Compound& compound, const OPEN4args& args) {
  const Place at = *compound.current.place;
  const bool delegated = args.claim.claim == CLAIM_DELEGATE_CUR;
  if (args.claim.claim != CLAIM_NULL && !delegated) {
    if (at.is_pseudo_root()) co_return std::unexpected(NFS4ERR_ISDIR);
    co_return OpenTarget{.place = at};
  }
  const component4& name = delegated ? args.claim.delegate_cur_info.file : args.claim.file;
  if (const nfsstat4 good = check_name(name); good != NFS4_OK) co_return std::unexpected(good);
  if (args.openhow.opentype == opentype4::OPEN4_CREATE) co_return co_await made(compound, at, args);
  const auto found = co_await walk(compound, at, name);
  if (!found) co_return std::unexpected(found.error());
  if (found->is_share_root()) co_return std::unexpected(NFS4ERR_ISDIR);
  co_return OpenTarget{.place = *found};
}

nfsstat4 target_failure(const Compound& compound, Error error) noexcept {
  // Interop: version 0 has one word for all that is no regular file, and this is what servers have always said. RFC
  // 8881 would have WRONG_TYPE for what is no link; Linux clients make EIO of it, while they look again after SYMLINK,
  // and open the FIFO or the device that they find.
  return error == Error::WrongType ? NFS4ERR_SYMLINK : compound.status_of(error);
}

void move_to_replayed(Compound& compound, const stateid4& opened) {
  const state::StateId id = stateid_of(opened);
  const auto held = compound.service.keeper->find_holdings(id.client);
  if (!held) return;
  const auto found = held->find_any(id, state::ZeroSequence::IsOld);
  const auto* const open = found ? std::get_if<state::OpenState>(&*found) : nullptr;
  if (open) compound.move_to({compound.current.place->share, {open->file.subvolume, open->file.inode}});
}

}  // namespace ditto::nfs4
