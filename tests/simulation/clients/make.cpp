#include "clients/delegated.hpp"
#include "clients/locker.hpp"
#include "clients/smb_like.hpp"
#include "clients/stateless.hpp"
#include "clients/version4.hpp"

namespace ditto::sim {

std::unique_ptr<Client> make_client(World& world, unsigned number, std::size_t which) {
  switch (which) {
    case 0: return std::make_unique<Stateless>(world, number);
    case 1: return std::make_unique<Version4>(world, number, 1);
    case 2: return std::make_unique<SmbLike>(world, number);
    case 3: return std::make_unique<Version4>(world, number, 0);
    case 4: return std::make_unique<Delegated>(world, number);
    default: return std::make_unique<Locker>(world, number);
  }
}

}  // namespace ditto::sim
