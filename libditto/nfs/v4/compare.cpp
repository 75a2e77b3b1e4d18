#include "nfs/v4/compare.hpp"

#include "nfs/v4/look.hpp"

namespace ditto::nfs4 {

Task<std::expected<bool, nfsstat4>> compare(Compound& compound, const fattr4& given) {
  const Place at = *compound.current.place;
  const nfsstat4 status = check_compared(given.attrmask, compound.minor);
  if (status != nfsstat4::NFS4_OK) co_return std::unexpected(status);
  const auto seen = co_await look(compound, at, given.attrmask);
  if (!seen) co_return std::unexpected(compound.status_of(seen.error()));
  co_return same_values(given, subject_of(compound, at, *seen));
}

}  // namespace ditto::nfs4
