// READ and READLINK. Nothing is locked: contents come from where the published state says they are, and are read again
// when bytes left the file meanwhile.
#include <algorithm>

#include "vfs/ditto/ditto_fs.hpp"

namespace ditto::vfs {
namespace {

// Reads that keep crossing truncations give up; nobody does that but a test.
constexpr int read_attempts = 16;
// One answer; a caller that asks for more gets less, which every protocol allows.
constexpr std::uint64_t max_read_bytes = std::uint64_t{16} << 20;

Result<void> check_type(const InodeRecord& record) {
  if (record.is_directory()) return fail(Error::IsDirectory);
  if (!record.is_regular()) return fail(Error::InvalidArgument);
  return {};
}

}  // namespace

void DittoFs::note_access(Context& context, Inode& inode) {
  if (options_.access_times && inode.touch_access(context.now)) enlist(inode);
}

Result<Buffer> DittoFs::read_inline(Context& context, Inode& inode, InodeState& state) {
  Buffer contents;
  Lsn seen = 0;
  const auto read = kv_.view(
      [&](store::KvReader& reader) -> Result<void> {
        const auto record = read_inode(reader, inode.id());
        if (!record) return fail(record.error());
        const auto value = reader.get(key::inline_data(inode.id()));
        if (!value) return fail(value.error());
        seen = reader.seen();
        if (!*record) return fail(Error::Stale);
        const Timestamp access_time = state.record.attributes.access_time;
        state.record = **record;
        state.record.attributes.access_time = std::max(access_time, state.record.attributes.access_time);
        const Bytes bytes = value->value_or(Bytes{});
        if (state.record.object == 0 && bytes.size() != state.record.attributes.size) return fail(Error::Corrupt);
        contents = Buffer::copy_of(bytes);
        return {};
      },
      context.blocking);
  context.depend(seen);
  if (!read) return fail(read.error());
  return contents;
}

Result<void> DittoFs::read_object(Context& context, ObjectId object, std::uint64_t offset, MutableBytes into) {
  const auto got = data_.read(object, offset, into, context.blocking);
  if (!got) return fail(got.error());
  // The file is longer than what was ever written to its object.
  const MutableBytes rest = into.subspan(std::min(*got, into.size()));
  std::fill(rest.begin(), rest.end(), std::byte{0});
  return {};
}

Result<Buffer> DittoFs::read_bytes(Context& context, Inode& inode, InodeState& state, const Range& range) {
  Extents extents;
  if (state.record.shared.any()) {
    const std::uint64_t from = range.offset - range.offset % chunk_bytes;
    auto found = extents_of(context, state, from, range.offset + range.length + chunk_bytes);
    if (!found) return fail(found.error());
    extents = std::move(*found);
  }
  if (verify_reads_.load(std::memory_order_relaxed) && state.record.checksum_groups != 0) {
    return read_verified(context, inode, state, range, extents);
  }
  Buffer buffer = Buffer::allocate(range.length);
  if (auto read = read_segments(context, state.record.object, extents, range.offset, buffer.writable()); !read) {
    return fail(read.error());
  }
  return buffer;
}

Result<ReadResult> DittoFs::read(Context& context, Node& node, std::uint64_t offset, std::uint32_t count) {
  Inode& inode = inode_of(node);
  for (int attempt = 0; attempt < read_attempts; ++attempt) {
    // Again: wait for whoever moves the contents.
    if (attempt > 0 && context.blocking == Blocking::Allowed) (void)InodeLocks::take({&inode}, context.blocking);
    auto state = usable(context, inode);
    if (!state) return fail(state.error());
    if (auto readable = check_type(state->record); !readable) return fail(readable.error());
    if (auto allowed = check_io(context, state->guarded(), Access::ReadData); !allowed) {
      return fail(allowed.error());
    }
    Buffer contents;
    if (state->record.object == 0 && state->record.attributes.size != 0 && count != 0) {
      auto small = read_inline(context, inode, *state);
      if (!small) return fail(small.error());
      if (state->record.object != 0) continue;
      contents = std::move(*small);
    }
    const std::uint64_t size = state->record.attributes.size;
    const std::uint64_t length = offset >= size ? 0 : std::min({std::uint64_t{count}, size - offset, max_read_bytes});
    ReadResult result{.data = {}, .end_of_file = offset >= size || length == size - offset, .attributes = {}};
    if (length != 0 && state->record.object == 0) {
      result.data.append(contents.slice(offset, length));
    } else if (length != 0) {
      const std::uint64_t change = state->record.attributes.change;
      auto bytes = read_bytes(context, inode, *state, {.offset = offset, .length = length});
      if (!bytes) return fail(bytes.error());
      // What is shared has changed since.
      if (state->record.attributes.change != change) continue;
      if (inode.state().generation != state->generation) continue;
      result.data.append(std::move(*bytes));
    }
    result.attributes = state->record.attributes;
    if (count != 0) {
      note_access(context, inode);
      result.attributes.access_time = inode.state().record.attributes.access_time;
    }
    return result;
  }
  return fail(contended(context));
}

Result<std::string> DittoFs::readlink(Context& context, Node& node) {
  Inode& inode = inode_of(node);
  auto state = usable(context, inode);
  if (!state) return fail(state.error());
  if (state->record.attributes.type != FileType::Symlink) return fail(Error::NotSymlink);
  const auto target = read_inline(context, inode, *state);
  if (!target) return fail(target.error());
  note_access(context, inode);
  return std::string(text_of(target->bytes()));
}

}  // namespace ditto::vfs
