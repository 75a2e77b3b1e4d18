#include "nfs/v4/pseudo_root.hpp"

#include "base/bytes.hpp"
#include "base/crypto.hpp"

namespace ditto::nfs4::pseudo_root {

namespace {

constexpr std::uint64_t own_fileid = 1;

/// Which shares there are, in a number that is the same after a restart.
std::uint64_t fingerprint(const gate::Shares& shares, const rpc::Call& call, std::uint32_t& count) noexcept {
  std::uint64_t sum = 0;
  for (const auto& share : shares.all()) {
    if (!share->admits(call.peer.address)) continue;
    ++count;
    sum += crypto::siphash({share->id(), 0}, bytes_of(share->name()));
  }
  return sum;
}

}  // namespace

vfs::Attributes attributes(const gate::Shares& shares, const rpc::Call& call) noexcept {
  std::uint32_t count = 0;
  const std::uint64_t change = fingerprint(shares, call, count);
  return {.id = {.inode = own_fileid},
          .type = vfs::FileType::Directory,
          .mode = mode,
          .owner = vfs::Principal::id(0),
          .group = vfs::Principal::id(0),
          .link_count = 2 + count,
          .change = change};
}

const gate::Share* find(const gate::Shares& shares, const rpc::Call& call, std::string_view name) noexcept {
  const gate::Share* share = shares.find(name);
  return share && share->admits(call.peer.address) ? share : nullptr;
}

}  // namespace ditto::nfs4::pseudo_root
