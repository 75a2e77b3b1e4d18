#include "process_cpu.hpp"

#include <dirent.h>
#include <unistd.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <string>
#include <vector>

namespace bench {

namespace {

struct Process {
  pid_t parent = 0;
  unsigned long long ticks = 0;
};

bool read_stat(const char* pid, Process& out) {
  std::string path = std::string("/proc/") + pid + "/stat";
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return false;
  char text[1024];
  std::size_t size = std::fread(text, 1, sizeof text - 1, file);
  std::fclose(file);
  text[size] = '\0';
  // The name is in parentheses and may hold any byte, so count from the last one: state ppid ... utime(14) stime(15).
  const char* after = std::strrchr(text, ')');
  unsigned long long user = 0, system = 0;
  if (after == nullptr || std::sscanf(after + 1, " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &out.parent,
                                      &user, &system) != 3) {
    return false;
  }
  out.ticks = user + system;
  return true;
}

}  // namespace

double process_cpu_seconds(pid_t root) {
  std::map<pid_t, Process> all;
  DIR* proc = ::opendir("/proc");
  if (proc == nullptr) return 0;
  while (dirent* entry = ::readdir(proc)) {
    Process process;
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && read_stat(entry->d_name, process)) {
      all[static_cast<pid_t>(std::atoi(entry->d_name))] = process;
    }
  }
  ::closedir(proc);
  unsigned long long ticks = 0;
  std::vector<pid_t> tree{root};
  while (!tree.empty()) {
    pid_t pid = tree.back();
    tree.pop_back();
    if (auto found = all.find(pid); found != all.end()) ticks += found->second.ticks;
    for (const auto& [child, process] : all) {
      if (process.parent == pid) tree.push_back(child);
    }
  }
  return static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

long long now_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

}  // namespace bench
