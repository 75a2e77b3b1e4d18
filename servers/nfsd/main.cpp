// nfsd: serves directory trees to NFS clients. Reads flags, environment and file, and leaves the rest to libditto.
#include <sys/resource.h>
#include <unistd.h>
#include <ditto/configuration.hpp>
#include <ditto/server.hpp>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "commands.hpp"

using namespace ditto::server;

namespace {

constexpr const char* introduction =
    "nfsd serves directory trees to NFS clients, from an ordinary process and without root.\n"
    "\n"
    "Without arguments it serves the tree /export from ./ditto-data to this machine, on port 12049.";

constexpr const char* closing = R"(
Examples
  Serve two trees, kept in /srv/ditto, to the network:
    nfsd --data /srv/ditto --share photos --share music --listen 0.0.0.0
  and mount one of them on another machine:
    mount -t nfs -o vers=3,tcp,port=12049,mountport=12049,mountproto=tcp,nolock SERVER:/photos /mnt

  See how that server is doing:
    nfsd --data /srv/ditto --status

  See who holds what there, and take something from a client that does not let go:
    nfsd --data /srv/ditto --status holders
    nfsd --data /srv/ditto --revoke open:1d3f00c200000001.17

  Look over the data of a server that is not running, and mend what can be mended:
    nfsd --data /srv/ditto --check --repair
  Read all of it, and compare it with the checksums of what was written:
    nfsd --data /srv/ditto --check --contents

A setting may also stand in the file of --config (JSON) or in the environment: --nfs-port is nfs_port in
the file and DITTO_NFS_PORT in the environment. Flags override the environment, which overrides the file.

SIGTERM and SIGINT stop the server once the requests it is serving are answered; a second one ends it at
once. At SIGHUP it reads its configuration again: shares come, change and go.

Exit status
  0  stopped as asked to; with --check: nothing is wrong (any more); with --status: all is well
  1  the server could not start, or failed; with --status: something needs attention, such as a store
     that is read-only, or there is no answer; with --revoke: nobody holds that
  2  wrong usage or configuration; with --status and --revoke: no server runs there
  3  --check found what it did not repair
)";

struct Arguments {
  std::string config;
  std::vector<std::string> shares;
  bool print_config = false;
  bool print_schema = false;
  bool check = false;
  bool repair = false;
  bool contents = false;
  std::string status;  // a part, or all of it
  std::string revoke;  // a name
  bool reload = false;
  bool json = false;
  bool version = false;
  CLI::Option* portmap = nullptr;
  CLI::Option* ask_status = nullptr;
  CLI::Option* ask_revoke = nullptr;
  // A flag of the table with what it was given.
  struct Setting {
    SettingDescription description;
    std::string value;
    CLI::Option* option = nullptr;
  };
  std::vector<Setting> settings;
};

/// CLI11 does not break lines.
class Formatter : public CLI::Formatter {
 public:
  std::string make_option(const CLI::Option* option, bool) const override {
    constexpr std::size_t left = 30, width = 100;
    std::string out = "  " + option->get_name(false, true);
    const std::string& value = option->get_option_text();
    if (!value.empty()) out += (value.starts_with('[') ? "" : " ") + value;
    std::size_t column = out.size();
    out += column < left ? std::string(left - column, ' ') : "\n" + std::string(left, ' ');
    column = left;
    std::istringstream words(option->get_description());
    for (std::string word; words >> word;) {
      if (column > left && column + 1 + word.size() > width) {
        out += "\n" + std::string(left, ' ');
        column = left;
      }
      if (column > left) out += ' ', ++column;
      out += word;
      column += word.size();
    }
    return out + "\n";
  }
};

void declare(CLI::App& app, Arguments& arguments) {
  app.formatter(std::make_shared<Formatter>());
  app.set_help_flag("-h,--help")->group("");

  // The options point into the vector, so it is complete before they are made.
  for (SettingDescription& each : describe_settings()) {
    if (!each.flag.empty()) arguments.settings.push_back({.description = std::move(each), .value = {}});
  }
  for (Arguments::Setting& setting : arguments.settings) {
    const SettingDescription& about = setting.description;
    if (about.key == "shares") {
      app.add_option("--share", arguments.shares, "Serve the tree NAME as /NAME; may be given several times. [export]")
          ->option_text(about.placeholder)
          ->group("Settings")
          ->take_all()
          ->allow_extra_args(false);
      continue;
    }
    setting.option = app.add_option(about.flag, setting.value, about.text + " [" + about.default_value + "]");
    setting.option->option_text(about.placeholder)->group(about.key.starts_with("portmap.") ? "" : "Settings");
    if (about.key == "nfs_port") {
      arguments.portmap = app.add_option("--portmap",
                                         "Run a portmapper (rpcbind), on 10111 unless PORT is given, for clients "
                                         "that cannot be told ports. [no]");
      arguments.portmap->option_text("[=PORT]")->group("Settings")->expected(0, 1);
    }
  }
  app.add_option("--config", arguments.config, "Take settings from a file; docs/configuration.md describes it.")
      ->option_text("FILE")
      ->group("Settings");

  const char* instead = "Instead of serving";
  app.add_flag("--print-config", arguments.print_config, "Show the configuration that results, as a file.")
      ->group(instead);
  app.add_flag("--print-schema", arguments.print_schema, "Show the JSON schema of configuration files.")
      ->group(instead);
  CLI::Option* check = app.add_flag("--check", arguments.check, "Look over the data directory and say what is wrong.");
  check->group(instead);
  app.add_flag("--repair", arguments.repair, "With --check: mend it too.")->needs(check)->group(instead);
  app.add_flag("--contents", arguments.contents,
               "With --check: read the contents of all files, too, and compare them with their checksums.")
      ->needs(check)
      ->group(instead);
  CLI::Option* status = app.add_option("--status", arguments.status,
                                       "Show what the server of the data directory is doing; or, at more length, "
                                       "no more than its clients, peers, holders, waiters or grace.");
  status->option_text("[PART]")->expected(0, 1)->excludes(check)->group(instead);
  arguments.ask_status = status;
  arguments.ask_revoke =
      app.add_option("--revoke", arguments.revoke,
                     "Take from a client what it holds: client:ID, open:ID or lock:ID, as --status lists them.");
  arguments.ask_revoke->option_text("NAME")->excludes(check)->excludes(status)->group(instead);
  app.add_flag("--reload", arguments.reload,
               "Have the server of the data directory read its configuration again, as SIGHUP does.")
      ->excludes(check)
      ->excludes(status)
      ->group(instead);
  app.add_flag("--json", arguments.json, "With --status: as JSON.")->needs(status)->group(instead);
  app.add_flag("--version", arguments.version, "Show the version.")->group(instead);
  app.footer(closing);
}

