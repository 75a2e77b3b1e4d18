#include <algorithm>

#include "base/limits.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/look.hpp"
#include "nfs/v4/two_files.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;

/// What one COPY moves through memory at most: the client comes again with the rest.
constexpr std::uint64_t most_copied = std::uint64_t{16} << 20;
/// As much at a time.
constexpr std::uint64_t piece_bytes = std::uint64_t{1} << 20;

/// How far a COPY has come.
struct Progress {
  std::uint64_t done = 0;
  bool committed = true;  // all of it
  std::optional<Error> error;
};

/// Whole blocks between offsets of blocks are shared, however many they are.
Task<void> share_blocks(TwoFiles& files, const COPY4args& args, std::uint64_t count, Progress& progress) {
  constexpr std::uint64_t block = vfs::clone_block_bytes;
  const std::uint64_t whole = count - count % block;
  const bool aligned = args.ca_src_offset % block == 0 && args.ca_dst_offset % block == 0;
  if (!files.of_one_store() || !aligned || whole == 0) co_return;
  const gate::CloneFrom from{.node = files.from().node, .offset = args.ca_src_offset, .reader = files.reader().actor()};
  const auto cloned = co_await files.writer().gate.clone(from, files.to().node, args.ca_dst_offset, whole);
  if (cloned) {
    progress.done = whole;
  } else if (cloned.error() != Error::NotSupported) {
    progress.error = cloned.error();
  }
}

/// The rest, piece by piece: each is read before it is written, and nothing else waits in memory.
Task<void> copy_bytes(TwoFiles& files, const COPY4args& args, std::uint64_t count, Progress& progress) {
  const std::uint64_t end = std::min(count, progress.done + most_copied);
  while (progress.done < end && !progress.error) {
    const auto length = static_cast<std::uint32_t>(std::min(piece_bytes, end - progress.done));
    const auto read = co_await files.reader().gate.read(files.from().node, args.ca_src_offset + progress.done, length);
    if (!read) {
      progress.error = read.error();
    } else if (read->data.empty()) {
      co_return;  // the source was cut meanwhile
    } else {
      const auto written = co_await files.writer().gate.write(files.to().node, args.ca_dst_offset + progress.done,
                                                              read->data, vfs::Stability::Unstable);
      if (!written) {
        progress.error = written.error();
      } else {
        progress.done += written->count;
        progress.committed &= written->committed != vfs::Stability::Unstable;
      }
    }
  }
}

}  // namespace

// RFC 7862, 15.2. Always consecutive and synchronous, whatever is asked for: what is too much for one answer is left to
// the next COPY. Nothing is copied from another server.
Task<COPY4res> copy(Compound& compound, const COPY4args& args) {
  if (!args.ca_source_server.empty()) co_return COPY4res{.status = NFS4ERR_OFFLOAD_DENIED};
  TwoFiles files(compound);
  const nfsstat4 status = co_await files.judge(args.ca_src_stateid, args.ca_dst_stateid);
  if (status != NFS4_OK) co_return COPY4res{.status = status};
  if (files.are_one()) co_return COPY4res{.status = NFS4ERR_INVAL};
  const auto source = co_await files.reader().gate.getattr(files.from().node);
  if (!source) co_return COPY4res{.status = compound.status_of(source.error())};
  const std::uint64_t size = source->size;
  if (args.ca_src_offset > size || args.ca_count > size - args.ca_src_offset) {
    co_return COPY4res{.status = NFS4ERR_INVAL};
  }
  const std::uint64_t count = args.ca_count != 0 ? args.ca_count : size - args.ca_src_offset;
  if (args.ca_dst_offset > limits::file_size || count > limits::file_size - args.ca_dst_offset) {
    co_return COPY4res{.status = NFS4ERR_FBIG};
  }
  // Taken before anything is written: if unstable data is lost meanwhile, the client must see the verifier change.
  const std::uint64_t verifier = files.to().share->file_system().write_verifier();
  Progress progress;
  co_await share_blocks(files, args, count, progress);
  co_await copy_bytes(files, args, count, progress);
  if (progress.error && progress.done == 0) {
    co_return COPY4res{.status = co_await room_failure(compound, files.to(), *progress.error)};
  }
  COPY4res result{.resok4 = {.cr_response = {.wr_count = progress.done},
                             .cr_requirements = {.cr_consecutive = true, .cr_synchronous = true}}};
  write_response4& response = result.resok4.cr_response;
  response.wr_committed = progress.committed ? stable_how4::FILE_SYNC4 : stable_how4::UNSTABLE4;
  store_be(response.wr_writeverf.data(), verifier);
  co_return result;
}

}  // namespace ditto::nfs4
