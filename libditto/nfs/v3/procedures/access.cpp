#include <array>
#include <span>

#include "nfs/common/entrance.hpp"
#include "nfs/v3/attributes.hpp"
#include "nfs/v3/failure.hpp"
#include "nfs/v3/procedures.hpp"

namespace ditto::nfs3 {

namespace {

/// One bit of ACCESS, and what the access check must grant for it.
struct Meaning {
  std::uint32_t bit;
  vfs::Access needs;
  bool changes;
};

constexpr std::array directory_meanings{
    Meaning{ACCESS3_READ, vfs::Access::ReadData, false},
    Meaning{ACCESS3_LOOKUP, vfs::Access::Execute, false},
    Meaning{ACCESS3_MODIFY, vfs::Access::WriteData | vfs::Access::DeleteChild | vfs::Access::Execute, true},
    Meaning{ACCESS3_EXTEND, vfs::Access::WriteData | vfs::Access::AppendData | vfs::Access::Execute, true},
    Meaning{ACCESS3_DELETE, vfs::Access::DeleteChild | vfs::Access::Execute, true},
};

// LOOKUP and DELETE say nothing about what is not a directory (RFC 1813, 3.3.4), so they are never granted there.
constexpr std::array other_meanings{
    Meaning{ACCESS3_READ, vfs::Access::ReadData, false},
    Meaning{ACCESS3_MODIFY, vfs::Access::WriteData, true},
    Meaning{ACCESS3_EXTEND, vfs::Access::AppendData, true},
    Meaning{ACCESS3_EXECUTE, vfs::Access::Execute, false},
};

std::span<const Meaning> meanings_of(vfs::FileType type) noexcept {
  if (type == vfs::FileType::Directory) return directory_meanings;
  return other_meanings;
}

}  // namespace

// RFC 1813, 3.3.4.
Task<ACCESS3res> access(Service& service, rpc::Call& call, const ACCESS3args& args) {
  const auto at = nfs::locate(service.shares, call, args.object.data.bytes());
  if (!at) co_return failed<ACCESS3res>(at.error());
  nfs::Entrance entrance(call, *at->share);

  const auto attributes = co_await entrance.gate.getattr(at->node);
  if (!attributes) co_return failed<ACCESS3res>(attributes.error());
  const bool read_only = at->share->rules().read_only;
  vfs::Access wanted{};
  for (const Meaning& meaning : meanings_of(attributes->type)) {
    if (args.access & meaning.bit && !(meaning.changes && read_only)) wanted = wanted | meaning.needs;
  }
  const auto granted = co_await entrance.gate.access(at->node, wanted);

  ACCESS3res result;
  if (!granted) {
    result.status = status_of(granted.error());
    result.resfail.obj_attributes = attributes_of(*attributes, *at->share);
    co_return result;
  }
  result.resok.obj_attributes = attributes_of(*attributes, *at->share);
  for (const Meaning& meaning : meanings_of(attributes->type)) {
    if (meaning.changes && read_only) continue;
    if (args.access & meaning.bit && (*granted & meaning.needs) == meaning.needs) result.resok.access |= meaning.bit;
  }
  co_return result;
}

}  // namespace ditto::nfs3
