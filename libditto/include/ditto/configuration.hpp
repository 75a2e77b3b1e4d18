// Options from outside: one table describes every setting, and from it come the parser of configuration files, the JSON
// schema, the names of environment variables and flags, and what --print-config shows. Later sources override earlier
// ones: defaults, then the file, then the environment, then flags. Functions of values only; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ditto/failure.hpp"
#include "ditto/options.hpp"

namespace ditto::server {

/// One setting, in words.
struct SettingDescription {
  std::string key;          // as in the file, with dots: "log.level"; of a share: "shares[].squash"
  std::string environment;  // "DITTO_LOG_LEVEL"; empty: settings of a share come from files only
  std::string flag;         // "--log-level"; empty likewise
  std::string type;         // what a value looks like: "a whole number from 0 to 65535"
  std::string placeholder;  // what stands for one in a usage line: "N", "DIR"
  std::string unit;         // empty where the type says it all
  std::string default_value;
  std::string text;  // what it is for
};

/// Every setting, in the order of the documentation.
std::vector<SettingDescription> describe_settings();

/// Reads a configuration file's text (JSON; // and /* */ comments allowed) over `options`. `origin`, the file's name,
/// begins every message. A list of shares replaces the one before. On a failure `options` is unchanged.
Outcome<void> read_configuration(Options& options, std::string_view text, std::string_view origin);

/// The same from a file.
Outcome<void> read_configuration_file(Options& options, const std::string& path);

/// Applies the DITTO_... variables of `environment`, "NAME=value" each, as the system hands them to a program. One that
/// looks like a misspelt setting is an error; others may be other programs'.
Outcome<void> read_environment(Options& options, std::span<const std::string_view> environment);

/// Sets one setting from text. `origin`, such as "--nfs-port", begins the message. "shares" takes names separated by
/// commas, as select_shares() does.
Outcome<void> set(Options& options, std::string_view key, std::string_view value, std::string_view origin);

/// Serves exactly the shares of `names`: one that the options describe keeps its rules, any other gets the defaults.
void select_shares(Options& options, std::span<const std::string> names);

/// The nearest of `known`, which is not empty, to a misspelt word: for messages.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

/// Every limit of the table and every rule between settings, for options that did not come through the functions above.
Outcome<void> validate(const Options& options);
Outcome<void> validate(const ShareOptions& share);

/// The options as a configuration file that yields them.
std::string print_configuration(const Options& options);

/// The JSON schema of configuration files.
std::string configuration_schema();

}  // namespace ditto::server
