// Enumerations of a protocol that the file system has with the same numbers, so that a cast takes one for the other.
#pragma once

#include <cstdint>

namespace ditto::nfs {

template <class A, class B>
constexpr bool alike(A a, B b) noexcept {
  return static_cast<std::uint32_t>(a) == static_cast<std::uint32_t>(b);
}

}  // namespace ditto::nfs
