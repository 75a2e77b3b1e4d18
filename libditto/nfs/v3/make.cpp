#include "nfs/v3/make.hpp"

#include "nfs/common/entrance.hpp"
#include "nfs/common/names.hpp"
#include "nfs/v3/attributes.hpp"
#include "nfs/v3/failure.hpp"
#include "nfs/v3/now.hpp"

namespace ditto::nfs3 {

Result<vfs::CreateRequest> request_of(vfs::FileType type, const sattr3& attributes) noexcept {
  const auto changes = changes_of(attributes);
  if (!changes) return fail(changes.error());
  return vfs::CreateRequest{.type = type, .attributes = *changes};
}

namespace {

/// Device nodes are root's to make, as everywhere: a client may mount without nodev.
Result<void> check_device(const vfs::CreateRequest& request, const vfs::Credential& who) noexcept {
  const bool device = request.type == vfs::FileType::BlockDevice || request.type == vfs::FileType::CharDevice;
  if (device && !who.is_root()) return fail(Error::NotPermitted);
  return {};
}

/// A file that was there, and is to have another size, gets it (open(O_CREAT | O_TRUNC)).
Task<Result<void>> set_size(gate::Gate& gate, vfs::Created& found, std::uint64_t size) {
  const vfs::SetAttributes changes{.size = size};
  const auto sized = co_await gate.setattr(found.node.id, changes, std::nullopt);
  if (!sized) co_return fail(sized.error());
  found.node.attributes = sized->after;
  co_return Result<void>{};
}

}  // namespace

Task<CREATE3res> make(Service& service, rpc::Call& call, const diropargs3& where,
                      const Result<vfs::CreateRequest>& request) {
  const auto at = nfs::locate(service.shares, call, where.dir.data.bytes());
  if (!at) co_return failed<CREATE3res>(at.error());
  nfs::Entrance entrance(call, *at->share);

  Error error{};
  if (const auto name = nfs::check_entry_name(where.name, Error::Exists); !name) {
    error = name.error();
  } else if (!request) {
    error = request.error();
  } else if (const auto allowed = check_device(*request, entrance.who()); !allowed) {
    error = allowed.error();
  } else if (auto made = co_await entrance.gate.create(at->node, where.name, *request); !made) {
    error = made.error();
  } else if (const auto sized = made->existed && request->attributes.size
                                    ? co_await set_size(entrance.gate, *made, *request->attributes.size)
                                    : Result<void>{};
             !sized) {
    error = sized.error();
  } else {
    co_return CREATE3res{.resok = {.obj = filehandle_of(made->node.id, *at->share),
                                   .obj_attributes = attributes_of(made->node.attributes, *at->share),
                                   .dir_wcc = wcc_of(made->directory, *at->share)}};
  }
  auto result = failed<CREATE3res>(error);
  result.resfail.dir_wcc = co_await wcc_now(entrance, at->node);
  co_return result;
}

}  // namespace ditto::nfs3
