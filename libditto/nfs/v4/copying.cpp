#include "nfs/v4/copying.hpp"

#include <algorithm>

namespace ditto::nfs4 {

namespace {

constexpr std::uint64_t piece_bytes = std::uint64_t{1} << 20;

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
  const auto written =
      co_await writer.write(copying.target, copying.to + copying.done, read->data, vfs::Stability::Unstable);
  if (!written) {
    copying.error = written.error();
    co_return;
  }
  copying.done += written->count;
  copying.committed &= written->committed != vfs::Stability::Unstable;
}

write_response4 response_of(const Copying& copying) noexcept {
  write_response4 response{.wr_callback_id = {}, .wr_count = copying.done};
  response.wr_committed = copying.committed ? stable_how4::FILE_SYNC4 : stable_how4::UNSTABLE4;
  store_be(response.wr_writeverf.data(), copying.verifier);
  return response;
}

}  // namespace ditto::nfs4
