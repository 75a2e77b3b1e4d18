// Clients as an administrator sees them: copies, made under a lock and looked at without it. Plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "state/clients/identity.hpp"
#include "state/clients/lease.hpp"

namespace ditto::state {

struct ClientSummary {
  ClientId id = nobody;
  OwnerKey key;
  std::string address;
  Standing standing = Standing::Live;
  Moment lease_ends = 0;
  std::uint32_t opens = 0, locks = 0, grants = 0;
  std::uint32_t revoked = 0;  // taken by an administrator, and not freed yet
  std::size_t sessions = 0;
};

/// `listed` are the first of `count`.
struct ClientList {
  std::size_t count = 0;
  std::vector<ClientSummary> listed;
};

}  // namespace ditto::state
