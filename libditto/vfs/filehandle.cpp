#include "vfs/filehandle.hpp"

#include <algorithm>

namespace ditto::vfs {
namespace {

// docs/formats/filehandle.md.
constexpr std::byte version{1};
constexpr std::size_t share_at = 4, store_at = 12, inode_at = 20, subvolume_at = 28, mac_at = 32;
static_assert(mac_at + 8 == Filehandle::wire_bytes);

std::uint64_t mac_of(Bytes wire, const crypto::SipHashKey& key) noexcept {
  return crypto::siphash(key, wire.first(mac_at));
}

}  // namespace

Filehandle::Wire Filehandle::seal(const crypto::SipHashKey& key) const noexcept {
  Wire wire{};
  wire[0] = version;
  store_be(wire.data() + share_at, share);
  store_be(wire.data() + store_at, store);
  store_be(wire.data() + inode_at, node.inode);
  store_be(wire.data() + subvolume_at, node.subvolume);
  store_be(wire.data() + mac_at, mac_of(wire, key));
  return wire;
}

Result<Filehandle> Filehandle::parse(Bytes wire) noexcept {
  if (wire.size() != wire_bytes || wire[0] != version) return fail(Error::BadHandle);
  if (std::any_of(wire.begin() + 1, wire.begin() + share_at, [](std::byte b) { return b != std::byte{0}; })) {
    return fail(Error::BadHandle);
  }
  Filehandle handle;
  handle.share = load_be<std::uint64_t>(wire.data() + share_at);
  handle.store = load_be<std::uint64_t>(wire.data() + store_at);
  handle.node.inode = load_be<std::uint64_t>(wire.data() + inode_at);
  handle.node.subvolume = load_be<std::uint32_t>(wire.data() + subvolume_at);
  return handle;
}

bool Filehandle::verify(Bytes wire, const crypto::SipHashKey& key) noexcept {
  if (wire.size() != wire_bytes) return false;
  std::array<std::byte, 8> expected;
  store_be(expected.data(), mac_of(wire, key));
  return crypto::equal_constant_time(wire.subspan(mac_at), expected);
}

}  // namespace ditto::vfs
