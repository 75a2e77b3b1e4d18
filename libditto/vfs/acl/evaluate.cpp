#include "vfs/acl/evaluate.hpp"

namespace ditto::vfs {
namespace {

/// Who is squashed, or said nothing of himself.
bool is_anonymous(const Credential& caller) noexcept { return caller.uid == Credential{}.uid; }

}  // namespace

bool is_about(const Who& who, const Attributes& attributes, const Credential& caller) noexcept {
  switch (who.kind) {
    case Who::Kind::Owner: return attributes.owner == Principal::id(caller.uid);
    case Who::Kind::Group:
      return attributes.group.kind == Principal::Kind::Id && caller.in_group(attributes.group.value);
    case Who::Kind::User: return caller.uid == who.value;
    case Who::Kind::NamedGroup: return caller.in_group(who.value);
    case Who::Kind::Everyone:
    case Who::Kind::Network: return true;  // nobody comes another way
    case Who::Kind::Anonymous: return is_anonymous(caller);
    case Who::Kind::Authenticated: return !is_anonymous(caller);
    case Who::Kind::Interactive:
    case Who::Kind::Dialup:
    case Who::Kind::Batch:
    case Who::Kind::Service:
    case Who::Kind::CreatorOwner:
    case Who::Kind::CreatorGroup:
    case Who::Kind::Sid: return false;
  }
  return false;
}

Decided decide(const Acl& acl, const Attributes& attributes, const Credential& caller) noexcept {
  Decided decided;
  for (const Ace& ace : acl.aces) {
    if (!ace.decides() || !is_about(ace.who, attributes, caller)) continue;
    const Access open = without(ace.mask, decided.allowed | decided.denied);
    Access& side = ace.type == Ace::Type::Allow ? decided.allowed : decided.denied;
    side = side | open;
  }
  return decided;
}

}  // namespace ditto::vfs
