// loadgen: measures servers of NFSv3 and NFSv4.1. One JSON object per server, workload and round on standard output.
// `tests/bench/run` starts the servers, calls this and makes the table; --help lists the flags.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "process_cpu.hpp"
#include "scenes.hpp"
#include "yardsticks.hpp"

namespace {

using bench::Failure;

constexpr double yardstick_seconds = 2;  // no turn of a yardstick is longer

constexpr const char* help =
    R"(loadgen --server LABEL,port=N[,mount=N][,export=PATH][,pseudo=PATH][,pid=N][,address=A] [--server ...] [FLAG...]

  --server ...        a server to measure; several take turns within each workload, round by round
  --workloads A,B     which (default: all): %s
  --seconds S         length of one measurement (default 2), after --warm-up S (default 0.3)
  --rounds N          measurements of each workload and server (default 3)
  --connections N     TCP connections (default 4)
  --in-flight N       requests in flight over all connections (default 16)
  --uid N --gid N     whom the calls come from (default 0)
  --file-mib N        size of the file that each connection reads and writes (default 64)
  --entries N         entries that are listed, and that are made at a time to be removed (default 10000)
  --verify            compare what READ returns with what was written
  --disk DIRECTORY    in the workloads that wait for the disk, an append there with its fdatasync() takes turns as "disk"
  --beside-v3         in v41-getattr, v41-read-4k and v41-write-4k the first server takes turns over NFSv3 too, as "v3"
  --plain-tcp         in read-1m a plain TCP sender takes turns as "tcp", on --sender-core N (default: any)
)";

struct Options {
  std::vector<bench::Target> targets;
  std::vector<std::string> workloads = bench::Scenes::names();
  double seconds = 2, warm_up = 0.3;
  unsigned rounds = 3, connections = 4, in_flight = 16;
  bench::nfs3::Caller caller;
  bench::Sizes sizes;
  std::string disk;  // empty: no yardstick for it
  bool plain_tcp = false, beside_v3 = false;
  int sender_core = -1;
};

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
  return parts;
}

bench::Target parse_target(const std::string& text) {
  bench::Target target;
  for (const std::string& part : split(text)) {
    std::size_t equals = part.find('=');
    std::string key = part.substr(0, equals), value = equals == std::string::npos ? "" : part.substr(equals + 1);
    if (equals == std::string::npos) {
      target.label = part;
    } else if (key == "port") {
      target.port = static_cast<std::uint16_t>(std::atoi(value.c_str()));
    } else if (key == "mount") {
      target.mount_port = static_cast<std::uint16_t>(std::atoi(value.c_str()));
    } else if (key == "export") {
      target.export_path = value;
    } else if (key == "pseudo") {
      target.pseudo_path = value;
    } else if (key == "pid") {
      target.pid = std::atoi(value.c_str());
    } else if (key == "address") {
      target.address = value;
    } else {
      throw Failure{"--server: no '" + key + "'"};
    }
  }
  if (target.port == 0) throw Failure{"--server " + text + ": port= is missing"};
  if (target.mount_port == 0) target.mount_port = target.port;
  return target;
}

bool apply(Options& options, const std::string& flag, const std::string& value) {
  auto number = [&] { return static_cast<unsigned>(std::atoi(value.c_str())); };
  if (flag == "--server") return options.targets.push_back(parse_target(value)), true;
  if (flag == "--workloads") return options.workloads = split(value), true;
  if (flag == "--seconds") return options.seconds = std::atof(value.c_str()), true;
  if (flag == "--warm-up") return options.warm_up = std::atof(value.c_str()), true;
  if (flag == "--rounds") return options.rounds = number(), true;
  if (flag == "--connections") return options.connections = number(), true;
  if (flag == "--in-flight") return options.in_flight = number(), true;
  if (flag == "--uid") return options.caller.uid = number(), true;
  if (flag == "--gid") return options.caller.gid = number(), true;
  if (flag == "--file-mib") return options.sizes.file_bytes = std::uint64_t{number()} << 20, true;
  if (flag == "--disk") return options.disk = value, true;
  if (flag == "--sender-core") return options.sender_core = std::atoi(value.c_str()), true;
  if (flag == "--entries") return options.sizes.listed = options.sizes.removed = number(), true;
  return false;
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    std::string flag = argv[i];
    if (flag == "--help") {
      std::string all;
      for (const std::string& name : bench::Scenes::names()) all += (all.empty() ? "" : ",") + name;
      std::printf(help, all.c_str());
      std::exit(0);
    }
    if (flag == "--verify") {
      options.sizes.verify = true;
    } else if (flag == "--plain-tcp") {
      options.plain_tcp = true;
    } else if (flag == "--beside-v3") {
      options.beside_v3 = true;
    } else if (i + 1 == argc || !apply(options, flag, argv[++i])) {
      throw Failure{"no flag " + flag + ", or its value is missing; --help"};
    }
  }
  if (options.targets.empty()) throw Failure{"--server is missing; --help"};
  return options;
}

