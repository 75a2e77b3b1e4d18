// One call of NFS as a client puts it on the wire: a record of one fragment, with root's credential. A plain function.
#pragma once

#include <cstdint>

#include "base/buffer.hpp"

namespace ditto::test {

/// `arguments` are encoded already.
Buffer nfs_call(std::uint32_t xid, std::uint32_t version, std::uint32_t procedure, BufferChain arguments);

}  // namespace ditto::test
