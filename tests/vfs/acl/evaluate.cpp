// What an access control list decides, as tables: who has which bits of it.
#include "vfs/acl/evaluate.hpp"

#include "letters.hpp"
#include "tree.hpp"

namespace ditto::test {
namespace {

using vfs::Access;
using vfs::AceFlags;
using vfs::Acl;

/// Owner 10, group 20.
Attributes node() {
  Attributes a;
  a.owner = vfs::Principal::id(10);
  a.group = vfs::Principal::id(20);
  return a;
}

const Credential owner = user(10, 99), member = user(11, 20), other = user(13, 99), squashed = user(65534, 65534);

std::string allowed(const char* list, const Credential& who) {
  return letters_of(mask_letters, vfs::decide(acl(list), node(), who).allowed);
}

}  // namespace

TEST_CASE("each bit is decided by the first entry that names it and its caller") {
  struct Row {
    const char *list, *owner, *member, *other;
  };
  const Row rows[] = {
      {"", "", "", ""},
      {"A::OWNER@:rw", "rw", "", ""},
      {"A::GROUP@:r", "", "r", ""},
      {"A::EVERYONE@:r", "r", "r", "r"},
      {"D::OWNER@:w A::EVERYONE@:rw", "r", "rw", "rw"},
      {"A::EVERYONE@:rw D::OWNER@:w", "rw", "rw", "rw"},
      {"A::OWNER@:r D::EVERYONE@:rw A::OWNER@:w", "r", "", ""},
      {"D::u11:x A::g20:rx", "", "r", ""},
      {"A::u13:D A::u13:d", "", "", "Dd"},
      {"A::g99:r", "r", "", "r"},
      {"A::s7:rw", "", "", ""},
      {"A:fi:EVERYONE@:r", "", "", ""},
      {"A:f:EVERYONE@:r", "r", "r", "r"},
      {"U:S:EVERYONE@:r L:F:EVERYONE@:w", "", "", ""},
      {"D::NETWORK@:w A::EVERYONE@:rw", "r", "r", "r"},
      {"A::INTERACTIVE@:r A::DIALUP@:r A::BATCH@:r A::SERVICE@:r A::CREATOR:r", "", "", ""},
      {"A::AUTHENTICATED@:r A::ANONYMOUS@:w", "r", "r", "r"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.list);
    CHECK(allowed(row.list, owner) == row.owner);
    CHECK(allowed(row.list, member) == row.member);
    CHECK(allowed(row.list, other) == row.other);
  }
  CHECK(allowed("A::AUTHENTICATED@:r A::ANONYMOUS@:w", squashed) == "w");
}

TEST_CASE("what is denied and what was not spoken of are told apart") {
  const vfs::Decided decided = vfs::decide(acl("D::EVERYONE@:w A::EVERYONE@:rw"), node(), other);
  CHECK(decided.allowed == Access::ReadData);
  CHECK(decided.denied == Access::WriteData);
}

TEST_CASE("a node whose owner is a SID has no owner among users") {
  Attributes attributes = node();
  attributes.owner = {vfs::Principal::Kind::Sid, 10};
  attributes.group = {vfs::Principal::Kind::Sid, 20};
  CHECK(vfs::decide(acl("A::OWNER@:r A::GROUP@:w"), attributes, user(10, 20)).allowed == Access::None);
}

TEST_CASE("lists that cannot be set") {
  using vfs::check_acl;
  const auto set_on = [](FileType type, const char* list) { return check_acl(acl(list), type); };
  CHECK(set_on(FileType::Directory, "A:fd:OWNER@:r A:fdni:GROUP@:r U:SF:EVERYONE@:w"));
  CHECK(set_on(FileType::Regular, "A::OWNER@:r L:F:EVERYONE@:w"));
  CHECK(set_on(FileType::Regular, "A:d:OWNER@:r") == fail(Error::NotSupported));
  CHECK(set_on(FileType::Directory, "A:i:OWNER@:r") == fail(Error::NotSupported));
  CHECK(set_on(FileType::Directory, "A:S:OWNER@:r") == fail(Error::InvalidArgument));
  CHECK(set_on(FileType::Directory, "D:F:OWNER@:r") == fail(Error::InvalidArgument));
  Acl full;
  full.aces.resize(Acl::max_aces);
  CHECK(check_acl(full, FileType::Regular));
  full.aces.emplace_back();
  CHECK(check_acl(full, FileType::Regular) == fail(Error::InvalidArgument));
}

}  // namespace ditto::test
