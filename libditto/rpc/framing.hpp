// How one message stands on the wire (RFC 5531, 11): by itself in a datagram, or behind its record mark in a stream.
// MessageWriter is an xdr::Writer that fills the mark in at the end. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/buffer.hpp"
#include "wire/xdr_writer.hpp"

namespace ditto::rpc {

inline constexpr std::size_t record_mark_bytes = 4;
inline constexpr std::uint32_t last_fragment_bit = 0x80000000;

/// Whether a message begins with a record mark.
enum class Framing : bool { Datagram, Record };

class MessageWriter {
 public:
  explicit MessageWriter(Framing framing) : framed_(framing == Framing::Record) {
    if (framed_) mark_ = writer_.reserve_u32();
  }

  xdr::Writer& writer() noexcept { return writer_; }

  /// The whole message, as one fragment.
  BufferChain finish() {
    if (framed_) {
      writer_.patch(mark_, last_fragment_bit | static_cast<std::uint32_t>(writer_.size() - record_mark_bytes));
    }
    return writer_.finish();
  }

 private:
  const bool framed_;
  xdr::Writer writer_;
  xdr::Writer::Hole mark_;
};

}  // namespace ditto::rpc
