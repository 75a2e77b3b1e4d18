#include "base/limits.hpp"
#include "nfs/common/alike.hpp"
#include "nfs/common/entrance.hpp"
#include "nfs/v3/attributes.hpp"
#include "nfs/v3/failure.hpp"
#include "nfs/v3/now.hpp"
#include "nfs/v3/procedures.hpp"

namespace ditto::nfs3 {

namespace {

static_assert(nfs::alike(stable_how::UNSTABLE, vfs::Stability::Unstable) &&
              nfs::alike(stable_how::DATA_SYNC, vfs::Stability::DataSync) &&
              nfs::alike(stable_how::FILE_SYNC, vfs::Stability::FileSync));

/// More data than count is cut to it; less is a call that contradicts itself.
Result<void> check(const WRITE3args& args) noexcept {
  if (args.data.size() < args.count) return fail(Error::InvalidArgument);
  if (args.offset > limits::file_size || args.count > limits::file_size - args.offset) return fail(Error::FileTooBig);
  return {};
}

}  // namespace

// RFC 1813, 3.3.7.
Task<WRITE3res> write(Service& service, rpc::Call& call, const WRITE3args& args) {
  const auto at = nfs::locate(service.shares, call, args.file.data.bytes());
  if (!at) co_return failed<WRITE3res>(at.error());
  nfs::Entrance entrance(call, *at->share);

  // Taken before the write: if unstable data is lost between the two, the client must see the verifier change.
  const std::uint64_t verifier = at->share->file_system().write_verifier();
  Error error{};
  if (const auto good = check(args); !good) {
    error = good.error();
  } else {
    BufferChain cut;
    if (args.data.size() > args.count) cut = args.data.chain.slice(0, args.count);
    const BufferChain& data = args.data.size() > args.count ? cut : args.data.chain;
    const auto written =
        co_await entrance.gate.write(at->node, args.offset, data, static_cast<vfs::Stability>(args.stable));
    if (written) {
      co_return WRITE3res{.resok = {.file_wcc = wcc_of(written->change, *at->share),
                                    .count = written->count,
                                    .committed = static_cast<stable_how>(written->committed),
                                    .verf = verifier_of<writeverf3>(verifier)}};
    }
    // The RFC knows no ISDIR here: a directory is not a regular file.
    error = written.error() == Error::IsDirectory ? Error::WrongType : written.error();
  }
  auto result = failed<WRITE3res>(error);
  result.resfail.file_wcc = co_await wcc_now(entrance, at->node);
  co_return result;
}

}  // namespace ditto::nfs3
