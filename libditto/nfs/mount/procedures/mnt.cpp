#include "nfs/common/entrance.hpp"
#include "nfs/common/names.hpp"
#include "nfs/common/tree.hpp"
#include "nfs/mount/path.hpp"
#include "nfs/mount/procedures.hpp"
#include "nfs/mount/status.hpp"
#include "vfs/filehandle.hpp"

namespace ditto::mount {

namespace {

/// The directory that `path` leads to from the share's root. Symbolic links are not followed, and nothing leads
/// upwards.
Task<Result<vfs::NodeId>> walk(nfs::Entrance& entrance, std::string_view path) {
  vfs::NodeId node = entrance.share().root();
  for (auto component = next_component(path); !component.empty(); component = next_component(path)) {
    if (const auto good = nfs::check_entry_name(component, Error::InvalidArgument); !good) co_return fail(good.error());
    const auto found = co_await nfs::lookup(entrance, node, component);
    if (!found) co_return fail(found.error());
    if (found->attributes.type != vfs::FileType::Directory) co_return fail(Error::NotDirectory);
    node = found->id;
  }
  co_return node;
}

}  // namespace

// RFC 1813, appendix I, 5.2.1. The walk is made with the caller's own credential: a mount shows nobody what lookups
// would not.
Task<mountres3> mnt(Service& service, rpc::Call& call, const MNTargs& args) {
  std::string_view path = args.path;
  const gate::Share* share = service.shares.find(next_component(path));
  if (!share) co_return failed(Error::NotFound);
  if (!share->admits(call.peer.address)) co_return failed(Error::AccessDenied);
  nfs::Entrance entrance(call, *share);
  const auto directory = co_await walk(entrance, path);
  if (!directory) co_return failed(directory.error());

  const vfs::FileSystem& file_system = share->file_system();
  const vfs::Filehandle filehandle{.share = share->id(), .store = file_system.store_id(), .node = *directory};
  mountres3 result;
  result.mountinfo.fhandle.assign(filehandle.seal(file_system.filehandle_key()));
  result.mountinfo.auth_flavors.push_back(static_cast<std::uint32_t>(rpc::AuthFlavor::Sys));
  if (share->rules().squash == gate::Squash::All) {
    result.mountinfo.auth_flavors.push_back(static_cast<std::uint32_t>(rpc::AuthFlavor::None));
  }
  service.mounts.add(call.peer.address, canonical(args.path));
  co_return result;
}

}  // namespace ditto::mount
