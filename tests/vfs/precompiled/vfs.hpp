// As libditto/nfs/precompiled/nfs.hpp, for the tests of the file system.
#pragma once

#include <catch2/catch.hpp>

#include "../tree.hpp"
