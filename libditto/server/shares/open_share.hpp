// How a share comes out of a store: its directory tree stands below the file system's root under the share's name, and
// its id, which filehandles carry, in the store under a key of its own (docs/formats/shares.md). Both are made,
// durably, when they are not there yet. Blocks; one thread at a time for each store, which may be in use.
#pragma once

#include <memory>
#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "ditto/failure.hpp"
#include "ditto/options.hpp"
#include "gate/share.hpp"
#include "store/kv/kv_store.hpp"
#include "vfs/file_system.hpp"

namespace ditto::server {

/// `options` is valid (ditto/configuration.hpp).
Outcome<std::shared_ptr<gate::Share>> open_share(const std::shared_ptr<vfs::FileSystem>& file_system,
                                                 store::KvStore& kv, const ShareOptions& options, const Clock& clock,
                                                 Random& random);

gate::ShareRules rules_of(const ShareOptions& options);

}  // namespace ditto::server
