// The stores that tests of the file system run over.
#pragma once

#include <memory>
#include <string>

#include "store/data/data_store.hpp"
#include "store/kv/kv_store.hpp"

namespace ditto::test {

enum class Engine { Memory, Local };

class Stores {
 public:
  virtual ~Stores() = default;
  virtual store::KvStore& kv() = 0;
  virtual store::DataStore& data() = 0;
  /// Closes and opens what can be; memory stays as it is.
  virtual void reopen() {}
};

std::unique_ptr<Stores> make_stores(Engine engine);

}  // namespace ditto::test

/// In a test case: runs it once over each engine.
#define ANY_ENGINE GENERATE(::ditto::test::Engine::Memory, ::ditto::test::Engine::Local)
