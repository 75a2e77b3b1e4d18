// The half of a list that decides and the one that records (RFC 8881, 6.2.2, 6.2.3 and 6.4.1).
#include "vfs/acl/parts.hpp"

#include "letters.hpp"
#include "tree.hpp"

namespace ditto::test {

using vfs::AclParts;

namespace {

vfs::SetAttributes setting(const std::string& list, AclParts parts) {
  return {.acl = std::make_shared<const vfs::Acl>(acl(list)), .acl_parts = parts};
}

}  // namespace

TEST_CASE("either half of a list is replaced for itself, with its flags") {
  vfs::Acl both = acl("A::u7:r U:S:u7:w D::u8:r L:F:u9:r");
  both.dacl = vfs::AclFlags::Protected;
  both.sacl = vfs::AclFlags::AutoInherit;
  CHECK(text_of(vfs::part_of(both, AclParts::Dacl)) == "A::u7:r D::u8:r");
  CHECK(text_of(vfs::part_of(both, AclParts::Sacl)) == "U:S:u7:w L:F:u9:r");
  CHECK(vfs::part_of(both, AclParts::Both) == both);
  CHECK(vfs::part_of(both, AclParts::Sacl).dacl == vfs::AclFlags::None);

  vfs::Acl given = acl("A::u1:x");
  given.dacl = vfs::AclFlags::Defaulted;
  const vfs::Acl decides = vfs::with_part(both, given, AclParts::Dacl);
  CHECK(text_of(decides) == "A::u1:x U:S:u7:w L:F:u9:r");
  CHECK(decides.dacl == vfs::AclFlags::Defaulted);
  CHECK(decides.sacl == vfs::AclFlags::AutoInherit);
  CHECK(text_of(vfs::with_part(both, acl(""), AclParts::Dacl)) == "U:S:u7:w L:F:u9:r");
  const vfs::Acl records = vfs::with_part(both, acl("U:S:EVERYONE@:x"), AclParts::Sacl);
  CHECK(text_of(records) == "A::u7:r D::u8:r U:S:EVERYONE@:x");
  CHECK(records.dacl == vfs::AclFlags::Protected);
  CHECK(records.sacl == vfs::AclFlags::None);
  CHECK(vfs::with_part(both, given, AclParts::Both) == given);
}

TEST_CASE("what is recorded is root's to say; others leave it as it is") {
  const vfs::Acl present = acl("A::u7:r U:SI:u7:w");
  struct Case {
    const char* list;
    AclParts parts;
    const char* outcome;
  };
  const Case cases[] = {
      {"A::u8:r", AclParts::Dacl, "success"},
      {"U:S:u8:r", AclParts::Sacl, "NotPermitted"},
      {"", AclParts::Sacl, "NotPermitted"},
      {"A::u8:r", AclParts::Both, "success"},
      {"A::u8:r U:S:u7:w", AclParts::Both, "success"},
      {"U:SI:u7:w A::u8:r", AclParts::Both, "success"},
      {"A::u8:r U:S:u7:wa", AclParts::Both, "NotPermitted"},
      {"A::u8:r L:S:u7:w", AclParts::Both, "NotPermitted"},
      {"A::u8:r U:S:u7:w U:F:u7:w", AclParts::Both, "NotPermitted"},
  };
  for (const Case& each : cases) {
    CAPTURE(each.list);
    vfs::SetAttributes changes = setting(each.list, each.parts);
    CHECK(error_of(vfs::settle_parts(&present, user(7, 8), changes)) == each.outcome);
    if (each.outcome == std::string("success")) CHECK(changes.acl_parts == AclParts::Dacl);
    vfs::SetAttributes of_root = setting(each.list, each.parts);
    must(vfs::settle_parts(&present, Credential::root(), of_root));
    CHECK(of_root.acl_parts == each.parts);
  }
  vfs::SetAttributes fresh = setting("A::u8:r U:S:u7:w", AclParts::Both);
  CHECK(error_of(vfs::settle_parts(nullptr, user(7, 8), fresh)) == "NotPermitted");
  vfs::SetAttributes none{.mode = 0600};
  must(vfs::settle_parts(&present, user(7, 8), none));
}

TEST_CASE("halves are set in a tree: what decides has the mode, what records stays through changes of it") {
  Tree tree(ANY_ENGINE);
  const NodeId d = tree.directory_id(tree.root(), "d", 0777);
  const NodeId f = tree.file_id(d, "f", 0640);
  const auto set = [&](const std::string& list, AclParts parts) { return tree.setattr(f, setting(list, parts)); };
  must(set("", AclParts::Sacl));
  CHECK(tree.list_of(f) == "none");
  must(set("U:S:u7:w", AclParts::Sacl));
  CHECK(tree.list_of(f) == "A::OWNER@:TC A::OWNER@:rwanN A::GROUP@:rn A::EVERYONE@:tc U:S:u7:w");
  CHECK(tree.attributes(f).mode == 0640);
  must(tree.setattr(f, {.mode = 0600}));
  CHECK(tree.list_of(f).ends_with(" U:S:u7:w"));
  must(set("A::OWNER@:r A::u7:r", AclParts::Dacl));
  CHECK(tree.list_of(f) == "A::OWNER@:r A::u7:r U:S:u7:w");
  CHECK(tree.attributes(f).mode == 0400);
  must(tree.setattr(
      f, {.mode = 0660, .acl = std::make_shared<const vfs::Acl>(acl("L:F:u9:r")), .acl_parts = AclParts::Sacl}));
  CHECK(tree.attributes(f).mode == 0660);
  CHECK(tree.list_of(f).ends_with(" L:F:u9:r"));
  must(tree.set_list(f, "A::u7:rC"));
  CHECK(tree.list_of(f) == "A::u7:rC");
  must(set("U:S:u7:w", AclParts::Sacl));
  tree.who = user(7, 8);
  CHECK(error_of(set("U:S:u7:x", AclParts::Sacl)) == "NotPermitted");
  must(tree.set_list(f, "A::u7:rwaC"));
  tree.who = Credential::root();
  CHECK(tree.list_of(f) == "A::u7:rwaC U:S:u7:w");
  tree.reopen();
  CHECK(tree.list_of(f) == "A::u7:rwaC U:S:u7:w");
  tree.check_clean();
}

TEST_CASE("nobody but root makes a node that records, and nobody makes one that does not where its directory does") {
  Tree tree;
  const NodeId d = tree.directory_id(tree.root(), "d", 0777);
  must(tree.setattr(d, setting("U:fdSF:EVERYONE@:rw", AclParts::Sacl)));
  tree.who = user(7, 8);
  vfs::CreateRequest request;
  request.attributes = setting("A::OWNER@:rwa U:S:u7:x", AclParts::Both);
  CHECK(error_of(tree.create(d, "f", request)) == "NotPermitted");
  request.attributes = setting("A::OWNER@:rwac", AclParts::Both);
  const NodeId f = must(tree.create(d, "f", request)).node.id;
  CHECK(tree.list_of(f) == "A::OWNER@:rwac U:SFI:EVERYONE@:rw");
  vfs::CreateRequest exclusive{.mode = vfs::CreateMode::Exclusive, .verifier = 1};
  const NodeId e = must(tree.create(d, "e", exclusive)).node.id;
  CHECK(tree.list_of(e).ends_with(" U:SFI:EVERYONE@:rw"));
  CHECK(tree.attributes(e).mode == 0600);
  tree.check_clean();
}

TEST_CASE("as many entries as a list may have are kept of each half, whatever a mode makes of them") {
  Tree tree;
  const NodeId d = tree.directory_id(tree.root(), "d");
  std::string decides, records;
  for (std::size_t i = 0; i < vfs::Acl::max_aces; ++i) {
    decides += " A:fd:u" + std::to_string(i) + ":rwax";
    records += " U:fdS:u" + std::to_string(i) + ":w";
  }
  must(tree.setattr(d, setting(decides, AclParts::Dacl)));
  must(tree.setattr(d, setting(records, AclParts::Sacl)));
  must(tree.setattr(d, {.mode = 0710}));
  const NodeId sub = tree.directory_id(d, "sub");
  const std::string there = tree.list_of(sub);
  tree.reopen();
  CHECK(tree.list_of(sub) == there);
  CHECK(acl(there).aces.size() <= vfs::Acl::max_kept);
  tree.check_clean();
}

}  // namespace ditto::test
