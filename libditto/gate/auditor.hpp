// Who records what lists want recorded: AUDIT and ALARM entries (RFC 8881, 6.2.1.4.1), which the access check has noted
// while a call was made, are told once it has come to an end.
#pragma once

#include <string>

#include "gate/actor.hpp"
#include "vfs/acl/audit.hpp"
#include "vfs/file_system.hpp"

namespace ditto::gate {

struct Audited {
  const Share& share;
  const Actor& actor;
  const vfs::AccessNote& note;
  std::string path;  // from the share's top, "/" first; empty: not known
};

/// Any thread; must not wait.
class Auditor {
 public:
  virtual ~Auditor() = default;
  virtual void record(const Audited& audited) = 0;
};

/// Tells `auditor` of all `notes` of a call that `actor` has made.
void tell(Auditor& auditor, const Share& share, const Actor& actor, vfs::Blocking blocking,
          const vfs::AccessNotes& notes);

}  // namespace ditto::gate
