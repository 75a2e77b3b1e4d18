#pragma once

// The engines that the DataStore contract is run on, and short words for what its tests do. One thread owns an engine.

#include <catch2/catch.hpp>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "store/data/data_store.hpp"
#include "store/data/local/local_data.hpp"
#include "store/data/memory_data.hpp"
#include "store/disk_space.hpp"
#include "store/temporary_folder.hpp"

namespace ditto::test {

using store::Blocking;
using store::DataStore;
using store::ObjectId;

class MemoryDataEngine {
 public:
  DataStore& data() { return data_; }

 private:
  store::MemoryData data_;
};

/// With fewer descriptors than the tests have objects.
class LocalDataEngine {
 public:
  static constexpr std::size_t open_objects = 1;
  LocalDataEngine() { open(); }
  DataStore& data() { return *data_; }
  void reopen() {
    data_.reset();
    open();
  }
  const std::string& folder() const { return folder_.path(); }

 private:
  void open() {
    auto opened = store::LocalData::open(folder_.path(), space_, open_objects);
    REQUIRE(opened.has_value());
    data_ = std::move(*opened);
  }

  TemporaryFolder folder_;
  store::DiskSpace space_{folder_.path(), system_clock()};
  std::unique_ptr<store::LocalData> data_;
};

/// `text` as a chain of several slices.
inline BufferChain chain_of(std::string_view text) {
  BufferChain chain;
  while (!text.empty()) {
    const std::size_t part = text.size() > 8 ? text.size() / 3 + 1 : text.size();
    chain.append(Buffer::copy_of(bytes_of(text.substr(0, part))));
    text.remove_prefix(part);
  }
  return chain;
}

inline void write(DataStore& data, ObjectId object, std::uint64_t offset, std::string_view text) {
  REQUIRE(data.write(object, offset, chain_of(text), Blocking::Allowed).has_value());
}

/// Up to `size` bytes; may be called from any thread.
inline std::string read(DataStore& data, ObjectId object, std::uint64_t offset, std::size_t size) {
  std::string text(size, '?');
  const auto got = data.read(object, offset, std::as_writable_bytes(std::span(text)), Blocking::Allowed);
  if (!got) throw std::runtime_error("read failed");
  text.resize(*got);
  return text;
}

/// Bytes that differ from each other and from those of other seeds.
inline std::string pattern(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string text(size, '\0');
  for (char& byte : text) byte = static_cast<char>(random());
  return text;
}

inline std::string zeros(std::size_t size) { return std::string(size, '\0'); }

}  // namespace ditto::test
