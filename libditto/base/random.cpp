#include "base/random.hpp"

#include "base/crypto.hpp"

namespace ditto {
namespace {

class SystemRandom final : public Random {
 public:
  void fill(MutableBytes out) override { crypto::random_bytes(out); }
};

}  // namespace

Random& system_random() noexcept {
  static constinit SystemRandom random;
  return random;
}

}  // namespace ditto
