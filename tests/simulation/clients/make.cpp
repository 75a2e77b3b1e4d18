#include "clients/delegated.hpp"
#include "clients/locker.hpp"
#include "clients/smb_like.hpp"
#include "clients/stateless.hpp"

namespace ditto::sim {

std::unique_ptr<Client> make_client(World& world, unsigned number, std::size_t which) {
  switch (which) {
    case 0: return std::make_unique<Stateless>(world, number);
    case 1: return std::make_unique<SmbLike>(world, number);
    case 2: return std::make_unique<Delegated>(world, number);
    default: return std::make_unique<Locker>(world, number);
  }
}

}  // namespace ditto::sim
