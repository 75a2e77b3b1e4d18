#include "nfs/nlm/async.hpp"

#include <utility>

#include "nfs/nlm/target.hpp"

namespace ditto::nlm {

void answer_by_call(Service& service, const rpc::Call& call, std::uint32_t procedure, BufferChain result) {
  service.outside.send({call.peer.address, protocol_of(call), program_number, call.version}, procedure,
                       std::move(result));
}

}  // namespace ditto::nlm
