#include <ditto/control.hpp>

#include <cstdio>

#include "commands.hpp"

using namespace ditto::server;

namespace {

bool has_socket(const Options& options) { return options.data != memory_data; }

int no_socket(const char* flag) {
  return complain(
      std::string(flag) + " needs a data directory: a server that keeps everything in memory has no socket to ask",
      WrongUsage);
}

/// Whether there was a server that could be asked.
bool was_asked(const Failure& failure) {
  return failure.code != FailureCode::NotFound && failure.code != FailureCode::PermissionDenied;
}

int say(const Outcome<std::string>& done) {
  if (!done) return complain(done.error().message, was_asked(done.error()) ? Failed : NoServer);
  std::printf("%s\n", done->c_str());
  return Clean;
}

}  // namespace

int status(const Options& options, const std::string& part, bool json) {
  if (!has_socket(options)) return no_socket("--status");
  const auto found = server_status(options.data, part);
  if (!found) {
    if (found.error().code == FailureCode::InvalidArgument) return complain(found.error().message, WrongUsage);
    return complain(found.error().message, was_asked(found.error()) ? NeedsAttention : NoServer);
  }
  std::fputs(json ? found->json.c_str() : found->text.c_str(), stdout);
  return found->needs_attention ? NeedsAttention : Clean;
}

int revoke(const Options& options, const std::string& name) {
  return has_socket(options) ? say(revoke_held(options.data, name)) : no_socket("--revoke");
}

int reload(const Options& options) {
  return has_socket(options) ? say(reload_server(options.data)) : no_socket("--reload");
}
