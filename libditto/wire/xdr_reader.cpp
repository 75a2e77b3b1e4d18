#include "wire/xdr_reader.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace ditto::xdr {

void detail::misuse(const char* what) { throw std::logic_error(what); }

void Reader::fail() noexcept {
  failed_ = true;
  at_ = end_;
  rest_ = 0;
}

void Reader::next_slice() noexcept {
  // An exhausted or failed Reader stays where it is. Slices of a chain are never empty.
  if (rest_ == 0) return;
  const Buffer& slice = chain_->buffers()[next_++];
  at_ = slice.data();
  end_ = at_ + slice.size();
  rest_ -= slice.size();
}

void Reader::gather_split(MutableBytes to) noexcept {
  if (remaining() < to.size()) {
    fail();
    std::memset(to.data(), 0, to.size());
    return;
  }
  while (!to.empty()) {
    if (at_ == end_) next_slice();
    const std::size_t here = std::min(to.size(), static_cast<std::size_t>(end_ - at_));
    std::memcpy(to.data(), at_, here);
    at_ += here;
    to = to.subspan(here);
  }
}

Buffer Reader::gathered(std::size_t length) {
  Buffer whole = Buffer::allocate(length);
  gather(whole.writable());
  return whole;
}

BufferChain Reader::take(std::size_t length) {
  BufferChain taken;
  if (length > remaining()) {
    fail();
    return taken;
  }
  if (!chain_) {
    if (length > 0) taken.append(gathered(length));
    return taken;
  }
  while (length > 0) {
    if (at_ == end_) next_slice();
    const std::size_t here = std::min(length, static_cast<std::size_t>(end_ - at_));
    const Buffer& slice = chain_->buffers()[next_ - 1];
    taken.append(slice.slice(static_cast<std::size_t>(at_ - slice.data()), here));
    at_ += here;
    length -= here;
  }
  return taken;
}

void Reader::skip(std::size_t length) noexcept {
  if (length > remaining()) return fail();
  while (length > 0) {
    if (at_ == end_) next_slice();
    const std::size_t here = std::min(length, static_cast<std::size_t>(end_ - at_));
    at_ += here;
    length -= here;
  }
}

}  // namespace ditto::xdr
