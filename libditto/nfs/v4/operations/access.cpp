#include "nfs/common/access_bits.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/look.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

// RFC 8881, 18.1. Bits that mean nothing here are not supported, and no error.
Task<ACCESS4res> access(Compound& compound, const ACCESS4args& args) {
  const Place at = *compound.current.place;
  if (at.is_pseudo_root()) {
    const nfs::AccessBits bits(vfs::FileType::Directory, true, args.access);
    const vfs::Access everybody = vfs::Access::ReadData | vfs::Access::Execute;
    co_return ACCESS4res{.resok4 = {.supported = bits.supported(), .access = bits.given(everybody)}};
  }
  nfs::Entrance& entrance = compound.entrance(*at.share);
  const auto attributes = co_await entrance.gate.getattr(at.node);
  if (!attributes) co_return ACCESS4res{.status = compound.status_of(attributes.error())};
  const nfs::AccessBits bits(attributes->type, at.share->rules().read_only, args.access);
  const auto granted = co_await entrance.gate.access(at.node, bits.wanted());
  if (!granted) co_return ACCESS4res{.status = compound.status_of(granted.error())};
  co_return ACCESS4res{.resok4 = {.supported = bits.supported(), .access = bits.given(*granted)}};
}

}  // namespace ditto::nfs4
