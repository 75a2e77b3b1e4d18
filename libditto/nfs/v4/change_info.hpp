// What a change of a directory is told as (RFC 8881, 3.3.9): both ends are of the same atomic step. Pure, any thread.
#pragma once

#include "nfs/v4/types.hpp"
#include "vfs/attributes.hpp"

namespace ditto::nfs4 {

inline change_info4 change_info_of(const vfs::Change& change) noexcept {
  return {.atomic = true, .before = change.before.change, .after = change.after.change};
}

}  // namespace ditto::nfs4
