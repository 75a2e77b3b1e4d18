// Programs of this machine that want to hear when a host has started anew (SM_MON): in memory only, since they ask
// again when the status monitor does. Bounded. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "nfs/nsm/types.hpp"

namespace ditto::nsm {

struct Watcher {
  std::string host;  // that it watches
  std::string my_name;
  std::uint32_t program = 0, version = 0, procedure = 0;
  xdr::fixed_opaque<SM_PRIV_SIZE> priv{};

  bool is(const my_id& id) const noexcept {
    return my_name == id.my_name.view() && program == id.my_prog && version == id.my_vers && procedure == id.my_proc;
  }
};

class Watchers {
 public:
  static constexpr std::size_t max_watchers = 256;

  /// False: there are too many.
  bool add(const mon& wanted);
  void remove(const mon_id& unwanted);
  void remove_all(const my_id& whose);
  std::vector<Watcher> of(std::string_view host) const;

 private:
  mutable std::mutex mutex_;  // guards watchers_
  std::vector<Watcher> watchers_;
};

}  // namespace ditto::nsm
