// What nearly every source of this room sees, compiled once for all of them (meson.build): half of the time that the
// room takes to build. Sources include what they use all the same, and build without this.
#pragma once

#include "base/task.hpp"
#include "gate/gate.hpp"
#include "gate/held.hpp"
#include "rpc/program.hpp"
#include "wire/xdr.hpp"
