// What the tests of ditto.h share: handles that free themselves, a call that keeps its error, and a client that says
// NULL. One thread at a time.
#pragma once

#include <arpa/inet.h>
#include <ditto/ditto.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

struct FreeHandle {
  void operator()(ditto_store* store) const { ditto_store_free(store); }
  void operator()(ditto_server* server) const { ditto_server_free(server); }
};
using StoreHandle = std::unique_ptr<ditto_store, FreeHandle>;
using ServerHandle = std::unique_ptr<ditto_server, FreeHandle>;

/// What a call answered; comparable to a status, printable with its message.
struct Answer {
  ditto_status status = DITTO_OK;
  std::string message;
  bool operator==(ditto_status expected) const { return status == expected; }
};

inline std::ostream& operator<<(std::ostream& out, const Answer& answer) {
  return out << answer.status << " \"" << answer.message << "\"";
}

/// Calls a function whose last argument is the error.
template <class Function, class... Arguments>
Answer ask(Function function, Arguments... arguments) {
  auto* const untouched = reinterpret_cast<ditto_error*>(std::uintptr_t{1});
  ditto_error* error = untouched;
  Answer answer;
  answer.status = function(arguments..., &error);
  if (error == untouched) {
    answer.message = "the error was not set";
    answer.status = -1;
    return answer;
  }
  // Status, error object and its code say the same.
  if ((error != nullptr) != (answer.status != DITTO_OK) || ditto_error_code(error) != answer.status) answer.status = -2;
  answer.message = ditto_error_message(error);
  ditto_error_free(error);
  return answer;
}

inline StoreHandle memory_store() {
  ditto_store* store = nullptr;
  ditto_store_new_memory(&store, nullptr);
  return StoreHandle(store);
}

inline ServerHandle new_server(const ditto_server_options* options = nullptr) {
  ditto_server* server = nullptr;
  ditto_server_new(options, &server, nullptr);
  return ServerHandle(server);
}

/// A server with the share "export" in memory, started on any port; empty when something failed.
inline ServerHandle running_server() {
  const StoreHandle store = memory_store();
  ServerHandle server = new_server();
  if (!server || ditto_server_add_share(server.get(), "export", store.get(), nullptr, nullptr) != DITTO_OK) return {};
  if (ditto_server_start(server.get(), nullptr) != DITTO_OK) return {};
  return server;
}

/// A directory that goes with the object.
class Directory {
 public:
  Directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ditto-capi-XXXXXX").string();
    if (::mkdtemp(pattern.data())) path_ = pattern;
  }
  Directory(const Directory&) = delete;
  ~Directory() { std::filesystem::remove_all(path_); }
  std::string path() const { return path_.string(); }
  std::string operator/(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// Whether an RPC server answers the NULL procedure of `program` on 127.0.0.1.
inline bool answers_null(std::uint16_t port, std::uint32_t program = 100003, std::uint32_t version = 3) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bool good = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  // RFC 5531: record mark; xid, CALL, version 2, program, version, procedure 0, AUTH_NONE twice.
  const std::uint32_t call[] = {
      htonl(0x80000028), htonl(7), 0, htonl(2), htonl(program), htonl(version), 0, 0, 0, 0, 0};
  good = good && ::send(fd, call, sizeof call, MSG_NOSIGNAL) == static_cast<ssize_t>(sizeof call);
  std::uint32_t reply[7] = {};  // mark; xid, REPLY, accepted, AUTH_NONE, success
  good = good && ::recv(fd, reply, sizeof reply, MSG_WAITALL) == static_cast<ssize_t>(sizeof reply);
  ::close(fd);
  return good && reply[0] == htonl(0x80000018) && reply[1] == htonl(7) && reply[2] == htonl(1) && reply[3] == 0 &&
         reply[6] == 0;
}
