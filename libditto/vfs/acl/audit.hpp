// What AUDIT and ALARM entries want recorded of an access (RFC 8881, 6.2.1.4.1; MS-DTYP, 2.4.4.10): noted by
// the access check as it decides, told by whoever made the call once it has come to an end. Plain values, one thread.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "vfs/acl/acl.hpp"
#include "vfs/credential.hpp"

namespace ditto::vfs {

/// Of one node: which rights that were asked for were granted and refused, as far as somebody wants to know.
struct AccessNote {
  NodeId node;
  Access granted{}, refused{};
  bool alarm = false;  // an ALARM entry is among those that want to know
};

/// Of one call.
class AccessNotes {
 public:
  /// A call is about no more nodes: RENAME's two directories, what it moves and what it replaces.
  static constexpr std::size_t most = 4;

  /// `granted` and `refused` of `node` are what came of `who` asking. Nothing is noted unless an entry says so.
  void note(const Guarded& node, const Credential& who, Access granted, Access refused) noexcept {
    if (node.acl) note_by(*node.acl, node.attributes, who, granted, refused);
  }
  void clear() noexcept { count_ = 0; }
  std::span<const AccessNote> all() const noexcept { return {notes_.data(), count_}; }

 private:
  void note_by(const Acl& acl, const Attributes& attributes, const Credential& who, Access granted,
               Access refused) noexcept;

  std::size_t count_ = 0;
  std::array<AccessNote, most> notes_;
};

}  // namespace ditto::vfs
