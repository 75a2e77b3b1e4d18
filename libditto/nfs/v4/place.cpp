#include "nfs/v4/place.hpp"

#include <algorithm>
#include <array>

#include "nfs/common/entrance.hpp"
#include "vfs/filehandle.hpp"

namespace ditto::nfs4 {

namespace {

// docs/formats/filehandle.md. It is the same on every server and says nothing that is worth forging; of another length
// and version than those of nodes, it is never one of them.
constexpr std::array<std::byte, 4> pseudo_root{std::byte{2}, std::byte{0}, std::byte{0}, std::byte{0}};
static_assert(pseudo_root.size() != vfs::Filehandle::wire_bytes);

}  // namespace

nfs_fh4 filehandle_of(const Place& place) noexcept {
  static_assert(vfs::Filehandle::wire_bytes <= NFS4_FHSIZE);
  if (place.is_pseudo_root()) return nfs_fh4(pseudo_root);
  const vfs::FileSystem& file_system = place.share->file_system();
  const vfs::Filehandle named{.share = place.share->id(), .store = file_system.store_id(), .node = place.node};
  return nfs_fh4(named.seal(file_system.filehandle_key()));
}

Result<Place> place_of(const gate::Shares& shares, const rpc::Call& call, Bytes filehandle) noexcept {
  if (std::ranges::equal(filehandle, pseudo_root)) return Place{};
  const auto at = nfs::locate(shares, call, filehandle);
  // PUTFH knows no ACCESS: to who is not admitted, a share is one that does not exist, as LOOKUP has it.
  if (!at) return fail(at.error() == Error::AccessDenied ? Error::Stale : at.error());
  return Place{at->share, at->node};
}

}  // namespace ditto::nfs4
