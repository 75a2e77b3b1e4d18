// Reading the reply to a call of ours (RFC 5531, 9): the results, or why there are none. Trusts nothing. Pure functions,
// any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "base/buffer.hpp"
#include "rpc/remote.hpp"

namespace ditto::rpc {

/// The xid of `message` when it announces itself as a reply.
std::optional<std::uint32_t> reply_xid(const BufferChain& message) noexcept;

/// The results that `message` brings, as slices of it. Malformed when it is not a whole reply.
CallResult read_reply(const BufferChain& message);

}  // namespace ditto::rpc
