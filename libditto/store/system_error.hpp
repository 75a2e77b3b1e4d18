// What the operating system's error numbers mean to whoever uses a store.
#pragma once

#include "base/result.hpp"

namespace ditto::store {

/// For an errno of a call on one of the store's own files, where missing permission is the machine's fault and not the
/// client's.
Error error_of(int error_number) noexcept;

}  // namespace ditto::store
