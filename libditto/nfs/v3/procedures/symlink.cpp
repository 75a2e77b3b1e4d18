#include "base/limits.hpp"
#include "nfs/v3/make.hpp"
#include "nfs/v3/procedures.hpp"

namespace ditto::nfs3 {

namespace {

/// The path is the client's to interpret, but it must be one that a client can use.
Result<void> check_target(std::string_view target) noexcept {
  if (target.empty()) return fail(Error::NotFound);  // as symlink() of Linux has it
  if (target.size() > limits::symlink_bytes) return fail(Error::NameTooLong);
  if (target.find('\0') != target.npos) return fail(Error::InvalidArgument);
  return {};
}

}  // namespace

// RFC 1813, 3.3.10.
Task<SYMLINK3res> symlink(Service& service, rpc::Call& call, const SYMLINK3args& args) {
  auto request = request_of(vfs::FileType::Symlink, args.symlink.symlink_attributes);
  if (request) request->symlink_target = args.symlink.symlink_data;
  if (const auto good = check_target(args.symlink.symlink_data); request && !good) request = fail(good.error());
  co_return co_await make(service, call, args.where, request);
}

}  // namespace ditto::nfs3
