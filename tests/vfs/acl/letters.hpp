// Access control lists in the letters of nfs4_acl(5), as tables want them: "A:fd:OWNER@:rwax D::u11:w". Plain
// functions.
#pragma once

#include <array>
#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "vfs/acl/acl.hpp"

namespace ditto::test {

inline constexpr std::array<std::pair<char, vfs::Access>, 13> mask_letters{{{'r', vfs::Access::ReadData},
                                                                            {'w', vfs::Access::WriteData},
                                                                            {'a', vfs::Access::AppendData},
                                                                            {'n', vfs::Access::ReadNamedAttrs},
                                                                            {'N', vfs::Access::WriteNamedAttrs},
                                                                            {'x', vfs::Access::Execute},
                                                                            {'D', vfs::Access::DeleteChild},
                                                                            {'t', vfs::Access::ReadAttributes},
                                                                            {'T', vfs::Access::WriteAttributes},
                                                                            {'d', vfs::Access::Delete},
                                                                            {'c', vfs::Access::ReadAcl},
                                                                            {'C', vfs::Access::WriteAcl},
                                                                            {'o', vfs::Access::WriteOwner}}};
inline constexpr std::array<std::pair<char, vfs::AceFlags>, 7> flag_letters{{{'f', vfs::AceFlags::FileInherit},
                                                                             {'d', vfs::AceFlags::DirectoryInherit},
                                                                             {'n', vfs::AceFlags::NoPropagate},
                                                                             {'i', vfs::AceFlags::InheritOnly},
                                                                             {'S', vfs::AceFlags::SuccessfulAccess},
                                                                             {'F', vfs::AceFlags::FailedAccess},
                                                                             {'I', vfs::AceFlags::Inherited}}};
inline constexpr std::array<std::pair<std::string_view, vfs::Who::Kind>, 12> special_names{
    {{"OWNER@", vfs::Who::Kind::Owner},
     {"GROUP@", vfs::Who::Kind::Group},
     {"EVERYONE@", vfs::Who::Kind::Everyone},
     {"INTERACTIVE@", vfs::Who::Kind::Interactive},
     {"NETWORK@", vfs::Who::Kind::Network},
     {"DIALUP@", vfs::Who::Kind::Dialup},
     {"BATCH@", vfs::Who::Kind::Batch},
     {"ANONYMOUS@", vfs::Who::Kind::Anonymous},
     {"AUTHENTICATED@", vfs::Who::Kind::Authenticated},
     {"SERVICE@", vfs::Who::Kind::Service},
     {"CREATOR", vfs::Who::Kind::CreatorOwner},
     {"CREATOR_GROUP", vfs::Who::Kind::CreatorGroup}}};
inline constexpr std::string_view type_letters = "ADUL";

template <class Table, class Value>
std::string letters_of(const Table& table, Value value) {
  std::string all;
  for (const auto& [letter, bit] : table) {
    if (any(value & bit)) all += letter;
  }
  return all;
}

template <class Value, class Table>
Value of_letters(const Table& table, std::string_view letters) {
  Value value{};
  for (const char each : letters) {
    bool known = false;
    for (const auto& [letter, bit] : table) {
      if (letter == each) value = value | bit, known = true;
    }
    if (!known) throw std::invalid_argument("no such letter: " + std::string(1, each));
  }
  return value;
}

inline vfs::Who who_of(const std::string& name) {
  for (const auto& [known, kind] : special_names) {
    if (known == name) return {kind};
  }
  const auto number = static_cast<std::uint32_t>(std::stoul(name.substr(1)));
  switch (name.front()) {
    case 'u': return vfs::Who::user(number);
    case 'g': return vfs::Who::group(number);
    case 's': return {vfs::Who::Kind::Sid, number};
    default: throw std::invalid_argument("nobody: " + name);
  }
}

inline std::string name_of(const vfs::Who& who) {
  for (const auto& [name, kind] : special_names) {
    if (kind == who.kind) return std::string(name);
  }
  const char* prefix = who.kind == vfs::Who::Kind::User ? "u" : who.kind == vfs::Who::Kind::Sid ? "s" : "g";
  return prefix + std::to_string(who.value);
}

/// Entries separated by spaces.
inline vfs::Acl acl(const std::string& text) {
  vfs::Acl list;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    std::array<std::string, 4> parts;
    std::istringstream fields(word);
    for (std::string& part : parts) std::getline(fields, part, ':');
    list.aces.push_back({.type = vfs::Ace::Type(type_letters.find(parts[0])),
                         .flags = of_letters<vfs::AceFlags>(flag_letters, parts[1]),
                         .mask = of_letters<vfs::Access>(mask_letters, parts[3]),
                         .who = who_of(parts[2])});
  }
  return list;
}

inline std::string text_of(const vfs::Acl& list) {
  std::string text;
  for (const vfs::Ace& ace : list.aces) {
    if (!text.empty()) text += ' ';
    text += type_letters.at(static_cast<std::size_t>(ace.type));
    text +=
        ':' + letters_of(flag_letters, ace.flags) + ':' + name_of(ace.who) + ':' + letters_of(mask_letters, ace.mask);
  }
  return text;
}

}  // namespace ditto::test
