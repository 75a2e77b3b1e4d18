// Asks a server that runs, in this process or another, what it is doing, through the control socket in its data
// directory (Options::control): `nfsd --status`. The file's permissions decide who may ask: the server's own user.
// Blocks for some seconds at most; any thread.
#pragma once

#include <string>

#include "ditto/failure.hpp"

namespace ditto::server {

struct ServerStatus {
  /// An object with "version", "pid", "state", "started", "uptime_seconds", "listeners", "shares", "stores", "memory"
  /// and "attention", a list of sentences. Later versions add members.
  std::string json;
  std::string text;              // the same for people: lines, each with its newline
  bool needs_attention = false;  // somebody has to do something: a store is read-only, say
};

/// NotFound when no server with a control socket runs on `data_directory`; PermissionDenied; Timeout when it does not
/// answer.
Outcome<ServerStatus> server_status(const std::string& data_directory);

}  // namespace ditto::server
