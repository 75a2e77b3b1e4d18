#include "nfs/common/entrance.hpp"
#include "nfs/common/names.hpp"
#include "nfs/v3/attributes.hpp"
#include "nfs/v3/failure.hpp"
#include "nfs/v3/now.hpp"
#include "nfs/v3/procedures.hpp"

namespace ditto::nfs3 {

namespace {

Result<void> check(const LINK3args& args, bool one_share) noexcept {
  if (!one_share) return fail(Error::CrossDevice);
  return nfs::check_entry_name(args.link.name, Error::Exists);
}

}  // namespace

// RFC 1813, 3.3.15.
Task<LINK3res> link(Service& service, rpc::Call& call, const LINK3args& args) {
  const auto file = nfs::locate(service.shares, call, args.file.data.bytes());
  if (!file) co_return failed<LINK3res>(file.error());
  const auto directory = nfs::locate(service.shares, call, args.link.dir.data.bytes());
  if (!directory) co_return failed<LINK3res>(directory.error());
  nfs::Entrance entrance(call, *file->share);

  Error error{};
  if (const auto good = check(args, file->share == directory->share); !good) {
    error = good.error();
  } else if (const auto linked = co_await entrance.gate.link(file->node, directory->node, args.link.name); !linked) {
    error = linked.error();
  } else {
    co_return LINK3res{.resok = {.file_attributes = attributes_of(linked->node, *file->share),
                                 .linkdir_wcc = wcc_of(linked->directory, *file->share)}};
  }
  auto result = failed<LINK3res>(error);
  nfs::Entrance other(call, *directory->share);
  result.resfail.file_attributes = co_await attributes_now(entrance, file->node);
  result.resfail.linkdir_wcc = co_await wcc_now(other, directory->node);
  co_return result;
}

}  // namespace ditto::nfs3
