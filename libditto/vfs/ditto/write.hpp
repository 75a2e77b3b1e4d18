// One WRITE under way: what write.cpp's steps hand to each other. Not a header for others.
#pragma once

#include <cstdint>

#include "vfs/ditto/ditto_fs.hpp"

namespace ditto::vfs {

struct DittoFs::Write {
  std::uint64_t offset;
  const BufferChain& data;
  Stability stability;

  std::uint64_t end() const noexcept { return offset + data.size(); }
  std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(data.size()); }
  bool stable() const noexcept { return stability != Stability::Unstable; }
};

}  // namespace ditto::vfs
