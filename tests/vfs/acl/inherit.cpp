// What a new node takes over from its directory's list, flag by flag.
#include "vfs/acl/inherit.hpp"

#include "letters.hpp"
#include "tree.hpp"
#include "vfs/acl/mode.hpp"

namespace ditto::test {
namespace {

using vfs::Acl;
using vfs::AclFlags;

std::string inherited(const char* parent, FileType type) {
  const auto list = vfs::inherited(acl(parent), type);
  return list ? text_of(*list) : "none";
}

}  // namespace

TEST_CASE("what is handed on to a file, and to a directory") {
  struct Row {
    const char *parent, *file, *directory;
  };
  const Row rows[] = {
      {"A::OWNER@:r", "none", "none"},
      {"A:f:u11:r", "A:I:u11:r", "A:fiI:u11:r"},
      {"A:d:u11:r", "none", "A:dI:u11:r"},
      {"A:fd:u11:r", "A:I:u11:r", "A:fdI:u11:r"},
      {"A:fdi:u11:r", "A:I:u11:r", "A:fdI:u11:r"},
      {"A:fi:u11:r", "A:I:u11:r", "A:fiI:u11:r"},
      {"A:fdn:u11:r", "A:I:u11:r", "A:I:u11:r"},
      {"A:fdni:u11:r", "A:I:u11:r", "A:I:u11:r"},
      {"A:fn:u11:r", "A:I:u11:r", "none"},
      {"D:fd:u11:w U:fdS:EVERYONE@:w", "D:I:u11:w U:SI:EVERYONE@:w", "D:fdI:u11:w U:fdSI:EVERYONE@:w"},
      {"A:fdi:CREATOR:rw", "A:I:OWNER@:rw", "A:I:OWNER@:rw A:fdiI:CREATOR:rw"},
      {"A:fi:CREATOR_GROUP:r", "A:I:GROUP@:r", "A:fiI:CREATOR_GROUP:r"},
      {"A:fdn:CREATOR:r", "A:I:OWNER@:r", "A:I:OWNER@:r"},
      {"A:fd:s7:r A::u1:r A:fd:OWNER@:x", "A:I:s7:r A:I:OWNER@:x", "A:fdI:s7:r A:fdI:OWNER@:x"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.parent);
    CHECK(inherited(row.parent, FileType::Regular) == row.file);
    CHECK(inherited(row.parent, FileType::Fifo) == row.file);
    CHECK(inherited(row.parent, FileType::Directory) == row.directory);
  }
}

TEST_CASE("of the flags of a whole list, only that it hands on by itself is handed on") {
  Acl parent = acl("A:f:u11:r");
  parent.dacl = AclFlags::AutoInherit | AclFlags::Protected;
  parent.sacl = AclFlags::Protected | AclFlags::Defaulted;
  const auto child = vfs::inherited(parent, FileType::Regular);
  REQUIRE(child);
  CHECK(child->dacl == AclFlags::AutoInherit);
  CHECK(child->sacl == AclFlags::None);
}

TEST_CASE("lists do not grow from directory to directory, nor with each mode") {
  Acl list;
  for (std::size_t i = 0; i < Acl::max_aces; ++i) {
    list.aces.push_back(acl(i % 2 ? "A:fd:CREATOR:rw" : "A:fd:u11:rw").aces.front());
  }
  for (int depth = 0; depth < 10; ++depth) {
    list = vfs::with_mode(list, 0755, FileType::Directory);
    CHECK(list.aces.size() <= Acl::max_kept);
    list = vfs::inherited(list, FileType::Directory).value();
    CHECK(list.aces.size() <= Acl::max_kept);
  }
}

}  // namespace ditto::test
