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
    Meaning{modify, vfs::Access::WriteData, true},
    Meaning{extend, vfs::Access::AppendData, true},
    Meaning{execute, vfs::Access::Execute, false},
};

std::span<const Meaning> meanings(bool directory) noexcept {
  if (directory) return directory_meanings;
  return other_meanings;
}

}  // namespace

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
