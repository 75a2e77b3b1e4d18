#include "nfs/v3/now.hpp"

#include "nfs/v3/attributes.hpp"

namespace ditto::nfs3 {

Task<post_op_attr> attributes_now(nfs::Entrance& entrance, vfs::NodeId node) {
  const auto attributes = co_await entrance.gate.getattr(node);
  if (!attributes) co_return std::nullopt;
  co_return attributes_of(*attributes, entrance.share());
}

Task<wcc_data> wcc_now(nfs::Entrance& entrance, vfs::NodeId node) {
  wcc_data wcc;
  wcc.after = co_await attributes_now(entrance, node);
  co_return wcc;
}

}  // namespace ditto::nfs3
