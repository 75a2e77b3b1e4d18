// SEEK: where a file has data and where holes. Nothing is locked, as in READ.
#include <algorithm>

#include "vfs/ditto/ditto_fs.hpp"

namespace ditto::vfs {
namespace {

constexpr int seek_attempts = 16;

Sought end_of(std::uint64_t size) noexcept { return {.offset = size, .at_end = true, .size = size}; }

}  // namespace

Result<Sought> DittoFs::seek(Context& context, Node& node, std::uint64_t offset, Content what) {
  Inode& inode = inode_of(node);
  for (int attempt = 0; attempt < seek_attempts; ++attempt) {
    const auto state = usable(context, inode);
    if (!state) return fail(state.error());
    const InodeRecord& record = state->record;
    if (record.is_directory()) return fail(Error::IsDirectory);
    if (!record.is_regular()) return fail(Error::InvalidArgument);
    if (auto allowed = check_io(context, state->guarded(), Access::ReadData); !allowed) return fail(allowed.error());
    const std::uint64_t size = record.attributes.size;
    if (offset >= size) return end_of(size);
    if (record.object == 0) {  // which has no holes but the one behind its end
      return what == Content::Data ? Sought{.offset = offset, .size = size} : end_of(size);
    }
    if (context.blocking == Blocking::Never) return fail(Error::WouldBlock);
    const auto found = next_content(record, offset, what);
    if (!found) return fail(found.error());
    if (inode.state().generation != state->generation) continue;
    return *found ? Sought{.offset = **found, .size = size} : end_of(size);
  }
  return fail(contended(context));
}

}  // namespace ditto::vfs
