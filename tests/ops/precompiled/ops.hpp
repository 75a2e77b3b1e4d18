// As libditto/nfs/precompiled/nfs.hpp, for the tests of handlers.
#pragma once

#include <catch2/catch.hpp>

#include "ops/world.hpp"
