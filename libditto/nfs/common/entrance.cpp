#include "nfs/common/entrance.hpp"

#include "vfs/filehandle.hpp"

namespace ditto::nfs {

vfs::Credential credential_of(const rpc::Call& call, const gate::Share& share) noexcept {
  vfs::Credential claimed;
  if (call.flavor != rpc::AuthFlavor::Sys) {
    claimed.uid = share.rules().anonymous_uid;
    claimed.gid = share.rules().anonymous_gid;
    return claimed;
  }
  claimed.uid = call.caller.uid;
  claimed.gid = call.caller.gid;
  for (const std::uint32_t group : call.caller.groups()) claimed.add_group(group);
  return share.squash(claimed);
}

Result<Located> locate(const gate::Shares& shares, const rpc::Call& call, Bytes filehandle) noexcept {
  const auto parsed = vfs::Filehandle::parse(filehandle);
  if (!parsed) return fail(parsed.error());
  const gate::Share* share = shares.find(parsed->share);
  if (!share) return fail(Error::Stale);
  const vfs::FileSystem& file_system = share->file_system();
  if (!vfs::Filehandle::verify(filehandle, file_system.filehandle_key())) return fail(Error::BadHandle);
  if (parsed->store != file_system.store_id()) return fail(Error::BadHandle);
  if (!share->admits(call.peer.address)) return fail(Error::AccessDenied);
  return Located{share, parsed->node};
}

Entrance::Entrance(rpc::Call& call, const gate::Share& share, vfs::IoRights rights) noexcept
    : actor_{.who = credential_of(call, share),
             .home = call.loop,
             .pool = call.pool,
             .clock = call.clock,
             .rests_on = call.rests_on,
             .rights = rights,
             .peer = call.peer.address},
      gate(actor_, share) {}

}  // namespace ditto::nfs
