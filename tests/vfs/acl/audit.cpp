// What AUDIT and ALARM entries want recorded of what came of an access (RFC 8881, 6.2.1.4.1).
#include "vfs/acl/audit.hpp"

#include "letters.hpp"
#include "tree.hpp"

namespace ditto::test {
namespace {

const vfs::Attributes of_root{.id = {.subvolume = 0, .inode = 5}, .owner = vfs::Principal::id(0)};

/// "granted/refused", with a "!" for an alarm; empty: nothing is recorded.
std::string noted(const std::string& list, const Credential& who, const char* granted, const char* refused) {
  const vfs::Acl entries = acl(list);
  vfs::AccessNotes notes;
  notes.note({of_root, &entries}, who, of_letters<vfs::Access>(mask_letters, granted),
             of_letters<vfs::Access>(mask_letters, refused));
  if (notes.all().empty()) return "";
  REQUIRE(notes.all().size() == 1);
  const vfs::AccessNote& note = notes.all()[0];
  CHECK(note.node == of_root.id);
  return letters_of(mask_letters, note.granted) + "/" + letters_of(mask_letters, note.refused) +
         (note.alarm ? "!" : "");
}

}  // namespace

TEST_CASE("an entry records what it is about, of whom, and how it came out") {
  const Credential who = user(7, 8);
  CHECK(noted("U:S:u7:r", who, "rw", "x") == "r/");
  CHECK(noted("U:F:u7:rx", who, "rw", "x") == "/x");
  CHECK(noted("U:SF:u7:rwx", who, "rw", "x") == "rw/x");
  CHECK(noted("U::u7:rwx", who, "rw", "x").empty());
  CHECK(noted("U:S:u7:r", who, "w", "r").empty());
  CHECK(noted("U:SF:u8:rwx", who, "rw", "x").empty());
  CHECK(noted("U:SF:g8:r", who, "r", "") == "r/");
  CHECK(noted("U:SF:OWNER@:r", who, "r", "").empty());
  CHECK(noted("U:SF:OWNER@:r", Credential::root(), "r", "") == "r/");
  CHECK(noted("U:SF:EVERYONE@:r U:F:EVERYONE@:w", who, "r", "w") == "r/w");
  CHECK(noted("U:fSF:u7:r", who, "r", "") == "r/");
  CHECK(noted("U:fiSF:u7:r", who, "r", "").empty());
  CHECK(noted("A::u7:r D::u7:w", who, "r", "w").empty());
}

TEST_CASE("an alarm is one only when its own entry has something to tell") {
  const Credential who = user(7, 8);
  CHECK(noted("L:F:u7:w", who, "", "w") == "/w!");
  CHECK(noted("L:F:u7:w U:S:u7:r", who, "r", "") == "r/");
  CHECK(noted("L:F:u7:w U:F:u7:r", who, "", "rw") == "/rw!");
}

TEST_CASE("what a call asks of one node is one note, and there are as many as a call can have nodes") {
  const vfs::Acl entries = acl("U:SF:EVERYONE@:rwx");
  vfs::AccessNotes notes;
  vfs::Attributes attributes = of_root;
  const auto note = [&](std::uint64_t inode, vfs::Access granted, vfs::Access refused) {
    attributes.id.inode = inode;
    notes.note({attributes, &entries}, user(7, 8), granted, refused);
  };
  for (std::uint64_t inode = 1; inode <= vfs::AccessNotes::most; ++inode) {
    note(inode, vfs::Access::Execute, vfs::Access::None);
    note(inode, vfs::Access::None, vfs::Access::WriteData);
  }
  REQUIRE(notes.all().size() == vfs::AccessNotes::most);
  for (const vfs::AccessNote& each : notes.all()) {
    CHECK(each.granted == vfs::Access::Execute);
    CHECK(each.refused == vfs::Access::WriteData);
  }
  note(99, vfs::Access::Execute, vfs::Access::None);
  CHECK(notes.all().size() == vfs::AccessNotes::most);
  notes.clear();
  CHECK(notes.all().empty());
  notes.note({attributes, nullptr}, user(7, 8), vfs::Access::Execute, vfs::Access::None);
  CHECK(notes.all().empty());
}

}  // namespace ditto::test
