#include "ditto/ditto.h"
#include "ditto/server.hpp"

const char* ditto_version(void) { return ditto::server::version(); }
