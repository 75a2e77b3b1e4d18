// The mode that a list amounts to, the list of a mode, and what a new mode makes of a list.
#include "vfs/acl/mode.hpp"

#include "letters.hpp"
#include "tree.hpp"
#include "vfs/acl/evaluate.hpp"

namespace ditto::test {
namespace {

using vfs::Access;
using vfs::Acl;

constexpr FileType types[] = {FileType::Regular, FileType::Directory};

/// Owner 10, group 20.
Attributes node(FileType type, std::uint32_t mode) {
  Attributes a;
  a.type = type;
  a.mode = mode;
  a.owner = vfs::Principal::id(10);
  a.group = vfs::Principal::id(20);
  return a;
}

const Credential callers[] = {user(10, 99), user(10, 20), user(11, 20), user(12, 99, {5, 20, 6}), user(13, 99)};

}  // namespace

TEST_CASE("the mode that a list amounts to") {
  struct Row {
    const char* list;
    std::uint32_t mode;
  };
  const Row rows[] = {
      {"", 0000},
      {"A::OWNER@:rwax", 0700},
      {"A::OWNER@:rw", 0400},  // writing is both, writing and appending
      {"A::EVERYONE@:r", 0444},
      {"D::GROUP@:r A::EVERYONE@:r", 0404},
      {"A::GROUP@:x D::EVERYONE@:rx A::OWNER@:r", 0010},
      {"A::u11:rwax A::g7:rwax", 0000},
      {"D::u11:rwax A::EVERYONE@:r", 0444},
      {"A:fi:EVERYONE@:r A::OWNER@:x", 0100},
      {"U:S:EVERYONE@:r A::OWNER@:x", 0100},
  };
  for (const Row& row : rows) {
    CAPTURE(row.list);
    CHECK(vfs::mode_of(acl(row.list)) == row.mode);
  }
}

TEST_CASE("the list of a mode permits what the mode does, for everybody and every mode") {
  for (const FileType type : types) {
    for (std::uint32_t mode = 0; mode <= 0777; ++mode) {
      const Acl list = vfs::acl_of(mode, type);
      const Attributes attributes = node(type, mode);
      bool same = vfs::mode_of(list) == mode;
      for (const Credential& who : callers) {
        const Access by_mode = vfs::granted({attributes}, who, Access(~std::uint32_t{0}));
        same = same && vfs::decide(list, attributes, who).allowed == by_mode;
      }
      CAPTURE(mode, text_of(list));
      REQUIRE(same);
    }
  }
}

TEST_CASE("what a new mode makes of a list") {
  struct Row {
    const char* list;
    std::uint32_t mode;
    FileType type;
    const char* changed;
  };
  const Row rows[] = {
      {"A::OWNER@:rwaxC A::GROUP@:r", 0640, FileType::Regular, "A::OWNER@:rwanN A::OWNER@:C A::GROUP@:rn"},
      {"", 0070, FileType::Regular, "D::OWNER@:rwanNx A::GROUP@:rwanNx"},
      {"", 0606, FileType::Regular, "A::OWNER@:rwanN D::GROUP@:rwanN A::EVERYONE@:rwanN"},
      // Others have no more than the group; what they are denied, and what is no matter of the mode, stays.
      {"A::u11:rwaxo D::g7:rw", 0050, FileType::Regular, "D::OWNER@:rnx A::u11:rxo D::g7:rw A::GROUP@:rnx"},
      {"A::u11:w", 0700, FileType::Regular, "A::OWNER@:rwanNx"},
      // What is handed on and what is recorded stays whole.
      {"A:fd:u11:rwa U:S:EVERYONE@:w A:fi:GROUP@:w", 0500, FileType::Directory,
       "A::OWNER@:rnx A:fdi:u11:rwa U:S:EVERYONE@:w A:fi:GROUP@:w"},
      {"A:fdI:u11:rx", 0750, FileType::Directory, "A::OWNER@:rwanNxD A:fdiI:u11:rx A:I:u11:rx A::GROUP@:rnx"},
      // Children are deleted by who may write and search.
      {"A::u11:D", 0720, FileType::Directory, "A::OWNER@:rwanNxD A::GROUP@:waN"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.list, row.mode);
    CHECK(text_of(vfs::with_mode(acl(row.list), row.mode, row.type)) == row.changed);
  }
}

TEST_CASE("a list with a mode amounts to that mode, gives nobody more than the group, and stays so") {
  SeededRandom random(6);
  const auto below = [&](std::uint64_t bound) { return random.below(bound); };
  const char* who[] = {"OWNER@", "GROUP@", "EVERYONE@", "u11", "g7", "NETWORK@", "s3"};
  for (int round = 0; round < 2000; ++round) {
    Acl list;
    for (std::uint64_t i = below(7); i > 0; --i) {
      list.aces.push_back({.type = vfs::Ace::Type(below(4)),
                           .flags = vfs::AceFlags(below(16)),
                           .mask = Access(below(0x200)),
                           .who = who_of(who[below(std::size(who))])});
    }
    const auto mode = static_cast<std::uint32_t>(below(01000));
    const FileType type = types[below(2)];
    const Acl changed = vfs::with_mode(list, mode, type);
    CAPTURE(text_of(list), mode, text_of(changed));
    CHECK(vfs::mode_of(changed) == mode);
    const Access beyond_group = vfs::without(vfs::access_of_bits(7, type), vfs::access_of_bits(mode >> 3 & 7, type));
    for (const vfs::Ace& ace : changed.aces) {
      const bool others = ace.decides() && ace.type == vfs::Ace::Type::Allow && ace.who.kind > vfs::Who::Kind::Everyone;
      if (others) CHECK_FALSE(any(ace.mask & beyond_group));
    }
    CHECK(vfs::with_mode(changed, mode, type) == changed);
  }
}

}  // namespace ditto::test
