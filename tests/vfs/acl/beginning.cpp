// With what mode and list a new node begins (RFC 8881, 6.4.3; RFC 8275).
#include "vfs/acl/beginning.hpp"

#include "letters.hpp"
#include "tree.hpp"

namespace ditto::test {
namespace {

struct Wanted {
  std::optional<std::uint32_t> mode;
  std::uint32_t umask = 0;
  const char* list = nullptr;
  vfs::AclParts parts = vfs::AclParts::Both;
  vfs::HandedOn handed_on = vfs::HandedOn::All;
};

std::string begins(const char* directory, FileType type, const Wanted& wanted) {
  const vfs::Acl parent = acl(directory ? directory : "");
  vfs::SetAttributes set{.mode = wanted.mode, .umask = wanted.umask};
  if (wanted.list) set.acl = std::make_shared<const vfs::Acl>(acl(wanted.list));
  set.acl_parts = wanted.parts;
  const auto made = vfs::beginning_of(directory ? &parent : nullptr, wanted.handed_on, type, set, 0600);
  std::ostringstream text;
  text << std::oct << made.mode << (made.acl ? " " + text_of(*made.acl) : "");
  return text.str();
}

}  // namespace

TEST_CASE("without anything to inherit the mode alone is set, less the umask") {
  for (const char* directory : {static_cast<const char*>(nullptr), "", "A::u7:rwax A:n:OWNER@:r"}) {
    CHECK(begins(directory, FileType::Regular, {}) == "600");
    CHECK(begins(directory, FileType::Regular, {.mode = 0664}) == "664");
    CHECK(begins(directory, FileType::Directory, {.mode = 01777}) == "1777");
    CHECK(begins(directory, FileType::Regular, {.mode = 0666, .umask = 022}) == "644");
  }
}

TEST_CASE("a mode is put upon what is inherited") {
  const char* directory = "A:fd:u7:rwax A:fdi:EVERYONE@:r";
  CHECK(begins(directory, FileType::Regular, {.mode = 0640}) == "640 A::OWNER@:rwanN A:I:u7:r A::GROUP@:rn");
  CHECK(begins(directory, FileType::Directory, {.mode = 0750}) ==
        "750 A::OWNER@:rwanNxD A:fdiI:u7:rwax A:I:u7:rx A:fdiI:EVERYONE@:r A::GROUP@:rnx");
}

TEST_CASE("with a umask it is the list that takes from the mode, and the mode from the list") {
  const char* directory = "A:fd:u7:rwax A:fdi:EVERYONE@:r A:fd:OWNER@:rwax";
  CHECK(begins(directory, FileType::Regular, {.mode = 0666, .umask = 077}) ==
        "644 A:I:u7:rwa A:I:EVERYONE@:r A:I:OWNER@:rwa");
  CHECK(begins(directory, FileType::Directory, {.mode = 0777, .umask = 022}) ==
        "744 A:fdI:u7:rwax A:fdI:EVERYONE@:r A:fdI:OWNER@:rwax");
  CHECK(begins(directory, FileType::Directory, {.mode = 03700, .umask = 077}) ==
        "3700 A:fdiI:u7:rwax A:fdiI:EVERYONE@:r A:fdI:OWNER@:rwax");
  CHECK(begins("D:f:EVERYONE@:w A:f:u7:rwa", FileType::Regular, {.mode = 0640, .umask = 1}) ==
        "0 D:I:EVERYONE@:w A:I:u7:r");
}

TEST_CASE("who says nothing gets what is inherited, and the mode that it amounts to") {
  CHECK(begins("A:f:u7:rwa A:fi:GROUP@:r", FileType::Regular, {}) == "40 A:I:u7:rwa A:I:GROUP@:r");
  CHECK(begins("A:f:u7:rwa", FileType::Directory, {}) == "0 A:fiI:u7:rwa");
  CHECK(begins("A:d:u7:rwa", FileType::Regular, {}) == "600");
}

TEST_CASE("a list that is given is taken as it is, whatever the directory has") {
  const char* directory = "A:fd:u7:rwax";
  CHECK(begins(directory, FileType::Regular, {.list = "A::OWNER@:rwa A::u8:r"}) == "600 A::OWNER@:rwa A::u8:r");
  // The mode first, then the list: what is left of the mode are its three high bits.
  CHECK(begins(directory, FileType::Regular, {.mode = 06777, .list = "A::OWNER@:r"}) == "6400 A::OWNER@:r");
  CHECK(begins(nullptr, FileType::Directory, {.list = ""}) == "0 ");
}

TEST_CASE("what is recorded is handed on whatever is said of permissions") {
  const char* records = "U:fdS:EVERYONE@:w";
  const std::string of_mode = " A::OWNER@:TC A::OWNER@:rwanN A::EVERYONE@:tc";
  CHECK(begins(records, FileType::Regular, {}) == "600" + of_mode + " U:SI:EVERYONE@:w");
  CHECK(begins(records, FileType::Regular, {.mode = 0666, .umask = 066}) == "600" + of_mode + " U:SI:EVERYONE@:w");
  CHECK(begins(records, FileType::Regular, {.list = "A::u7:r", .parts = vfs::AclParts::Dacl}) ==
        "0 A::u7:r U:SI:EVERYONE@:w");
  CHECK(begins(records, FileType::Regular, {.list = "A::u7:r"}) == "0 A::u7:r");
  const char* both = "A:fd:u7:r U:fdS:EVERYONE@:w";
  CHECK(begins(both, FileType::Regular, {}) == "0 A:I:u7:r U:SI:EVERYONE@:w");
  CHECK(begins(both, FileType::Regular, {.list = "L:F:u9:r", .parts = vfs::AclParts::Sacl}) == "0 A:I:u7:r L:F:u9:r");
  CHECK(begins(both, FileType::Regular, {.list = "", .parts = vfs::AclParts::Sacl}) == "0 A:I:u7:r");
  CHECK(begins(both, FileType::Regular, {.handed_on = vfs::HandedOn::Records}) ==
        "600" + of_mode + " U:SI:EVERYONE@:w");
  CHECK(begins("A:fd:u7:r", FileType::Regular, {.handed_on = vfs::HandedOn::Records}) == "600");
}

TEST_CASE("a symbolic link inherits nothing") {
  CHECK(begins("A:fd:u7:rwax", FileType::Symlink, {.mode = 0640}) == "600");
}

}  // namespace ditto::test
