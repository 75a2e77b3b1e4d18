// The load generator's own XDR and record marking: a writer that appends to a string and a reader with a sticky
// failure. It shares nothing with libditto on purpose, so that a mistake in the server's codec cannot hide here. Values
// are copied or point into the caller's buffer; nothing here owns a socket. One thread.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace bench {

inline void put_be32(char* to, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) to[i] = static_cast<char>(value >> (24 - 8 * i));
}

inline std::uint32_t get_be32(const char* from) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(from[i]);
  return value;
}

/// Appends XDR (RFC 4506) to a string that somebody else owns.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  Writer& u32(std::uint32_t value) {
    char bytes[4];
    put_be32(bytes, value);
    out_.append(bytes, 4);
    return *this;
  }
  Writer& u64(std::uint64_t value) {
    return u32(static_cast<std::uint32_t>(value >> 32)).u32(static_cast<std::uint32_t>(value));
  }
  Writer& fixed(std::string_view bytes) {
    out_.append(bytes);
    out_.append((4 - bytes.size() % 4) % 4, '\0');
    return *this;
  }
  Writer& opaque(std::string_view bytes) { return u32(static_cast<std::uint32_t>(bytes.size())).fixed(bytes); }

 private:
  std::string& out_;
};

/// Reads XDR from bytes that outlive it. After a read beyond the end everything is zero and ok() is false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  std::size_t remaining() const { return rest_.size(); }

  std::uint32_t u32() {
    std::string_view bytes = take(4);
    return bytes.empty() ? 0 : get_be32(bytes.data());
  }
  std::uint64_t u64() {
    std::uint64_t high = u32();
    return high << 32 | u32();
  }
  std::string_view opaque(std::size_t limit) {
    std::uint32_t size = u32();
    if (size > limit) ok_ = false;
    std::string_view bytes = take((std::size_t{size} + 3) / 4 * 4);
    return bytes.substr(0, size);
  }
  std::string_view fixed(std::size_t size) { return take((size + 3) / 4 * 4).substr(0, size); }
  void skip(std::size_t size) { take(size); }

 private:
  std::string_view take(std::size_t size) {
    if (!ok_ || rest_.size() < size) {
      ok_ = false;
      return {};
    }
    std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace bench
