#include "server/control/socket_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "server/failures.hpp"

namespace ditto::server {
namespace {

constexpr int backlog = 16;

std::string path_in(const std::string& directory) { return directory + "/" + control_socket_name; }

/// bind() and connect() take some 100 bytes and no directory's descriptor; a longer path goes through one all the same.
Outcome<sockaddr_un> address_in(const std::string& directory, const store::Descriptor& opened) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::string path = path_in(directory);
#ifdef __linux__
  if (path.size() >= sizeof address.sun_path) path = path_in(fmt::format("/proc/self/fd/{}", opened.get()));
#else
  (void)opened;
#endif
  if (path.size() >= sizeof address.sun_path) {
    return std::unexpected(failure_of_errno(path_in(directory) + " cannot be a socket", ENAMETOOLONG));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

Outcome<store::Descriptor> open_directory(const std::string& directory) {
  store::Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened) return std::unexpected(failure_of_errno(directory + " cannot be opened", errno));
  return opened;
}

/// A regular file of that name is somebody's.
bool remove_socket(const store::Descriptor& directory) {
  struct stat found{};
  if (::fstatat(directory.get(), control_socket_name, &found, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT;
  if (!S_ISSOCK(found.st_mode)) {
    errno = EEXIST;
    return false;
  }
  return ::unlinkat(directory.get(), control_socket_name, 0) == 0;
}

const sockaddr* generic(const sockaddr_un& address) { return reinterpret_cast<const sockaddr*>(&address); }

Failure no_server(const std::string& directory, int cause) {
  if (cause == ECONNREFUSED) {
    return {FailureCode::NotFound,
            fmt::format("no server runs on {}: {} is left from one that was killed", directory, path_in(directory))};
  }
  if (cause == ENOENT || cause == ENOTDIR) {
    return {FailureCode::NotFound,
            fmt::format("no server answers at {}; name the data directory of one that runs (and has its setting "
                        "control) with --data or --config",
                        path_in(directory))};
  }
  return failure_of_errno(fmt::format("{} cannot be asked", path_in(directory)), cause);
}

}  // namespace

Outcome<SocketFile> SocketFile::listen(const std::string& directory) {
  auto opened = open_directory(directory);
  if (!opened) return std::unexpected(std::move(opened.error()));
  const auto address = address_in(directory, *opened);
  if (!address) return std::unexpected(address.error());
  const auto refused = [&] { return std::unexpected(failure_of_errno(path_in(directory) + " cannot be made", errno)); };
  if (!remove_socket(*opened)) return refused();
  store::Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener) return refused();
  // Linux gives the name the mode of the socket, so that it never has a wider one, and the process's umask, which is
  // for all threads, stays as it is. Elsewhere it gets it before anybody can connect.
  (void)::fchmod(listener.get(), 0600);
  if (::bind(listener.get(), generic(*address), sizeof *address) != 0) return refused();
  SocketFile made(*std::move(opened), std::move(listener));
  if (::fchmodat(made.directory_.get(), control_socket_name, 0600, 0) != 0) return refused();
  if (::listen(made.listener_.get(), backlog) != 0) return refused();
  return made;
}

SocketFile::~SocketFile() {
  if (directory_) (void)remove_socket(directory_);
}

Outcome<store::Descriptor> connect_to_socket(const std::string& directory, std::chrono::milliseconds patience) {
  const store::Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened) return std::unexpected(no_server(directory, errno));
  const auto address = address_in(directory, opened);
  if (!address) return std::unexpected(address.error());
  store::Descriptor connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!connection) return std::unexpected(no_server(directory, errno));
  const timeval limit{.tv_sec = patience.count() / 1000,
                      .tv_usec = static_cast<suseconds_t>(patience.count() % 1000 * 1000)};
  (void)::setsockopt(connection.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  (void)::setsockopt(connection.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (::connect(connection.get(), generic(*address), sizeof *address) != 0) {
    return std::unexpected(no_server(directory, errno));
  }
  return connection;
}

}  // namespace ditto::server
