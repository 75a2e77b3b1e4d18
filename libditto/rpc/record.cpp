#include "rpc/record.hpp"

#include <algorithm>
#include <utility>

#include "rpc/framing.hpp"

namespace ditto::rpc {

void RecordReader::append(Buffer bytes) {
  if (failure_ == Next::More) input_.append(std::move(bytes));
}

void RecordReader::clear() noexcept { *this = RecordReader(); }

std::size_t RecordReader::outstanding() const noexcept {
  if (fragments_ == 0) return 0;
  // Another fragment may bring as much as a record has room for.
  const std::size_t others = last_ ? 0 : max_record_bytes - record_.size() - tail_.size() - fragment_left_;
  return wanted() + others;
}

// False: the mark is not whole yet.
bool RecordReader::read_mark() {
  const std::size_t here = std::min(mark_.size() - mark_size_, input_.size());
  input_.copy_to(0, MutableBytes(mark_).subspan(mark_size_, here));
  input_.remove_prefix(here);
  mark_size_ += here;
  return mark_size_ == mark_.size();
}

RecordReader::Next RecordReader::check_mark() {
  const auto mark = load_be<std::uint32_t>(mark_.data());
  mark_size_ = 0;
  last_ = (mark & last_fragment_bit) != 0;
  fragment_left_ = mark & ~last_fragment_bit;
  const std::size_t before = record_.size() + tail_.size();
  if (++fragments_ > max_fragments) return Next::TooManyFragments;
  if (fragment_left_ > max_fragment_bytes) return Next::FragmentTooLong;
  if (fragment_left_ > max_record_bytes - before) return Next::RecordTooLong;
  if (last_ && fragment_left_ + before == 0) return Next::Empty;
  return Next::Record;
}

void RecordReader::take_fragment() {
  while (fragment_left_ > 0 && !input_.empty()) {
    const Buffer& front = input_.buffers().front();
    const std::size_t here = std::min(fragment_left_, front.size());
    // A stream that comes in small pieces would else cost a slice for each.
    const bool joins = tail_.data() + tail_.size() == front.data() && tail_.capacity() >= tail_.size() + here;
    if (joins && !tail_.empty()) {
      tail_.resize(tail_.size() + here);
    } else {
      record_.append(std::move(tail_));
      tail_ = front.slice(0, here);
    }
    input_.remove_prefix(here);
    fragment_left_ -= here;
  }
}

RecordReader::Next RecordReader::next(BufferChain& record) {
  if (failure_ != Next::More) return failure_;
  for (;;) {
    take_fragment();
    if (fragment_left_ > 0) return Next::More;
    if (fragments_ > 0 && last_) break;
    if (!read_mark()) return Next::More;
    if (const Next checked = check_mark(); checked != Next::Record) {
      clear();
      return failure_ = checked;
    }
  }
  record_.append(std::move(tail_));
  record = std::move(record_);
  record_.clear();
  fragments_ = 0;
  last_ = false;
  return Next::Record;
}

std::string_view reason_of(RecordReader::Next next) noexcept {
  switch (next) {
    case RecordReader::Next::Record:
    case RecordReader::Next::More: return {};
    case RecordReader::Next::FragmentTooLong: return "announced a fragment that is too long";
    case RecordReader::Next::RecordTooLong: return "sent a record that is too long";
    case RecordReader::Next::TooManyFragments: return "sent a record of too many fragments";
    case RecordReader::Next::Empty: return "sent an empty record";
  }
  return {};
}

}  // namespace ditto::rpc
