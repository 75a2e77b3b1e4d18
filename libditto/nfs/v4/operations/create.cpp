#include "nfs/v4/attribute_table.hpp"
#include "nfs/v4/change_info.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/look.hpp"
#include "nfs/v4/names.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;

/// What is to be made, without its attributes. BADTYPE for what only OPEN and OPENATTR make, and for what nobody knows.
std::expected<vfs::CreateRequest, nfsstat4> request_of(const createtype4& what) noexcept {
  vfs::CreateRequest request;
  switch (what.type) {
    case nfs_ftype4::NF4DIR: request.type = vfs::FileType::Directory; return request;
    case nfs_ftype4::NF4SOCK: request.type = vfs::FileType::Socket; return request;
    case nfs_ftype4::NF4FIFO: request.type = vfs::FileType::Fifo; return request;
    case nfs_ftype4::NF4BLK:
    case nfs_ftype4::NF4CHR: {
      const bool block = what.type == nfs_ftype4::NF4BLK;
      request.type = block ? vfs::FileType::BlockDevice : vfs::FileType::CharDevice;
      request.device = {what.devdata.specdata1, what.devdata.specdata2};
      return request;
    }
    case nfs_ftype4::NF4LNK:
      request.type = vfs::FileType::Symlink;
      request.symlink_target = what.linkdata.view();
      if (const nfsstat4 text = check_linktext(request.symlink_target); text != NFS4_OK) return std::unexpected(text);
      return request;
    case nfs_ftype4::NF4REG:
    case nfs_ftype4::NF4ATTRDIR:
    case nfs_ftype4::NF4NAMEDATTR: break;
  }
  return std::unexpected(NFS4ERR_BADTYPE);
}

}  // namespace

// RFC 8881, 18.4.
Task<CREATE4res> create(Compound& compound, const CREATE4args& args) {
  const Place at = *compound.current.place;
  if (at.is_pseudo_root()) co_return CREATE4res{.status = NFS4ERR_ROFS};
  auto request = request_of(args.objtype);
  if (!request) co_return CREATE4res{.status = request.error()};
  if (const nfsstat4 name = check_name(args.objname); name != NFS4_OK) co_return CREATE4res{.status = name};
  auto settings = settings_of(args.createattrs, compound.service, compound.minor, SettingsOf::NewNode);
  if (!settings) co_return CREATE4res{.status = settings.error()};
  if (settings->changes.size) co_return CREATE4res{.status = NFS4ERR_INVAL};  // none of these types has one
  request->attributes = settings->changes;

  nfs::Entrance& entrance = compound.entrance(*at.share);
  // Device nodes are root's to make, as everywhere: a client may mount without nodev.
  const bool device = request->type == vfs::FileType::BlockDevice || request->type == vfs::FileType::CharDevice;
  if (device && !entrance.who().is_root()) co_return CREATE4res{.status = NFS4ERR_PERM};

  const auto made = co_await entrance.gate.create(at.node, args.objname, *request);
  // The directory was removed under who holds it open: CREATE knows no NOENT.
  if (!made && made.error() == Error::NotFound) co_return CREATE4res{.status = NFS4ERR_STALE};
  if (!made) co_return CREATE4res{.status = settings_failure(compound, settings->changes, made.error())};

  compound.move_to({at.share, made->node.id});
  CREATE4res result{.resok4 = {.cinfo = change_info_of(made->directory), .attrset = settings->which}};
  // A symbolic link's mode is always the same, and it has no list.
  if (request->type == vfs::FileType::Symlink) {
    for (const auto number : {FATTR4_MODE, FATTR4_MODE_UMASK}) result.resok4.attrset.clear(number);
    for (const auto number : of_list) result.resok4.attrset.clear(number);
  }
  co_return result;
}

}  // namespace ditto::nfs4
