// The flavors that SECINFO and SECINFO_NO_NAME tell, the same for every share: AUTH_SYS, and AUTH_NONE, which is
// everywhere the anonymous user. Pure, any thread.
#pragma once

#include "nfs/v4/messages/security.hpp"

namespace ditto::nfs4 {

inline SECINFO4resok flavors() {
  SECINFO4resok known;
  for (const auto flavor : {rpc::AuthFlavor::Sys, rpc::AuthFlavor::None}) known.emplace_back().flavor = flavor;
  return known;
}

}  // namespace ditto::nfs4
