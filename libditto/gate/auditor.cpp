#include "gate/auditor.hpp"

namespace ditto::gate {

void tell(Auditor& auditor, const Share& share, const Actor& actor, vfs::Blocking blocking,
          const vfs::AccessNotes& notes) {
  for (const vfs::AccessNote& note : notes.all()) {
    std::string path = path_of(share, note.node, actor.clock.now(), blocking);
    auditor.record({.share = share, .actor = actor, .note = note, .path = std::move(path)});
  }
}

}  // namespace ditto::gate
