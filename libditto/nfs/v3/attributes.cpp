#include "nfs/v3/attributes.hpp"

#include <algorithm>
#include <limits>

#include "base/limits.hpp"
#include "nfs/common/fsid.hpp"
#include "vfs/filehandle.hpp"

namespace ditto::nfs3 {

namespace {

/// What the owner of a node without a POSIX id is told as: nobody.
constexpr std::uint32_t nobody = 65534;
/// (uid_t)-1 means "leave it" to every chown(), so that it is nobody's id.
constexpr std::uint32_t no_id = std::numeric_limits<std::uint32_t>::max();

std::uint32_t id_of(const vfs::Principal& principal) noexcept {
  return principal.kind == vfs::Principal::Kind::Id ? principal.value : nobody;
}

Result<std::optional<vfs::SetTime>> time_change(time_how how, const nfstime3& time) noexcept {
  switch (how) {
    case time_how::DONT_CHANGE: break;
    case time_how::SET_TO_SERVER_TIME: return vfs::SetTime{.server_time = true};
    case time_how::SET_TO_CLIENT_TIME:
      if (time.nseconds > 999'999'999) return fail(Error::InvalidArgument);
      return vfs::SetTime{.value = timestamp_of(time)};
  }
  return std::nullopt;
}

}  // namespace

nfstime3 time_of(const Timestamp& time) noexcept {
  constexpr std::int64_t last = std::numeric_limits<std::uint32_t>::max();
  if (time.seconds < 0) return {};
  if (time.seconds > last) return {static_cast<std::uint32_t>(last), 999'999'999};
  return {static_cast<std::uint32_t>(time.seconds), time.nanoseconds};
}

Timestamp timestamp_of(const nfstime3& time) noexcept { return {time.seconds, time.nseconds}; }

ftype3 type_of(vfs::FileType type) noexcept {
  switch (type) {
    case vfs::FileType::Regular: return ftype3::NF3REG;
    case vfs::FileType::Directory: return ftype3::NF3DIR;
    case vfs::FileType::Symlink: return ftype3::NF3LNK;
    case vfs::FileType::BlockDevice: return ftype3::NF3BLK;
    case vfs::FileType::CharDevice: return ftype3::NF3CHR;
    case vfs::FileType::Fifo: return ftype3::NF3FIFO;
    case vfs::FileType::Socket: return ftype3::NF3SOCK;
  }
  return ftype3::NF3REG;
}

fattr3 attributes_of(const vfs::Attributes& attributes, const gate::Share& share) noexcept {
  return {.type = type_of(attributes.type),
          .mode = attributes.mode,
          .nlink = attributes.link_count,
          .uid = id_of(attributes.owner),
          .gid = id_of(attributes.group),
          .size = attributes.size,
          .used = attributes.space_used,
          .rdev = {attributes.device.major, attributes.device.minor},
          .fsid = nfs::fsid_of(attributes, share),
          .fileid = attributes.id.inode,
          .atime = time_of(attributes.access_time),
          .mtime = time_of(attributes.modify_time),
          .ctime = time_of(attributes.change_time)};
}

wcc_data wcc_of(const vfs::Change& change, const gate::Share& share) noexcept {
  return {.before = wcc_attr{.size = change.before.size,
                             .mtime = time_of(change.before.modify_time),
                             .ctime = time_of(change.before.change_time)},
          .after = attributes_of(change.after, share)};
}

nfs_fh3 filehandle_of(vfs::NodeId node, const gate::Share& share) noexcept {
  static_assert(vfs::Filehandle::wire_bytes <= NFS3_FHSIZE);
  const vfs::FileSystem& file_system = share.file_system();
  const vfs::Filehandle filehandle{.share = share.id(), .store = file_system.store_id(), .node = node};
  return {.data = xdr::opaque<NFS3_FHSIZE>(filehandle.seal(file_system.filehandle_key()))};
}

Result<vfs::SetAttributes> changes_of(const sattr3& attributes) noexcept {
  vfs::SetAttributes changes;
  if (attributes.mode) changes.mode = *attributes.mode & vfs::mode::all;
  if (attributes.uid && *attributes.uid != no_id) changes.owner = vfs::Principal::id(*attributes.uid);
  if (attributes.gid && *attributes.gid != no_id) changes.group = vfs::Principal::id(*attributes.gid);
  if (attributes.size && *attributes.size > limits::file_size) return fail(Error::FileTooBig);
  changes.size = attributes.size;
  const auto access_time = time_change(attributes.atime.set_it, attributes.atime.atime);
  const auto modify_time = time_change(attributes.mtime.set_it, attributes.mtime.mtime);
  if (!access_time || !modify_time) return fail(Error::InvalidArgument);
  changes.access_time = *access_time;
  changes.modify_time = *modify_time;
  return changes;
}

}  // namespace ditto::nfs3
