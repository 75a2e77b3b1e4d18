// Who a server is to its clients, over restarts: kept in its store (docs/formats/server.md). Opening raises the
// incarnation, durably, before the first request. Blocks.
#pragma once

#include <string>

#include "base/crypto.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "state/types.hpp"
#include "store/kv/kv_store.hpp"

namespace ditto::server {

struct ServerIdentity {
  state::Incarnation incarnation = 0;
  crypto::SipHashKey key{};  // makes session ids and confirm verifiers hard to guess
  std::string owner;         // the same for ever: server_owner and scope of NFSv4.1
};

/// That of the store, with its incarnation raised; made when there is none.
Result<ServerIdentity> open_identity(store::KvStore& kv, Random& random);

}  // namespace ditto::server
