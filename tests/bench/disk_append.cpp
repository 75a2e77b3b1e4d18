#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

#include "connection.hpp"
#include "process_cpu.hpp"
#include "yardsticks.hpp"

namespace bench {

Result measure_disk_append(const std::string& directory, double seconds) {
  const std::string path = directory + "/appended-" + std::to_string(::getpid());
  const std::string block(4096, 'x');
  int file = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  Result result;
  const long long begun_ns = now_ns();
  for (long long at_ns = begun_ns; result.seconds < seconds;) {
    if (::write(file, block.data(), block.size()) != static_cast<ssize_t>(block.size()) || ::fdatasync(file) != 0) {
      throw Failure{"appending to " + path + ": " + std::strerror(errno)};
    }
    const long long done_ns = now_ns();
    result.took(done_ns - at_ns);
    at_ns = done_ns;
    ++result.operations;
    result.seconds = static_cast<double>(done_ns - begun_ns) / 1e9;
  }
  ::close(file);
  ::unlink(path.c_str());
  result.units = result.operations;
  result.bytes = result.operations * block.size();
  return result;
}

}  // namespace bench
