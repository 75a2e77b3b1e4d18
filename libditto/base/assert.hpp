// DITTO_ASSERT: a broken invariant ends the process, in release builds too: better no server than one that works on
// with state it cannot trust. Not for what a client, a disk or a host program can cause; those are Results. Any thread.
#pragma once

namespace ditto::detail {
/// Writes expression, file and line to stderr and aborts; allocates nothing.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;
}  // namespace ditto::detail

#define DITTO_ASSERT(...) \
  ((__VA_ARGS__) ? static_cast<void>(0) : ::ditto::detail::assertion_failed(#__VA_ARGS__, __FILE__, __LINE__))
