#include <ditto/control.hpp>

#include <cstdio>

#include "commands.hpp"

using namespace ditto::server;

int status(const Options& options, bool json) {
  if (options.data == memory_data) {
    return complain("--status needs a data directory: a server that keeps everything in memory has no socket to ask",
                    WrongUsage);
  }
  const auto found = server_status(options.data);
  if (!found) {
    const bool silent =
        found.error().code != FailureCode::NotFound && found.error().code != FailureCode::PermissionDenied;
    return complain(found.error().message, silent ? NeedsAttention : NoServer);
  }
  std::fputs(json ? found->json.c_str() : found->text.c_str(), stdout);
  return found->needs_attention ? NeedsAttention : Clean;
}
