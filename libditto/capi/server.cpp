#include "ditto/server.hpp"

#include "capi/guard.hpp"
#include "capi/options.hpp"
#include "capi/store.hpp"
#include "ditto/ditto.h"

using namespace ditto::capi;

struct ditto_server {
  ditto::server::Server server;
};

ditto_status ditto_server_new(const ditto_server_options* options, ditto_server** server, ditto_error** error) {
  return guarded(error, [&]() -> Outcome<void> {
    // Taken over before anything is refused, so that log_user is released whatever happens.
    auto converted = options_of(options);
    if (!server) return is_null("server");
    *server = nullptr;
    if (!converted) return std::unexpected(std::move(converted.error()));
    auto created = ditto::server::Server::create(*std::move(converted));
    if (!created) return std::unexpected(std::move(created.error()));
    *server = new ditto_server{*std::move(created)};
    return {};
  });
}

ditto_status ditto_server_add_share(ditto_server* server, const char* name, ditto_store* store,
                                    const ditto_share_options* options, ditto_error** error) {
  return guarded(error, [&]() -> Outcome<void> {
    if (!server) return is_null("server");
    if (!name) return is_null("name");
    if (!store) return is_null("store");
    const auto converted = options_of(name, options);
    if (!converted) return std::unexpected(converted.error());
    return server->server.add_share(store->store, *converted);
  });
}

ditto_status ditto_server_remove_share(ditto_server* server, const char* name, ditto_error** error) {
  return guarded(error, [&]() -> Outcome<void> {
    if (!server) return is_null("server");
    if (!name) return is_null("name");
    return server->server.remove_share(name);
  });
}

ditto_status ditto_server_start(ditto_server* server, ditto_error** error) {
  return guarded(error, [&]() -> Outcome<void> {
    if (!server) return is_null("server");
    return server->server.start();
  });
}

uint16_t ditto_server_nfs_port(const ditto_server* server) { return server ? server->server.nfs_port() : 0; }

uint16_t ditto_server_portmap_port(const ditto_server* server) { return server ? server->server.portmap_port() : 0; }

ditto_status ditto_server_stop(ditto_server* server, uint32_t deadline_ms, ditto_error** error) {
  return guarded(error, [&]() -> Outcome<void> {
    if (!server) return is_null("server");
    return server->server.stop(std::chrono::milliseconds(deadline_ms));
  });
}

void ditto_server_free(ditto_server* server) { delete server; }
