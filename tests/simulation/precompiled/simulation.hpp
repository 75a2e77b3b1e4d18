// As libditto/nfs/precompiled/nfs.hpp, for the simulator.
#pragma once

#include "../world.hpp"