/// What to say of an argument that is none of ours.
std::string unknown_argument(const CLI::App& app) {
  const std::string unknown = app.remaining().front();
  const std::string word = unknown.substr(0, unknown.find('='));
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options()) flags.push_back(option->get_name());
  const std::vector<std::string_view> known(flags.begin(), flags.end());
  return word + ": there is no such flag; the nearest is " + std::string(nearest(word, known));
}

Outcome<void> apply_flags(Options& options, const Arguments& arguments) {
  for (const Arguments::Setting& setting : arguments.settings) {
    if (!setting.option || setting.option->count() == 0) continue;
    auto done = set(options, setting.description.key, setting.value, setting.description.flag);
    if (!done) return done;
  }
  if (arguments.portmap->count() > 0) {
    options.portmap.enabled = true;
    const auto& given = arguments.portmap->results();
    if (!given.empty() && !given[0].empty()) {
      if (auto done = set(options, "portmap.port", given[0], "--portmap"); !done) return done;
    }
  }
  if (!arguments.shares.empty()) select_shares(options, arguments.shares);
  return validate(options);
}

Outcome<Options> gather(const Arguments& arguments) {
  Options options;
  if (!arguments.config.empty()) {
    if (auto read = read_configuration_file(options, arguments.config); !read) return std::unexpected(read.error());
  }
  std::vector<std::string_view> environment;
  for (char** variable = environ; *variable; ++variable) {
    // Names given by flags select from the shares of the file, not from what the environment selects of them.
    const std::string_view text = *variable;
    if (arguments.shares.empty() || !text.starts_with("DITTO_SHARES=")) environment.push_back(text);
  }
  if (auto read = read_environment(options, environment); !read) return std::unexpected(read.error());
  if (auto read = apply_flags(options, arguments); !read) return std::unexpected(read.error());
  return options;
}

/// As many files as the system lets us have open: connections and open files of the store.
void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int serve(const Options& options, const Arguments& arguments) {
  // Blocked before any thread starts, so that they reach sigwait() below and nothing else.
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGTERM);
  sigaddset(&stop_signals, SIGINT);
  sigset_t signals = stop_signals;
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  raise_file_limit();

  auto server = Server::create(options);
  if (!server) return complain(server.error().message, Failed);
  server->read_again_by([&arguments] { return gather(arguments); });
  if (auto started = server->start(); !started) return complain(started.error().message, Failed);

  int received = 0;
  for (sigwait(&signals, &received); received == SIGHUP; sigwait(&signals, &received)) {
    (void)server->reload();  // the log says what came of it
  }
  // From now on a signal ends the process: the store survives that, clients ask again.
  pthread_sigmask(SIG_UNBLOCK, &stop_signals, nullptr);
  if (auto stopped = server->stop(std::chrono::seconds(options.stop_seconds)); !stopped) {
    if (stopped.error().code != FailureCode::Timeout) return complain(stopped.error().message, Failed);
    complain(stopped.error().message, Clean);
  }
  return Clean;
}

}  // namespace

int complain(const std::string& message, ExitStatus status) {
  std::fprintf(stderr, "nfsd: %s\n", message.c_str());
  return status;
}

int main(int argc, char** argv) {
  CLI::App app(introduction, "nfsd");
  Arguments arguments;
  declare(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError&) {
    return complain(unknown_argument(app), WrongUsage);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return app.exit(error);  // --help
    return complain(std::string(error.what()) + "; nfsd --help tells what there is", WrongUsage);
  }
  if (arguments.version) {
    std::printf("nfsd (Ditto) %s\n", version());
    return Clean;
  }
  if (arguments.print_schema) {
    std::fputs(configuration_schema().c_str(), stdout);
    return Clean;
  }
  const auto options = gather(arguments);
  if (!options) return complain(options.error().message, WrongUsage);
  if (arguments.print_config) {
    std::fputs(print_configuration(*options).c_str(), stdout);
    return Clean;
  }
  if (arguments.ask_status->count() > 0) return status(*options, arguments.status, arguments.json);
  if (arguments.reload) return reload(*options);
  if (arguments.ask_revoke->count() > 0) return revoke(*options, arguments.revoke);
  return arguments.check ? check(*options, arguments.repair, arguments.contents) : serve(*options, arguments);
}
