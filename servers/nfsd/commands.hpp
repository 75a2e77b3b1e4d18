// What nfsd does instead of serving: each command returns the program's exit status. Used by main() only.
#pragma once

#include <ditto/options.hpp>

#include <string>

enum ExitStatus { Clean = 0, Failed = 1, WrongUsage = 2, ProblemsFound = 3, NeedsAttention = 1, NoServer = 2 };

/// Says it on stderr.
int complain(const std::string& message, ExitStatus status);

/// --check
int check(const ditto::server::Options& options, bool repair, bool contents);
/// --status
int status(const ditto::server::Options& options, const std::string& part, bool json);
/// --revoke
int revoke(const ditto::server::Options& options, const std::string& name);
/// --reload
int reload(const ditto::server::Options& options);
