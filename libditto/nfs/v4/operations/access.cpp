#include <array>

#include "nfs/common/access_bits.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/look.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;

/// What RFC 8276, 8.5 adds to the bits that versions 3 and 4 share.
class XattrBits {
 public:
  XattrBits(const Compound& compound, const gate::Share& share, const vfs::Attributes& node,
            std::uint32_t asked) noexcept {
    const bool has_some = node.role == vfs::NodeRole::InTree &&
                          (node.type == vfs::FileType::Regular || node.type == vfs::FileType::Directory);
    if (compound.minor < 2 || !has_some || !share.file_system().limits().xattrs) return;
    supported_ = asked & (ACCESS4_XAREAD | ACCESS4_XAWRITE | ACCESS4_XALIST);
    askable_ = share.rules().read_only ? supported_ & ~ACCESS4_XAWRITE : supported_;
  }
  std::uint32_t supported() const noexcept { return supported_; }
  vfs::Access wanted() const noexcept {
    const vfs::Access reads = askable_ & (ACCESS4_XAREAD | ACCESS4_XALIST) ? reading : vfs::Access::None;
    return reads | (askable_ & ACCESS4_XAWRITE ? writing : vfs::Access::None);
  }
  std::uint32_t given(vfs::Access granted) const noexcept {
    std::uint32_t bits = 0;
    if (any(granted & reading)) bits |= ACCESS4_XAREAD | ACCESS4_XALIST;
    if (any(granted & writing)) bits |= ACCESS4_XAWRITE;
    return bits & askable_;
  }

 private:
  static constexpr vfs::Access reading = vfs::Access::ReadNamedAttrs, writing = vfs::Access::WriteNamedAttrs;
  std::uint32_t supported_ = 0, askable_ = 0;
};

}  // namespace

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
  const XattrBits xattrs(compound, *at.share, *attributes, args.access);
  const auto granted = co_await entrance.gate.access(at.node, bits.wanted() | xattrs.wanted());
  if (!granted) co_return ACCESS4res{.status = compound.status_of(granted.error())};
  co_return ACCESS4res{.resok4 = {.supported = bits.supported() | xattrs.supported(),
                                  .access = bits.given(*granted) | xattrs.given(*granted)}};
}

}  // namespace ditto::nfs4
