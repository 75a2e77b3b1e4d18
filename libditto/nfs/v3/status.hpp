// nfsstat3 for every way of failing that Ditto knows. Pure, any thread.
#pragma once

#include "base/result.hpp"
#include "nfs/v3/types.hpp"

namespace ditto::nfs3 {

nfsstat3 status_of(Error error) noexcept;

}  // namespace ditto::nfs3
