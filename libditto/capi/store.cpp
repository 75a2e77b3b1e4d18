#include "capi/store.hpp"

#include "capi/guard.hpp"

using namespace ditto::capi;

namespace {

Outcome<void> hand_out(Outcome<ditto::server::Store> opened, ditto_store** store) {
  if (!opened) return std::unexpected(std::move(opened.error()));
  *store = new ditto_store{*std::move(opened)};
  return {};
}

}  // namespace

ditto_status ditto_store_new_directory(const char* path, ditto_store** store, ditto_error** error) {
  return guarded(error, [&]() -> Outcome<void> {
    if (!store) return is_null("store");
    *store = nullptr;
    if (!path) return is_null("path");
    return hand_out(ditto::server::Store::open(path), store);
  });
}

ditto_status ditto_store_new_memory(ditto_store** store, ditto_error** error) {
  return guarded(error, [&]() -> Outcome<void> {
    if (!store) return is_null("store");
    *store = nullptr;
    return hand_out(ditto::server::Store::in_memory(), store);
  });
}

void ditto_store_free(ditto_store* store) { delete store; }
