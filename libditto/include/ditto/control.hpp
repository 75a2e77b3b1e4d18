// Asks a server that runs, in this process or another, what it is doing, or tells it to do something, through the
// control socket in its data directory (Options::control): `nfsd --status`, `--revoke`, `--reload`. The file's
// permissions decide who may: the server's own user. Blocks for some seconds at most; any thread.
#pragma once

#include <string>
#include <string_view>

#include "ditto/failure.hpp"

namespace ditto::server {

struct ServerStatus {
  /// An object with "version", "pid", "state", "started", "uptime_seconds", "listeners", "shares", "stores", "memory"
  /// and "attention", a list of sentences. Later versions add members.
  std::string json;
  std::string text;              // the same for people: lines, each with its newline
  bool needs_attention = false;  // somebody has to do something: a store is read-only, say
};

/// `part` is one of "clients", "peers", "holders", "waiters" and "grace": no more than that, with longer lists;
/// InvalidArgument: there is no such part. NotFound when no server with a control socket runs on `data_directory`;
/// PermissionDenied; Timeout when it does not answer; Busy.
Outcome<ServerStatus> server_status(const std::string& data_directory, std::string_view part = {});

/// Takes from a client what `name` stands for, as a status lists it: "client:ID", "open:ID" or "lock:ID". A sentence
/// says what that was. InvalidArgument: it is no name, or nobody holds that. Otherwise as server_status().
Outcome<std::string> revoke_held(const std::string& data_directory, std::string_view name);

/// The server reads its configuration again; what came of that, in a sentence. InvalidArgument: it is not used, and
/// nothing has changed. Otherwise as server_status().
Outcome<std::string> reload_server(const std::string& data_directory);

}  // namespace ditto::server
