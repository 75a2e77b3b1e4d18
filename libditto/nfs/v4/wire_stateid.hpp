// Stateids between the wire and state/: twelve opaque bytes say which client and which of its states, so that a stateid
// is found by what it says, and one of another incarnation is known as such. Pure functions, any thread.
#pragma once

#include "base/bytes.hpp"
#include "nfs/v4/types.hpp"
#include "state/holdings/stateid.hpp"

namespace ditto::nfs4 {

inline stateid4 wire_of(const state::StateId& id) noexcept {
  stateid4 wire{.seqid = id.sequence};
  store_be(wire.other.data(), id.client);
  store_be(wire.other.data() + sizeof id.client, id.number);
  return wire;
}

inline state::StateId stateid_of(const stateid4& wire) noexcept {
  return {.sequence = wire.seqid,
          .client = load_be<std::uint64_t>(wire.other.data()),
          .number = load_be<std::uint32_t>(wire.other.data() + sizeof(std::uint64_t))};
}

}  // namespace ditto::nfs4
