#include "gate/auditor.hpp"

namespace ditto::gate {
namespace {

/// Not known where it would have to be waited for.
std::string path_of(const Share& share, const Actor& actor, vfs::Blocking blocking, vfs::NodeId node) {
  vfs::FileSystem& fs = share.file_system();
  vfs::Context context{.who = actor.who, .now = actor.clock.now(), .blocking = blocking};
  const auto pin = fs.pin(context, node);
  if (!pin) return {};
  return fs.path(context, **pin, share.root()).value_or(std::string());
}

}  // namespace

void tell(Auditor& auditor, const Share& share, const Actor& actor, vfs::Blocking blocking,
          const vfs::AccessNotes& notes) {
  for (const vfs::AccessNote& note : notes.all()) {
    auditor.record({.share = share, .actor = actor, .note = note, .path = path_of(share, actor, blocking, note.node)});
  }
}

}  // namespace ditto::gate
