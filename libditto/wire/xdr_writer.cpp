#include "wire/xdr_writer.hpp"

#include <algorithm>

namespace ditto::xdr {
namespace {

// Most replies fit in the smallest chunk; one that does not is a listing and will need much more.
constexpr std::size_t first_chunk_bytes = 4096;
constexpr std::size_t later_chunk_bytes = 65536;

}  // namespace

void Writer::fresh_chunk(std::size_t length) {
  flush();
  const std::size_t usual = done_.size() < first_chunk_bytes ? first_chunk_bytes : later_chunk_bytes;
  chunk_ = Buffer::allocate(std::max(length, usual));
  chunk_.resize(chunk_.capacity());
  from_ = at_ = chunk_.data();
  end_ = at_ + chunk_.size();
}

void Writer::flush() {
  if (at_ == from_) return;
  done_.append(chunk_.slice(static_cast<std::size_t>(from_ - chunk_.data()), static_cast<std::size_t>(at_ - from_)));
  from_ = at_;
}

void Writer::link(BufferChain chain) {
  if (chain.empty()) return;
  flush();
  done_.append(std::move(chain));
}

void Writer::put(Bytes bytes) {
  while (!bytes.empty()) {
    if (at_ == end_) fresh_chunk(1);
    const std::size_t here = std::min(bytes.size(), static_cast<std::size_t>(end_ - at_));
    std::memcpy(at_, bytes.data(), here);
    at_ += here;
    bytes = bytes.subspan(here);
  }
}

void Writer::counted(Bytes bytes, std::size_t limit) {
  count(bytes.size(), limit);
  put(bytes);
  pad(bytes.size());
}

void Writer::rollback(Mark mark) {
  if (mark.size >= done_.size()) {
    at_ = from_ + (mark.size - done_.size());
  } else {
    // What lies in the chain may share the current chunk: go on behind it and leave its bytes alone.
    at_ = from_;
    done_.truncate(mark.size);
  }
}

BufferChain Writer::since(Mark mark) {
  flush();
  return done_.slice(mark.size, done_.size() - mark.size);
}

BufferChain Writer::finish() {
  if (from_ == chunk_.data() && at_ != from_) {
    chunk_.resize(static_cast<std::size_t>(at_ - from_));
    done_.append(std::move(chunk_));
  } else {
    flush();
    chunk_ = Buffer();
  }
  from_ = at_ = end_ = nullptr;
  return std::exchange(done_, BufferChain());
}

}  // namespace ditto::xdr
