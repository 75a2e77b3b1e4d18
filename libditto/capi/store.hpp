// The C handle of a store: a copy of the C++ one.
#pragma once

#include "ditto/ditto.h"
#include "ditto/server.hpp"

struct ditto_store {
  ditto::server::Store store;
};