void print(const Options& options, const std::string& label, const std::string& workload, unsigned round,
           bench::Result& result) {
  double units = static_cast<double>(result.units);
  std::string error;
  for (char c : result.first_error) error += c == '"' || c == '\\' || c < ' ' ? '?' : c;
  std::printf(
      "{\"server\":\"%s\",\"workload\":\"%s\",\"round\":%u,\"connections\":%u,\"in_flight\":%u,\"seconds\":%.3f,"
      "\"requests\":%llu,\"operations\":%llu,\"errors\":%llu,\"first_error\":\"%s\",\"operations_per_s\":%.1f,"
      "\"mb_per_s\":%.2f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"cpu_us_per_operation\":%.3f,\"cpu_cores\":%.3f}\n",
      label.c_str(), workload.c_str(), round, options.connections, options.in_flight, result.seconds,
      static_cast<unsigned long long>(result.operations), static_cast<unsigned long long>(result.units),
      static_cast<unsigned long long>(result.errors), error.c_str(), units / result.seconds,
      static_cast<double>(result.bytes) / 1e6 / result.seconds, result.percentile_us(0.50), result.percentile_us(0.99),
      units > 0 ? result.cpu_seconds * 1e6 / units : 0, result.cpu_seconds / result.seconds);
  std::fflush(stdout);
}

/// Whatever takes its turn in a workload: a server, or a yardstick.
struct Contender {
  std::string label;
  std::function<bench::Result(const std::string& workload)> measure;
  std::function<bool(const std::string& workload)> takes_part = [](const std::string&) { return true; };
};

/// What an operation over NFSv4.1 is compared with; empty: nothing.
std::string over_v3(const std::string& workload) {
  if (workload == "v41-getattr") return "getattr";
  if (workload == "v41-read-4k") return "read-4k-random";
  if (workload == "v41-write-4k") return "write-4k-random";
  return "";
}

std::vector<Contender> contenders(const Options& options) {
  std::vector<Contender> all;
  const std::string directory = "bench-" + std::to_string(bench::now_ns());
  for (const bench::Target& target : options.targets) {
    auto scenes = std::make_shared<bench::Scenes>(target, options.connections, options.in_flight, options.caller,
                                                  options.sizes, directory);
    all.push_back({target.label, [scenes, &options](const std::string& workload) {
                     return scenes->measure(workload, options.seconds, options.warm_up);
                   }});
    if (options.beside_v3 && all.size() == 1) {
      all.push_back({"v3",
                     [scenes, &options](const std::string& workload) {
                       return scenes->measure(over_v3(workload), options.seconds, options.warm_up);
                     },
                     [](const std::string& workload) { return !over_v3(workload).empty(); }});
    }
  }
  if (!options.disk.empty()) {
    all.push_back({"disk",
                   [&options](const std::string&) {
                     return bench::measure_disk_append(options.disk, std::min(options.seconds, yardstick_seconds));
                   },
                   &bench::Scenes::is_durable});
  }
  if (options.plain_tcp) {
    all.push_back({"tcp",
                   [&options](const std::string&) {
                     return bench::measure_plain_tcp(options.connections, options.sender_core,
                                                     std::min(options.seconds, yardstick_seconds), options.warm_up);
                   },
                   [](const std::string& workload) { return workload == "read-1m"; }});
  }
  return all;
}

int measure(const Options& options) {
  std::vector<Contender> all = contenders(options);
  int failed = 0;
  for (const std::string& workload : options.workloads) {
    for (unsigned round = 0; round < options.rounds; ++round) {
      // Who goes first alternates: what one leaves for the disk to do falls on all.
      for (const Contender& contender : all) {
        if (!contender.takes_part(workload)) continue;
        bench::Result result = contender.measure(workload);
        if (result.errors != 0 || result.operations == 0) ++failed;
        print(options, contender.label, workload, round, result);
      }
      std::ranges::reverse(all);
    }
  }
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return measure(parse(argc, argv));
  } catch (const Failure& failure) {
    std::fprintf(stderr, "loadgen: %s\n", failure.message.c_str());
    return 2;
  } catch (const bench::Unexpected& unexpected) {
    std::fprintf(stderr, "loadgen: preparing: %s\n", unexpected.what.c_str());
    return 2;
  }
}
