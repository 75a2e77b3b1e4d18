// Record marking (RFC 5531, 11): takes what a byte stream brings, in pieces of any size, and gives out whole records.
// Their bytes are linked, not copied. It holds a record in the making and whatever came behind it, nothing else. One
// thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/buffer.hpp"
#include "base/limits.hpp"

namespace ditto::rpc {

/// Longest record: the largest WRITE, and what stands around its data (call header, credential, verifier, filehandle).
inline constexpr std::size_t max_record_bytes = limits::io_bytes + 4096;
/// Longest fragment of one. Every client sends a record as one fragment.
inline constexpr std::size_t max_fragment_bytes = max_record_bytes;
/// Fragments of one record, empty ones included: each costs a slice, or at least time.
inline constexpr std::size_t max_fragments = 1024;

class RecordReader {
 public:
  enum class Next : std::uint8_t {
    Record,            // one was given out
    More,              // not enough bytes yet
    FragmentTooLong,   // from here on the stream is lost, and every call gives the same
    RecordTooLong,     //
    TooManyFragments,  //
    Empty,             // a record without bytes
  };

  /// Adds what the stream brought.
  void append(Buffer bytes);
  /// Gives out the next record, without its marks.
  Next next(BufferChain& record);

  /// Bytes that the current fragment lacks; 0 between fragments. A transport may read that many into one Buffer.
  std::size_t wanted() const noexcept { return fragment_left_ > input_.size() ? fragment_left_ - input_.size() : 0; }
  /// The most that the record under way may still bring; 0 between records.
  std::size_t outstanding() const noexcept;
  /// Bytes that were appended and not given out.
  std::size_t held() const noexcept { return input_.size() + record_.size() + tail_.size(); }
  /// A record has begun and is not there yet.
  bool in_record() const noexcept { return mark_size_ > 0 || fragments_ > 0 || !input_.empty(); }
  /// Forgets everything that was not given out.
  void clear() noexcept;

 private:
  bool read_mark();
  Next check_mark();
  void take_fragment();

  BufferChain input_;  // not looked at yet
  BufferChain record_;
  Buffer tail_;  // the last slice of record_, kept apart so that its neighbour in memory can be joined to it
  std::array<std::byte, 4> mark_{};
  std::size_t mark_size_ = 0;      // bytes of mark_ that are there
  std::size_t fragment_left_ = 0;  // bytes of the current fragment that are not in record_
  std::size_t fragments_ = 0;      // of the current record
  bool last_ = false;              // the current fragment ends the record
  Next failure_ = Next::More;
};

/// Why a stream is lost, as a sentence for the log; empty for Record and More.
std::string_view reason_of(RecordReader::Next next) noexcept;

}  // namespace ditto::rpc
