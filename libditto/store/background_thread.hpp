// A thread of the store's own inside a host program: it carries a name and takes none of the host's signals. The caller
// joins it.
#pragma once

#include <thread>

namespace ditto::store {

/// Starts `run(self)`; `name` has at most 15 characters. Throws std::system_error when the system has no thread left.
std::thread start_background_thread(const char* name, void (*run)(void* self), void* self);

/// The calling thread uses less of a core that others want, from here on.
void let_others_go_first() noexcept;

}  // namespace ditto::store
