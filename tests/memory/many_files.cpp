#include "many_files.hpp"

#include <algorithm>

namespace memory_test {

namespace {

namespace nfs3 = bench::nfs3;
using nfs3::Procedure;

constexpr std::uint64_t bursts = 10;
constexpr std::uint64_t burst_per_connection = 2;
constexpr std::uint64_t large_file_mib = 4;
// One small file of so many gets contents.
constexpr std::uint64_t written_each = 10;
constexpr std::uint32_t small_bytes = 1000;

// What an operation's step says of its next reply.
enum Step : int { Created, SmallWritten, Attributes, Found, SmallRead, LargeWritten, LargeRead };

std::string_view small_contents(std::uint64_t index) {
  return bench::pattern().substr(index * 1024 % bench::pattern_bytes, small_bytes);
}

void write(bench::Request& out, std::string_view handle, std::uint64_t offset, nfs3::Stable stable,
           std::string_view contents) {
  const auto size = static_cast<std::uint32_t>(contents.size());
  out.begin(Procedure::Write).opaque(handle).u64(offset).u32(size).u32(static_cast<std::uint32_t>(stable)).u32(size);
  out.payload = contents;
}

void check_written(bench::Reader& in, std::size_t size) {
  nfs3::skip_wcc(in);
  if (in.u32() != size) throw bench::Unexpected{"a WRITE was not taken whole"};
}

void check_read(bench::Reader& in, std::string_view contents) {
  nfs3::skip_post_op(in);
  const std::uint32_t count = in.u32();
  in.u32();
  const std::string_view data = in.opaque(bench::pattern_bytes);
  if (count != data.size() || data != contents) throw bench::Unexpected{"READ gave other bytes than were written"};
}

}  // namespace

ManyFiles::ManyFiles(Files& files, const bench::Entries& large, Counts& counts)
    : files_(files), large_(large), counts_(counts), progress_(large.size()) {}

void ManyFiles::begin(Phase phase) {
  phase_ = phase;
  next_ = large_begun_ = 0;
}

bool ManyFiles::burst_due() const noexcept {
  const std::uint64_t due = next_ * bursts / files_.handles.size() * large_.size() * burst_per_connection;
  return large_begun_ < due;
}

bool ManyFiles::start(bench::Slot& slot, bench::Request& out) {
  if (burst_due()) {
    start_large(slot, out);
    return true;
  }
  if (next_ == files_.handles.size()) return false;
  start_small(slot, out);
  return true;
}

void ManyFiles::start_large(bench::Slot& slot, bench::Request& out) {
  ++large_begun_;
  const std::string& handle = large_[slot.connection].handle;
  Large& progress = progress_[slot.connection];
  const std::uint64_t turn = progress.turns++, mib = turn / 2 % large_file_mib;
  slot.index = mib;
  const bool is_there = (progress.written >> mib & 1) != 0;
  if (is_there && (phase_ == Phase::Touch || turn % 2 == 1)) {
    slot.step = LargeRead;
    out.begin(Procedure::Read).opaque(handle).u64(mib * bench::pattern_bytes).u32(bench::pattern_bytes);
  } else {
    slot.step = LargeWritten;
    write(out, handle, mib * bench::pattern_bytes, nfs3::Stable::Unstable, bench::pattern());
  }
}

void ManyFiles::start_small(bench::Slot& slot, bench::Request& out) {
  slot.index = next_++;
  if (phase_ == Phase::Create) {
    slot.step = Created;
    bench::Writer writer = out.begin(Procedure::Create);
    nfs3::put_name(writer, files_.directory(slot.index), files_.name(slot.index));
    writer.u32(1);  // GUARDED
    nfs3::put_mode(writer, 0644);
  } else if (slot.index % 3 == 0) {
    slot.step = Attributes;
    out.begin(Procedure::Getattr).opaque(files_.handle(slot.index));
  } else if (slot.index % 3 == 1) {
    slot.step = Found;
    bench::Writer writer = out.begin(Procedure::Lookup);
    nfs3::put_name(writer, files_.directory(slot.index), files_.name(slot.index));
  } else {
    slot.step = SmallRead;
    out.begin(Procedure::Read).opaque(files_.handle(slot.index)).u64(0).u32(4096);
  }
}

bench::Verdict ManyFiles::reply(bench::Slot& slot, bench::Reader& in, bench::Request& out) {
  switch (slot.step) {
    case Created: return take_created(slot, in, out);
    case SmallWritten:
      check_written(in, small_bytes);
      ++counts_.created;
      break;
    case LargeWritten:
      check_written(in, bench::pattern_bytes);
      progress_[slot.connection].written |= 1U << slot.index;
      ++counts_.written_mib;
      break;
    case LargeRead:
      check_read(in, bench::pattern());
      ++counts_.read_mib;
      break;
    default: take_touched(slot, in);
  }
  return bench::Verdict::Done;
}

bench::Verdict ManyFiles::take_created(bench::Slot& slot, bench::Reader& in, bench::Request& out) {
  const std::string handle = nfs3::get_made(in).handle;
  if (handle.empty()) throw bench::Unexpected{"CREATE gave no filehandle"};
  files_.handle_bytes = handle.size();
  std::ranges::copy(handle, files_.handles[slot.index].begin());
  if (slot.index % written_each != 0) {
    ++counts_.created;
    return bench::Verdict::Done;
  }
  slot.step = SmallWritten;
  write(out, handle, 0, nfs3::Stable::FileSync, small_contents(slot.index));
  return bench::Verdict::More;
}

void ManyFiles::take_touched(bench::Slot& slot, bench::Reader& in) {
  if (slot.step == Attributes && in.u32() != 1) throw bench::Unexpected{"GETATTR of a file says it is none"};
  if (slot.step == Found && in.opaque(nfs3::handle_bytes) != files_.handle(slot.index)) {
    throw bench::Unexpected{"LOOKUP gave another filehandle"};
  }
  if (slot.step == SmallRead) {
    const bool has_contents = slot.index % written_each == 0;
    check_read(in, has_contents ? small_contents(slot.index) : std::string_view());
  }
  ++counts_.touched;
}

}  // namespace memory_test
