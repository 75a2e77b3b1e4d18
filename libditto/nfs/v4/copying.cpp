#include "nfs/v4/copying.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace ditto::nfs4 {

namespace {

constexpr std::uint64_t piece_bytes = std::uint64_t{1} << 20;

bool is_zeros(const BufferChain& data) noexcept {
  return std::ranges::all_of(data.buffers(), [](const Buffer& each) {
    return std::ranges::all_of(each.bytes(), [](std::byte b) { return b == std::byte{0}; });
  });
}

void take_in(Copying& copying, const Result<vfs::WriteResult>& written, std::uint64_t before) {
  if (!written) {
    copying.error = written.error();
    return;
  }
  copying.done += before + written->count;
  copying.committed &= written->committed != vfs::Stability::Unstable;
}

/// A hole of the source is one of the target afterwards, however long it is. False: there is none worth it, or nobody
/// can tell or make one.
Task<bool> copy_hole(gate::Gate& reader, gate::Gate& writer, Copying& copying) {
  const std::uint64_t from = copying.from + copying.done, to = copying.to + copying.done;
  const auto data = co_await reader.seek(copying.source, from, vfs::Content::Data);
  if (!data || data->offset < from + piece_bytes || copying.left() < piece_bytes) co_return false;
  const std::uint64_t length = std::min(data->offset - from, copying.left());
  const auto emptied = co_await writer.deallocate(copying.target, to, length);
  if (!emptied) {
    if (emptied.error() == Error::NotSupported) co_return false;
    copying.error = emptied.error();
    co_return true;
  }
  // The target is at least as long as what it has of the source.
  const BufferChain last(Buffer::copy_of(std::array<std::byte, 1>{}));
  const auto written = co_await writer.write(copying.target, to + length - 1, last, vfs::Stability::Unstable);
  take_in(copying, written, length - 1);
  co_return true;
}

}  // namespace

Task<void> copy_piece(gate::Gate& reader, gate::Gate& writer, Copying& copying) {
  const auto length = static_cast<std::uint32_t>(std::min(piece_bytes, copying.left()));
  const auto read = co_await reader.read(copying.source, copying.from + copying.done, length);
  if (!read) {
    copying.error = read.error();
    co_return;
  }
  copying.cut = read->data.empty();
  if (copying.cut) co_return;
  // What has other bytes is no hole: nobody is asked.
  if (is_zeros(read->data) && co_await copy_hole(reader, writer, copying)) co_return;
  const auto written =
      co_await writer.write(copying.target, copying.to + copying.done, read->data, vfs::Stability::Unstable);
  take_in(copying, written, 0);
}

write_response4 response_of(const Copying& copying) noexcept {
  write_response4 response{.wr_callback_id = {}, .wr_count = copying.done};
  response.wr_committed = copying.committed ? stable_how4::FILE_SYNC4 : stable_how4::UNSTABLE4;
  store_be(response.wr_writeverf.data(), copying.verifier);
  return response;
}

}  // namespace ditto::nfs4
