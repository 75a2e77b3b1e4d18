#include "nfs/common/access_bits.hpp"

#include <array>
#include <span>

namespace ditto::nfs {

namespace {

/// One bit of ACCESS, and what the access check must grant for it.
struct Meaning {
  std::uint32_t bit;
  vfs::Access needs;
  bool changes;
};

constexpr std::uint32_t read = 0x01, lookup = 0x02, modify = 0x04, extend = 0x08, delete_ = 0x10, execute = 0x20;

constexpr std::array directory_meanings{
    Meaning{read, vfs::Access::ReadData, false},
    Meaning{lookup, vfs::Access::Execute, false},
    Meaning{modify, vfs::Access::WriteData | vfs::Access::DeleteChild | vfs::Access::Execute, true},
    Meaning{extend, vfs::Access::WriteData | vfs::Access::AppendData | vfs::Access::Execute, true},
    Meaning{delete_, vfs::Access::DeleteChild | vfs::Access::Execute, true},
};

// LOOKUP and DELETE say nothing about what is not a directory (RFC 1813, 3.3.4), so they are never granted there.
constexpr std::array other_meanings{
    Meaning{read, vfs::Access::ReadData, false},
    Meaning{modify, vfs::writing, true},
    Meaning{extend, vfs::writing, true},
    Meaning{execute, vfs::Access::Execute, false},
};

std::span<const Meaning> meanings(bool directory) noexcept {
  if (directory) return directory_meanings;
  return other_meanings;
}

/// What is written to a device or into a FIFO is nothing of the share's: /dev/null works on a root that is read-only.
constexpr bool leads_elsewhere(vfs::FileType type) noexcept {
  using enum vfs::FileType;
  return type == Fifo || type == Socket || type == CharDevice || type == BlockDevice;
}

}  // namespace

AccessBits::AccessBits(vfs::FileType type, bool read_only, std::uint32_t asked) noexcept
    : directory_(type == vfs::FileType::Directory), read_only_(read_only && !leads_elsewhere(type)), asked_(asked) {}

std::uint32_t AccessBits::supported() const noexcept {
  std::uint32_t bits = 0;
  for (const Meaning& meaning : meanings(directory_)) bits |= meaning.bit;
  return bits & asked_;
}

vfs::Access AccessBits::wanted() const noexcept {
  vfs::Access wanted{};
  for (const Meaning& meaning : meanings(directory_)) {
    if (asked_ & meaning.bit && !(meaning.changes && read_only_)) wanted = wanted | meaning.needs;
  }
  return wanted;
}

std::uint32_t AccessBits::given(vfs::Access granted) const noexcept {
  std::uint32_t bits = 0;
  for (const Meaning& meaning : meanings(directory_)) {
    if (meaning.changes && read_only_) continue;
    if (asked_ & meaning.bit && (granted & meaning.needs) == meaning.needs) bits |= meaning.bit;
  }
  return bits;
}

}  // namespace ditto::nfs
