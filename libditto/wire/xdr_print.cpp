#include "wire/xdr_print.hpp"

#include <algorithm>

namespace ditto::xdr::detail {
namespace {

constexpr std::size_t shown_bytes = 32;
constexpr std::string_view digits = "0123456789abcdef";

void append_hex(std::string& text, unsigned char byte) {
  text += digits[byte >> 4];
  text += digits[byte & 15];
}

}  // namespace

void Printer::word(std::string_view text) {
  if (!text_.empty() && text_.back() != '{' && text_.back() != '[') text_ += ", ";
  text_ += text;
}

void Printer::hex(Bytes bytes) {
  word("#");
  for (std::byte byte : bytes.first(std::min(bytes.size(), shown_bytes))) {
    append_hex(text_, std::to_integer<unsigned char>(byte));
  }
  if (bytes.size() > shown_bytes) {
    text_ += "... (";
    text_ += std::to_string(bytes.size());
    text_ += " bytes)";
  }
}

void Printer::quoted(std::string_view text) {
  word("\"");
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f) {
      text_ += "\\x";
      append_hex(text_, byte);
    } else {
      if (c == '"' || c == '\\') text_ += '\\';
      text_ += c;
    }
  }
  text_ += '"';
}

}  // namespace ditto::xdr::detail
