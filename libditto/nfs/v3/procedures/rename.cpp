#include "nfs/common/entrance.hpp"
#include "nfs/common/names.hpp"
#include "nfs/v3/attributes.hpp"
#include "nfs/v3/failure.hpp"
#include "nfs/v3/now.hpp"
#include "nfs/v3/procedures.hpp"

namespace ditto::nfs3 {

namespace {

// RFC 1813, 3.3.14 wants INVAL for "." and "..".
Result<void> check(const RENAME3args& args, bool one_share) noexcept {
  if (!one_share) return fail(Error::CrossDevice);
  const auto from = nfs::check_entry_name(args.from.name, Error::InvalidArgument);
  if (!from) return from;
  return nfs::check_entry_name(args.to.name, Error::InvalidArgument);
}

}  // namespace

Task<RENAME3res> rename(Service& service, rpc::Call& call, const RENAME3args& args) {
  const auto from = nfs::locate(service.shares, call, args.from.dir.data.bytes());
  if (!from) co_return failed<RENAME3res>(from.error());
  const auto to = nfs::locate(service.shares, call, args.to.dir.data.bytes());
  if (!to) co_return failed<RENAME3res>(to.error());
  nfs::Entrance entrance(call, *from->share);

  Error error{};
  if (const auto good = check(args, from->share == to->share); !good) {
    error = good.error();
  } else if (const auto renamed = co_await entrance.gate.rename(from->node, args.from.name, to->node, args.to.name);
             !renamed) {
    error = renamed.error();
  } else {
    co_return RENAME3res{
        .resok = {.fromdir_wcc = wcc_of(renamed->from, *from->share), .todir_wcc = wcc_of(renamed->to, *to->share)}};
  }
  auto result = failed<RENAME3res>(error);
  nfs::Entrance other(call, *to->share);
  result.resfail.fromdir_wcc = co_await wcc_now(entrance, from->node);
  result.resfail.todir_wcc = co_await wcc_now(other, to->node);
  co_return result;
}

}  // namespace ditto::nfs3
