#include <algorithm>
#include <expected>
#include <utility>

#include "base/limits.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/look.hpp"
#include "nfs/v4/stateids.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;
using enum data_content4;

// What the encoding takes beside the bytes of data: the number, the status, rpr_eof and the count; for each piece.
constexpr std::size_t frame_bytes = 4 + 4 + 4 + 4, hole_bytes = 4 + 8 + 8, data_frame_bytes = 4 + 8 + 4;

/// Goes through a range of a file, from data to holes and from holes to data, and gathers what it comes by.
class Pieces {
 public:
  Pieces(Compound& compound, const Place& file, std::uint64_t offset, std::uint64_t count)
      : compound_(compound), file_(file), at_(offset), end_(offset + count), room_(compound.room - frame_bytes) {}

  /// All of them up to the end of the range or of the file, or as many as there is room for.
  Task<nfsstat4> gather() {
    while (!finished()) {
      if (const nfsstat4 status = co_await (in_hole_ ? take_hole() : take_data()); status != NFS4_OK) {
        if (result_.rpr_contents.empty()) co_return status;
        break;  // the reader hears of it when he comes to there
      }
    }
    co_return NFS4_OK;
  }
  read_plus_res4 result() { return std::move(result_); }

 private:
  bool finished() const noexcept {
    return result_.rpr_eof || full_ || result_.rpr_contents.size() == max_contents || (at_ == end_ && looked_);
  }

  /// Where the next piece of the other kind begins.
  Task<std::expected<vfs::Sought, nfsstat4>> seek(vfs::Content what) {
    looked_ = true;
    auto found = co_await compound_.entrance(*file_.share).gate.seek(file_.node, at_, what);
    if (found) co_return *found;
    // Where a file system cannot tell, nothing is a hole, and READ says where the file ends.
    constexpr vfs::Sought unknown{.offset = limits::file_size, .size = limits::file_size};
    if (found.error() == Error::NotSupported) co_return unknown;
    co_return std::unexpected(co_await contents_failure(compound_, file_, found.error()));
  }

  /// From a place where there is data, or the end of the file.
  Task<nfsstat4> take_data() {
    const auto hole = co_await seek(vfs::Content::Hole);
    if (!hole) co_return hole.error();
    if (at_ >= hole->size) co_return end();
    in_hole_ = hole->offset == at_;
    if (in_hole_) co_return NFS4_OK;
    const std::uint64_t wanted = std::min(hole->offset, end_) - at_;
    const std::size_t fits = room_ > data_frame_bytes ? (room_ - data_frame_bytes) & ~std::size_t{3} : 0;
    const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, fits));
    if (count == 0 && wanted != 0) co_return compound_.beyond();
    if (!has_memory_ && !co_await compound_.memory_for(std::min<std::uint64_t>(end_ - at_, fits))) {
      co_return NFS4ERR_DELAY;
    }
    has_memory_ = true;
    auto read = co_await compound_.entrance(*file_.share).gate.read(file_.node, at_, count);
    if (!read) co_return co_await contents_failure(compound_, file_, read.error());
    const std::size_t size = read->data.size();
    result_.rpr_eof = read->end_of_file || at_ + size >= read->attributes.size;
    if (size != 0) {
      result_.rpr_contents.push_back(
          {.rpc_content = NFS4_CONTENT_DATA, .rpc_data = {.d_offset = at_, .d_data = std::move(read->data)}});
    }
    went(size, data_frame_bytes + (size + 3) / 4 * 4);
    full_ = size < wanted;
    in_hole_ = true;
    co_return NFS4_OK;
  }

  /// A hole is told no further than it was asked for, so that it never leaves what the reader has locked.
  Task<nfsstat4> take_hole() {
    const auto data = co_await seek(vfs::Content::Data);
    if (!data) co_return data.error();
    if (at_ >= data->size) co_return end();
    const std::uint64_t length = std::min(data->offset, end_) - at_;
    if (room_ < hole_bytes) co_return compound_.beyond();
    if (length != 0) {
      result_.rpr_contents.push_back(
          {.rpc_content = NFS4_CONTENT_HOLE, .rpc_data = {}, .rpc_hole = {.di_offset = at_, .di_length = length}});
    }
    went(length, hole_bytes);
    result_.rpr_eof = at_ == data->size;
    in_hole_ = false;
    co_return NFS4_OK;
  }

  nfsstat4 end() noexcept {
    result_.rpr_eof = true;
    return NFS4_OK;
  }
  void went(std::uint64_t bytes, std::size_t encoded) noexcept {
    at_ += bytes;
    room_ -= std::min(room_, encoded);
  }

  Compound& compound_;
  const Place file_;
  std::uint64_t at_;
  const std::uint64_t end_;
  std::size_t room_;  // of the reply
  bool in_hole_ = false, looked_ = false, full_ = false, has_memory_ = false;
  read_plus_res4 result_;
};

}  // namespace

// RFC 7862, 15.10. Each piece is looked for by itself: between two of them others may write.
Task<READ_PLUS4res> read_plus(Compound& compound, const READ_PLUS4args& args) {
  const Place at = *compound.current.place;
  if (at.is_pseudo_root()) co_return READ_PLUS4res{.status = NFS4ERR_ISDIR};
  if (const nfsstat4 status = judge(compound, args.rpa_stateid, Intent::Read); status != NFS4_OK) {
    co_return READ_PLUS4res{.status = status};
  }
  if (compound.room < frame_bytes) co_return READ_PLUS4res{.status = compound.beyond()};
  const std::uint64_t offset = std::min(args.rpa_offset, limits::file_size);
  const std::uint64_t most = std::min<std::uint64_t>(limits::io_bytes, limits::file_size - offset);
  Pieces pieces(compound, at, offset, std::min<std::uint64_t>(args.rpa_count, most));
  if (const nfsstat4 status = co_await pieces.gather(); status != NFS4_OK) co_return READ_PLUS4res{.status = status};
  co_return READ_PLUS4res{.resok4 = pieces.result()};
}

}  // namespace ditto::nfs4
