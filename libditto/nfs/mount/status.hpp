// mountstat3 for every way of failing that Ditto knows. Pure, any thread.
#pragma once

#include <type_traits>

#include "base/result.hpp"
#include "nfs/mount/types.hpp"

namespace ditto::mount {

mountstat3 status_of(Error error) noexcept;

inline mountres3 failed(Error error) { return {.fhs_status = status_of(error)}; }

/// What rpc sends in place of a reply that rests on a change which was taken back.
inline mountres3 failure_of(std::type_identity<mountres3>, Error error) { return failed(error); }

}  // namespace ditto::mount
