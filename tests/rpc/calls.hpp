// Calls as a client puts them on the wire, and its look at the replies. Plain functions.
#pragma once

#include <cstdint>
#include <vector>

#include "base/buffer.hpp"
#include "rpc/message.hpp"
#include "rpc/toy_program.hpp"
#include "wire/xdr_writer.hpp"

namespace ditto::test {

/// A call of the toy program with AUTH_NONE, without a record mark.
template <class... ARGS>
BufferChain message(std::uint32_t xid, std::uint32_t procedure, const ARGS&... arguments) {
  xdr::Writer writer;
  writer(rpc::call_header{.xid = xid, .prog = toy::program_number, .vers = 2, .proc = procedure});
  writer(rpc::opaque_auth{}, rpc::opaque_auth{});
  (writer(arguments), ...);
  return writer.finish();
}

/// `message` as a record of one fragment.
inline Buffer record(const BufferChain& message) {
  Buffer whole = Buffer::allocate(4 + message.size());
  store_be<std::uint32_t>(whole.data(), 0x80000000 | static_cast<std::uint32_t>(message.size()));
  message.copy_to(0, whole.writable().subspan(4));
  return whole;
}

template <class... ARGS>
Buffer call(std::uint32_t xid, std::uint32_t procedure, const ARGS&... arguments) {
  return record(message(xid, procedure, arguments...));
}

inline toy::Data data_of(std::size_t size, std::byte fill = std::byte{0x5a}) {
  Buffer buffer = Buffer::allocate(size);
  for (std::byte& byte : buffer.writable()) byte = fill;
  return {BufferChain(std::move(buffer))};
}

/// Several buffers as one.
inline Buffer joined(const std::vector<Buffer>& parts) {
  BufferChain chain;
  for (const Buffer& part : parts) chain.append(part);
  return Buffer::copy_of(chain.coalesce().bytes());
}

inline std::uint32_t word_at(const BufferChain& chain, std::size_t offset) {
  std::byte word[4];
  chain.copy_to(offset, word);
  return load_be<std::uint32_t>(word);
}

// Of a reply with its record mark.
inline std::uint32_t xid_of(const BufferChain& reply) { return word_at(reply, 4); }
inline std::uint32_t accept_stat_of(const BufferChain& reply) { return word_at(reply, 24); }
inline constexpr std::size_t results_offset = 28;
inline std::uint32_t number_in(const BufferChain& reply) { return word_at(reply, results_offset); }

}  // namespace ditto::test
