#include "rpc/call.hpp"

#include <algorithm>

namespace ditto::rpc {

bool Peer::is_loopback() const noexcept {
  const auto zeros = [this](std::size_t count) {
    return std::all_of(address.begin(), address.begin() + count, [](std::uint8_t byte) { return byte == 0; });
  };
  if (zeros(15) && address[15] == 1) return true;                                        // ::1
  return zeros(10) && address[10] == 0xff && address[11] == 0xff && address[12] == 127;  // 127.0.0.0/8
}

}  // namespace ditto::rpc
