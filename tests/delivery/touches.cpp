// SPDX-License-Identifier: BSL-1.0
// What the usual operations touch, exactly: how many shared words they load, store and change, how many list registers
// they read and write. Where a short way is not taken any more, all that a guest sees is as before, and this is not.
// Figures that are meant to change: a failing test prints the line to put here.
#include "catch.hpp"
#include "support/policies.hpp"

#include <sstream>

using namespace tests;

namespace {

struct touched {
  u32 loads;
  u32 stores;
  u32 rmws;
  u32 list_registers;  ///< reads and writes of them, and writes of the control register
  friend bool operator==(const touched&, const touched&) = default;
};
struct line {
  const char* name;
  touched costs[4];  ///< in the order of counting_policies
};

constexpr line lines[] = {
    {"exit, idle", {{0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}}},
    {"entry, idle", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"edge SPI: raise", {{7, 0, 2, 0}, {7, 0, 2, 0}, {7, 0, 2, 0}, {7, 0, 2, 0}}},
    {"edge SPI: raise again", {{7, 0, 1, 0}, {7, 0, 1, 0}, {7, 0, 1, 0}, {7, 0, 1, 0}}},
    {"edge SPI: entry", {{16, 1, 2, 1}, {15, 1, 2, 1}, {14, 1, 2, 1}, {14, 1, 2, 1}}},
    {"edge SPI: exit, pending", {{0, 0, 0, 2}, {0, 0, 0, 2}, {0, 0, 0, 2}, {0, 0, 0, 2}}},
    {"edge SPI: entry, pending", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"edge SPI: exit, active", {{0, 0, 2, 2}, {0, 0, 2, 2}, {0, 0, 2, 2}, {0, 0, 2, 2}}},
    {"edge SPI: entry, active", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"edge SPI: exit, ended", {{14, 0, 2, 2}, {14, 0, 2, 2}, {14, 0, 2, 2}, {14, 0, 2, 2}}},
    {"edge SPI: raise, direct", {{15, 1, 1, 1}, {14, 1, 1, 1}, {14, 1, 1, 1}, {14, 1, 1, 1}}},
    {"edge SPI: raise again, direct", {{12, 0, 2, 0}, {12, 0, 2, 0}, {12, 0, 2, 0}, {12, 0, 2, 0}}},
    {"edge SPI: entry, direct and again", {{34, 3, 2, 0}, {37, 3, 2, 0}, {31, 3, 2, 0}, {34, 3, 2, 0}}},
    {"edge SPI: raise, active", {{7, 0, 2, 0}, {7, 0, 2, 0}, {7, 0, 2, 0}, {7, 0, 2, 0}}},
    {"edge SPI: exit, ended and came", {{14, 0, 1, 1}, {14, 0, 1, 1}, {13, 0, 1, 1}, {13, 0, 1, 1}}},
    {"edge SPI: entry, ended and came", {{44, 2, 2, 1}, {46, 2, 2, 1}, {39, 2, 2, 1}, {41, 2, 2, 1}}},
    {"edge SPI: entry, came while active", {{34, 3, 2, 1}, {37, 3, 2, 1}, {31, 3, 2, 1}, {34, 3, 2, 1}}},
    {"edge SPI: exit, ended twice", {{13, 0, 2, 2}, {13, 0, 2, 2}, {13, 0, 2, 2}, {13, 0, 2, 2}}},
    {"level SPI: raise", {{8, 0, 2, 0}, {8, 0, 2, 0}, {8, 0, 2, 0}, {8, 0, 2, 0}}},
    {"level SPI: entry", {{30, 1, 2, 1}, {29, 1, 2, 1}, {25, 1, 2, 1}, {25, 1, 2, 1}}},
    {"level SPI: exit, active", {{0, 0, 2, 2}, {0, 0, 2, 2}, {0, 0, 2, 2}, {0, 0, 2, 2}}},
    {"level SPI: lower", {{3, 0, 1, 0}, {3, 0, 1, 0}, {3, 0, 1, 0}, {3, 0, 1, 0}}},
    {"level SPI: entry, active", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"level SPI: exit, ended", {{14, 0, 2, 3}, {14, 0, 2, 3}, {14, 0, 2, 3}, {14, 0, 2, 3}}},
    {"level SPI: entry, ended", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"level SPI: raise, direct", {{18, 1, 2, 1}, {17, 1, 2, 1}, {16, 1, 2, 1}, {16, 1, 2, 1}}},
    {"level SPI: entry, direct", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"level SPI: exit, ended and high", {{17, 0, 1, 2}, {17, 0, 1, 2}, {15, 0, 1, 2}, {15, 0, 1, 2}}},
    {"level SPI: entry, ended and high", {{43, 0, 1, 1}, {45, 0, 1, 1}, {38, 0, 1, 1}, {40, 0, 1, 1}}},
    {"level SPI: lower, pending", {{11, 0, 2, 0}, {11, 0, 2, 0}, {10, 0, 2, 0}, {10, 0, 2, 0}}},
    {"level SPI: entry, fell", {{45, 3, 2, 1}, {48, 3, 2, 1}, {42, 3, 2, 1}, {45, 3, 2, 1}}},
    {"level PPI: raise, direct", {{15, 1, 2, 1}, {15, 1, 2, 1}, {14, 1, 2, 1}, {14, 1, 2, 1}}},
    {"edge PPI: raise, direct, the second", {{12, 0, 1, 1}, {12, 0, 1, 1}, {12, 0, 1, 1}, {12, 0, 1, 1}}},
    {"PPIs: entry", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"PPIs: exit, both ended", {{14, 0, 2, 3}, {14, 0, 2, 3}, {14, 0, 2, 3}, {14, 0, 2, 3}}},
    {"PPIs: entry, both ended", {{8, 1, 1, 0}, {8, 1, 1, 0}, {7, 1, 1, 0}, {7, 1, 1, 0}}},
    {"linked SPI: forward", {{6, 0, 2, 0}, {6, 0, 2, 0}, {6, 0, 2, 0}, {6, 0, 2, 0}}},
    {"linked SPI: entry", {{22, 1, 2, 1}, {22, 1, 2, 1}, {19, 1, 2, 1}, {19, 1, 2, 1}}},
    {"linked SPI: exit, ended", {{13, 0, 1, 2}, {13, 0, 1, 2}, {13, 0, 1, 2}, {13, 0, 1, 2}}},
    {"linked SPI: entry, ended", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"SGI: to one", {{6, 0, 3, 0}, {6, 0, 2, 0}, {6, 0, 3, 0}, {6, 0, 2, 0}}},
    {"SGI: to one, pending", {{2, 0, 0, 0}, {1, 0, 0, 0}, {2, 0, 0, 0}, {1, 0, 0, 0}}},
    {"SGI: entry", {{16, 1, 3, 1}, {14, 1, 2, 1}, {15, 1, 3, 1}, {13, 1, 2, 1}}},
    {"SGI: to two, one listed", {{9, 0, 6, 0}, {9, 0, 4, 0}, {9, 0, 6, 0}, {9, 0, 4, 0}}},
    {"SGI: exit, ended and came", {{12, 0, 1, 1}, {12, 0, 1, 1}, {12, 0, 1, 1}, {12, 0, 1, 1}}},
    {"SGI: entry, ended and came", {{42, 2, 3, 1}, {42, 2, 2, 1}, {40, 2, 3, 1}, {39, 2, 2, 1}}},
    {"SGI: to itself", {{6, 0, 3, 0}, {12, 1, 1, 1}, {6, 0, 3, 0}, {12, 1, 1, 1}}},
    {"SGI: entry, to itself", {{16, 1, 3, 1}, {1, 0, 0, 0}, {15, 1, 3, 1}, {1, 0, 0, 0}}},
    {"SGI: entry, of two", {{16, 1, 3, 1}, {14, 1, 2, 1}, {15, 1, 3, 1}, {13, 1, 2, 1}}},
    {"two: entry", {{39, 1, 2, 2}, {39, 1, 2, 2}, {37, 1, 2, 2}, {37, 1, 2, 2}}},
    {"two: exit", {{1, 0, 1, 2}, {1, 0, 1, 2}, {1, 0, 1, 2}, {1, 0, 1, 2}}},
    {"two: entry after their end", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"two banks: entry", {{112, 2, 3, 2}, {114, 2, 3, 2}, {97, 2, 3, 2}, {99, 2, 3, 2}}},
    {"two banks: exit, one ended", {{1, 0, 1, 2}, {1, 0, 1, 2}, {1, 0, 1, 2}, {1, 0, 1, 2}}},
    {"two banks: entry, one ended", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"two banks: entry, another in a bank that is listed",
     {{42, 4, 2, 1}, {44, 4, 2, 1}, {37, 4, 2, 1}, {39, 4, 2, 1}}},
    {"two banks: entry, one disabled", {{44, 3, 2, 1}, {46, 3, 2, 1}, {41, 3, 2, 1}, {43, 3, 2, 1}}},
    {"twenty: entry", {{89, 1, 2, 5}, {90, 1, 2, 5}, {78, 1, 2, 5}, {79, 1, 2, 5}}},
    {"twenty: exit, three ended", {{1, 0, 1, 4}, {1, 0, 1, 4}, {1, 0, 1, 4}, {1, 0, 1, 4}}},
    {"twenty: maintenance", {{1, 0, 0, 0}, {1, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}}},
    {"twenty: entry, three ended", {{37, 0, 1, 3}, {37, 0, 1, 3}, {36, 0, 1, 3}, {36, 0, 1, 3}}},
    {"twenty: exit, none ended", {{0, 0, 0, 4}, {0, 0, 0, 4}, {0, 0, 0, 4}, {0, 0, 0, 4}}},
    {"twenty: entry, none ended", {{18, 0, 0, 0}, {19, 0, 0, 0}, {16, 0, 0, 0}, {17, 0, 0, 0}}},
    {"twenty: entry, one more urgent", {{112, 3, 3, 2}, {113, 3, 3, 2}, {100, 3, 3, 2}, {101, 3, 3, 2}}},
    {"twenty: exit, next", {{2, 0, 2, 4}, {2, 0, 2, 4}, {2, 0, 2, 4}, {2, 0, 2, 4}}},
    {"twenty: entry, next", {{65, 0, 2, 3}, {65, 0, 2, 3}, {63, 0, 2, 3}, {63, 0, 2, 3}}},
    {"twenty: exit, fourth", {{1, 0, 1, 4}, {1, 0, 1, 4}, {1, 0, 1, 4}, {1, 0, 1, 4}}},
    {"twenty: entry, fourth", {{37, 0, 1, 2}, {37, 0, 1, 2}, {35, 0, 1, 2}, {35, 0, 1, 2}}},
    {"twenty: exit, fifth", {{1, 0, 1, 4}, {1, 0, 1, 4}, {1, 0, 1, 4}, {1, 0, 1, 4}}},
    {"twenty: entry, fifth", {{37, 0, 1, 2}, {37, 0, 1, 2}, {35, 0, 1, 2}, {35, 0, 1, 2}}},
    {"four active: exit", {{0, 0, 2, 4}, {0, 0, 2, 4}, {0, 0, 2, 4}, {0, 0, 2, 4}}},
    {"four active: entry, all came, and another", {{59, 3, 4, 8}, {63, 3, 4, 8}, {55, 3, 4, 8}, {59, 3, 4, 8}}},
    {"four active: exit, one ended", {{16, 0, 2, 5}, {16, 0, 2, 5}, {15, 0, 2, 5}, {15, 0, 2, 5}}},
    {"four active: entry, one ended", {{51, 2, 1, 2}, {52, 2, 1, 2}, {46, 2, 1, 2}, {47, 2, 1, 2}}},
    {"three active: exit", {{0, 0, 0, 4}, {0, 0, 0, 4}, {0, 0, 0, 4}, {0, 0, 0, 4}}},
    {"three active: entry, all came, and another", {{74, 3, 4, 7}, {79, 3, 4, 7}, {69, 3, 4, 7}, {74, 3, 4, 7}}},
    {"three active: exit, one ended", {{16, 0, 2, 5}, {16, 0, 2, 5}, {15, 0, 2, 5}, {15, 0, 2, 5}}},
    {"three active: entry, one ended", {{51, 0, 1, 1}, {52, 0, 1, 1}, {46, 0, 1, 1}, {47, 0, 1, 1}}},
    {"active: set", {{12, 1, 2, 0}, {12, 1, 2, 0}, {12, 1, 2, 0}, {12, 1, 2, 0}}},
    {"active: entry", {{34, 1, 2, 1}, {36, 1, 2, 1}, {30, 1, 2, 1}, {32, 1, 2, 1}}},
    {"active: exit", {{0, 0, 0, 2}, {0, 0, 0, 2}, {0, 0, 0, 2}, {0, 0, 0, 2}}},
    {"active: entry again", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"put", {{0, 0, 0, 1}, {0, 0, 0, 1}, {0, 0, 0, 1}, {0, 0, 0, 1}}},
    {"load", {{1, 0, 0, 5}, {1, 0, 0, 5}, {0, 0, 0, 5}, {0, 0, 0, 5}}},
    {"entry after load", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"off", {{29, 3, 6, 2}, {29, 3, 6, 2}, {14, 3, 3, 2}, {14, 3, 3, 2}}},
    {"on", {{1, 1, 1, 0}, {1, 1, 1, 0}, {1, 1, 1, 0}, {1, 1, 1, 0}}},
    {"reset", {{24, 455, 0, 0}, {24, 595, 0, 0}, {24, 455, 0, 0}, {24, 595, 0, 0}}},
    {"read GICD_CTLR", {{2, 0, 0, 0}, {2, 0, 0, 0}, {2, 0, 0, 0}, {2, 0, 0, 0}}},
    {"read GICD_TYPER", {{0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}}},
    {"read IGROUPR1", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"read ISENABLER1", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"read ISPENDR1", {{7, 0, 0, 0}, {7, 0, 0, 0}, {6, 0, 0, 0}, {6, 0, 0, 0}}},
    {"read ISPENDR7", {{5, 0, 0, 0}, {5, 0, 0, 0}, {4, 0, 0, 0}, {4, 0, 0, 0}}},
    {"read ISACTIVER1", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"read IPRIORITYR10", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"read IPRIORITYR10, a byte", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"read ICFGR2", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"read target of 40", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"read private ISENABLER", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"read private ISPENDR", {{4, 0, 0, 0}, {4, 0, 0, 0}, {4, 0, 0, 0}, {4, 0, 0, 0}}},
    {"read private IPRIORITYR", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"read private ICFGR1", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"mask idle", {{3, 0, 1, 0}, {3, 0, 1, 0}, {3, 0, 1, 0}, {3, 0, 1, 0}}},
    {"unmask idle", {{9, 0, 1, 0}, {9, 0, 1, 0}, {7, 0, 1, 0}, {7, 0, 1, 0}}},
    {"mask masked", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"enable 32 that are", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"mask listed", {{10, 0, 2, 0}, {10, 0, 2, 0}, {10, 0, 2, 0}, {10, 0, 2, 0}}},
    {"unmask that waits", {{25, 0, 1, 0}, {25, 0, 1, 0}, {23, 0, 1, 0}, {23, 0, 1, 0}}},
    {"mask private", {{3, 0, 1, 0}, {3, 0, 1, 0}, {3, 0, 1, 0}, {3, 0, 1, 0}}},
    {"unmask private", {{5, 0, 1, 0}, {5, 0, 1, 0}, {4, 0, 1, 0}, {4, 0, 1, 0}}},
    {"set pending what is", {{26, 0, 2, 0}, {26, 0, 2, 0}, {24, 0, 2, 0}, {24, 0, 2, 0}}},
    {"set pending", {{23, 0, 2, 0}, {23, 0, 2, 0}, {21, 0, 2, 0}, {21, 0, 2, 0}}},
    {"clear pending", {{29, 0, 1, 0}, {29, 0, 1, 0}, {29, 0, 1, 0}, {29, 0, 1, 0}}},
    {"clear pending listed", {{34, 0, 1, 0}, {34, 0, 1, 0}, {34, 0, 1, 0}, {34, 0, 1, 0}}},
    {"set active", {{12, 1, 1, 0}, {12, 1, 1, 0}, {12, 1, 1, 0}, {12, 1, 1, 0}}},
    {"clear active", {{21, 0, 1, 0}, {21, 0, 1, 0}, {19, 0, 1, 0}, {19, 0, 1, 0}}},
    {"clear active of none", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"priority unchanged", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"priority of four", {{10, 0, 4, 0}, {10, 0, 4, 0}, {8, 0, 4, 0}, {8, 0, 4, 0}}},
    {"priority of one that waits", {{26, 0, 5, 0}, {26, 0, 5, 0}, {24, 0, 5, 0}, {24, 0, 5, 0}}},
    {"priority of one that is idle", {{10, 0, 4, 0}, {10, 0, 4, 0}, {8, 0, 4, 0}, {8, 0, 4, 0}}},
    {"groups of idle", {{9, 0, 1, 0}, {9, 0, 1, 0}, {7, 0, 1, 0}, {7, 0, 1, 0}}},
    {"groups of what waits", {{25, 0, 1, 0}, {25, 0, 1, 0}, {23, 0, 1, 0}, {23, 0, 1, 0}}},
    {"configuration unchanged", {{1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}}},
    {"configuration of sixteen", {{9, 0, 1, 0}, {9, 0, 1, 0}, {7, 0, 1, 0}, {7, 0, 1, 0}}},
    {"target of idle", {{9, 0, 3, 0}, {8, 0, 3, 0}, {7, 0, 3, 0}, {6, 0, 3, 0}}},
    {"target of what waits", {{25, 0, 3, 0}, {24, 0, 3, 0}, {23, 0, 3, 0}, {22, 0, 3, 0}}},
    {"CTLR unchanged", {{2, 0, 0, 0}, {2, 0, 0, 0}, {2, 0, 0, 0}, {2, 0, 0, 0}}},
    {"CTLR off", {{6, 0, 6, 0}, {6, 0, 6, 0}, {6, 0, 6, 0}, {6, 0, 6, 0}}},
    {"CTLR on", {{6, 0, 2, 0}, {6, 0, 2, 0}, {6, 0, 2, 0}, {6, 0, 2, 0}}},
};

template <class C>
constexpr u32 column() {
  return (C::version::number == 2 ? 0 : 1) + (std::is_same_v<typename C::features, no_features> ? 2 : 0);
}

template <class C>
struct counted : booted<C> {
  using base = booted<C>;
  using base::g;

  counted() : base(4) {
    for (u32 i = 40; i < 56; ++i) this->edge_spi(i, 1);
    for (u32 i = 72; i < 76; ++i) this->edge_spi(i, 1);
    this->edge_spi(76, 0);
    this->level_spi(100, 1);
    this->level_spi(101, 0);
    this->edge(20, 1);
    this->enable(20, 1);
    this->enable(27, 1);
    this->settle();
    for (u32 v = 0; v < 4; ++v) this->pass(vcpu(v));
  }

  template <class F>
  void is(const char* name, F&& f) {
    const u32 before = registers();
    counting_atomics::loads = counting_atomics::stores = counting_atomics::rmws = 0;
    f();
    const touched now{counting_atomics::loads, counting_atomics::stores, counting_atomics::rmws, registers() - before};
    const line* l = std::find_if(std::begin(lines), std::end(lines),
                                 [&](const line& x) { return std::string_view{x.name} == name; });
    std::ostringstream text;
    text << "TOUCHES|" << name << '|' << column<C>() << '|' << now.loads << ", " << now.stores << ", " << now.rmws
         << ", " << now.list_registers;
    INFO(text.str());
    const bool listed = l != std::end(lines);
    CHECK(listed);
    if (listed) CHECK((now == l->costs[column<C>()]));
  }
  /// On the CPU of `v`, of whose guest this is a part.
  template <class F>
  void on(u32 v, const char* name, F&& f) {
    this->on_cpu_of(vcpu(v), [&] { is(name, f); });
  }
  void entry(u32 v, const char* name) {
    on(v, name, [&] { g.entry(vcpu(v)); });
    this->g.host().kicks.clear();
  }
  void exit(u32 v, const char* name) {
    on(v, name, [&] { g.exit(vcpu(v)); });
  }
  void access(u32 v, const char* name, u64 a, width w = width::word) {
    on(v, name, [&] { (void)g.read(vcpu(v), guest_address{a}, w); });
  }
  void access(u32 v, const char* name, u64 a, width w, u64 value) {
    on(v, name, [&] { g.write(vcpu(v), guest_address{a}, w, value); });
  }

 private:
  u32 registers() {
    u32 n = 0;
    for (u32 v = 0; v < 4; ++v) {
      const auto& c = this->hardware().at(vcpu(v));
      n += c.lr_reads + c.lr_writes + c.hcr_writes;
    }
    return n;
  }
};

}  // namespace

TEMPLATE_LIST_TEST_CASE("what one interrupt touches from its coming to its end", "", counting_policies) {
  counted<TestType> m;
  SECTION("none") {
    m.exit(1, "exit, idle");
    m.entry(1, "entry, idle");
  }
  SECTION("edge SPI") {
    m.exit(1, "exit, idle");
    m.is("edge SPI: raise", [&] { (void)m.g.pulse(intid{40}); });
    m.is("edge SPI: raise again", [&] { (void)m.g.pulse(intid{40}); });
    m.entry(1, "edge SPI: entry");
    m.exit(1, "edge SPI: exit, pending");
    m.entry(1, "edge SPI: entry, pending");
    CHECK(m.ack(vcpu(1)) == 40);
    m.exit(1, "edge SPI: exit, active");
    m.entry(1, "edge SPI: entry, active");
    m.eoi(vcpu(1), 40);
    m.exit(1, "edge SPI: exit, ended");
    m.entry(1, "entry, idle");
  }
  SECTION("edge SPI by direct listing") {
    m.exit(1, "exit, idle");
    m.on(1, "edge SPI: raise, direct", [&] { (void)m.g.pulse(intid{40}); });
    m.on(1, "edge SPI: raise again, direct", [&] { (void)m.g.pulse(intid{40}); });
    m.entry(1, "edge SPI: entry, direct and again");
    CHECK(m.take(vcpu(1)) == 40);
    CHECK(m.ack(vcpu(1)) == 1023);  // the second came while the first was pending
  }
  SECTION("edge SPI that comes while it is active") {
    m.pulse(40);
    m.settle();
    CHECK(m.ack(vcpu(1)) == 40);
    m.is("edge SPI: raise, active", [&] { (void)m.g.pulse(intid{40}); });
    m.g.host().kicks.clear();
    m.hardware().end(vcpu(1), m.normal, 40);
    m.exit(1, "edge SPI: exit, ended and came");
    m.entry(1, "edge SPI: entry, ended and came");
    CHECK(m.ack(vcpu(1)) == 40);
  }
  SECTION("edge SPI that comes while it is active, and its vCPU looks") {
    m.pulse(40);
    m.settle();
    CHECK(m.ack(vcpu(1)) == 40);
    m.pulse(40);
    m.exit(1, "edge SPI: exit, active");
    m.entry(1, "edge SPI: entry, came while active");
    m.hardware().end(vcpu(1), m.normal, 40);
    CHECK(m.ack(vcpu(1)) == 40);
    m.hardware().end(vcpu(1), m.normal, 40);
    m.exit(1, "edge SPI: exit, ended twice");
    m.entry(1, "entry, idle");
  }
  SECTION("level SPI") {
    m.exit(1, "exit, idle");
    m.is("level SPI: raise", [&] { (void)m.g.raise(intid{100}); });
    m.entry(1, "level SPI: entry");
    CHECK(m.ack(vcpu(1)) == 100);
    m.exit(1, "level SPI: exit, active");
    m.is("level SPI: lower", [&] { (void)m.g.lower(intid{100}); });
    m.entry(1, "level SPI: entry, active");
    m.hardware().end(vcpu(1), m.normal, 100);
    m.exit(1, "level SPI: exit, ended");
    m.entry(1, "level SPI: entry, ended");
  }
  SECTION("level SPI that stays high") {
    m.exit(1, "exit, idle");
    m.on(1, "level SPI: raise, direct", [&] { (void)m.g.raise(intid{100}); });
    m.entry(1, "level SPI: entry, direct");
    CHECK(m.ack(vcpu(1)) == 100);
    m.hardware().end(vcpu(1), m.normal, 100);
    m.exit(1, "level SPI: exit, ended and high");
    m.entry(1, "level SPI: entry, ended and high");
    m.on_cpu_of(vcpu(1), [&] { m.g.exit(vcpu(1)); });
    m.is("level SPI: lower, pending", [&] { (void)m.g.lower(intid{100}); });
    m.entry(1, "level SPI: entry, fell");
  }
  SECTION("PPIs") {
    m.exit(1, "exit, idle");
    m.on(1, "level PPI: raise, direct", [&] { (void)m.g.raise(vcpu(1), intid{27}); });
    m.on(1, "edge PPI: raise, direct, the second", [&] { (void)m.g.pulse(vcpu(1), intid{20}); });
    m.entry(1, "PPIs: entry");
    for (int k = 0; k < 2; ++k) {
      const u32 i = m.ack(vcpu(1));
      if (i == 27) (void)m.g.lower(vcpu(1), intid{27});
      m.hardware().end(vcpu(1), m.normal, i);
    }
    m.exit(1, "PPIs: exit, both ended");
    m.entry(1, "PPIs: entry, both ended");
  }
  SECTION("linked to a physical interrupt") {
    (void)m.g.link(intid{40});
    m.exit(1, "exit, idle");
    m.is("linked SPI: forward", [&] { (void)m.g.forward(intid{40}); });
    m.entry(1, "linked SPI: entry");
    CHECK(m.ack(vcpu(1)) == 40);
    m.hardware().end(vcpu(1), m.normal, 40);
    m.exit(1, "linked SPI: exit, ended");
    m.entry(1, "linked SPI: entry, ended");
  }
  SECTION("SGIs") {
    for (u32 v = 0; v < 4; ++v) m.on_cpu_of(vcpu(v), [&] { m.g.exit(vcpu(v)); });
    const auto send = [&](u32 targets) {
      if constexpr (m.v2) {
        m.g.write(vcpu(0), guest_address{m.gicd + 0xf00}, width::word, targets << 16 | 5);
      } else {
        u64 x[31] = {};
        x[3] = targets | u64{5} << 24;
        CHECK(m.g.system_register(vcpu(0), u64{syndrome::ec_system_register} << 26 | syndrome::key_icc_sgi1r | 3u << 5,
                                  x) == trap_status::handled);
      }
    };
    m.on(0, "SGI: to one", [&] { send(2); });
    m.on(0, "SGI: to one, pending", [&] { send(2); });
    m.entry(1, "SGI: entry");
    m.on(0, "SGI: to two, one listed", [&] { send(6); });
    const u32 i = m.ack(vcpu(1));
    CHECK((i & 0x3ff) == 5);
    m.hardware().end(vcpu(1), m.normal, i);
    m.exit(1, "SGI: exit, ended and came");
    m.entry(1, "SGI: entry, ended and came");
    m.on(0, "SGI: to itself", [&] { send(1); });
    m.entry(0, "SGI: entry, to itself");
    m.entry(2, "SGI: entry, of two");
  }
}

TEMPLATE_LIST_TEST_CASE("what many interrupts touch", "", counting_policies) {
  counted<TestType> m;
  const auto ends = [&](u32 n) {
    for (u32 k = 0; k < n; ++k) {
      const u32 i = m.ack(vcpu(1));
      CHECK(i != 1023);
      m.hardware().end(vcpu(1), m.normal, i);
    }
  };
  SECTION("two of one bank") {
    m.exit(1, "exit, idle");
    m.pulse(40);
    m.pulse(41);
    m.entry(1, "two: entry");
    ends(2);
    m.exit(1, "two: exit");
    m.entry(1, "two: entry after their end");
  }
  SECTION("one in each of two banks") {
    m.exit(1, "exit, idle");
    m.pulse(40);
    m.pulse(72);
    m.entry(1, "two banks: entry");
    ends(1);
    m.exit(1, "two banks: exit, one ended");
    m.entry(1, "two banks: entry, one ended");
    m.pulse(41);
    m.on_cpu_of(vcpu(1), [&] { m.g.exit(vcpu(1)); });
    m.entry(1, "two banks: entry, another in a bank that is listed");
    m.on_cpu_of(vcpu(1), [&] { m.g.exit(vcpu(1)); });
    m.disable(72);
    m.entry(1, "two banks: entry, one disabled");
  }
  SECTION("more than list registers") {
    m.exit(1, "exit, idle");
    for (u32 i = 40; i < 56; ++i) m.pulse(i);
    for (u32 i = 72; i < 76; ++i) m.pulse(i);
    m.entry(1, "twenty: entry");
    ends(3);
    m.exit(1, "twenty: exit, three ended");
    m.on(1, "twenty: maintenance", [&] { m.g.maintenance(vcpu(1)); });
    m.entry(1, "twenty: entry, three ended");
    m.exit(1, "twenty: exit, none ended");
    m.entry(1, "twenty: entry, none ended");
    m.priority(75, 0x20);
    m.on_cpu_of(vcpu(1), [&] { m.g.exit(vcpu(1)); });
    m.entry(1, "twenty: entry, one more urgent");
    CHECK(m.ack(vcpu(1)) == 75);
    m.hardware().end(vcpu(1), m.normal, 75);
    constexpr const char* later[][2] = {{"twenty: exit, next", "twenty: entry, next"},
                                        {"twenty: exit, fourth", "twenty: entry, fourth"},
                                        {"twenty: exit, fifth", "twenty: entry, fifth"}};
    for (const auto& [exits, enters] : later) {
      ends(2);
      m.exit(1, exits);
      m.entry(1, enters);
    }
  }
  SECTION("all list registers active, all came again, and one more waits") {
    for (u32 i = 40; i < 44; ++i) m.priority(i, 0xa0 - 8 * (i - 40));
    m.settle();
    for (u32 i = 40; i < 44; ++i) {
      m.pulse(i);
      m.settle();
      CHECK(m.ack(vcpu(1)) == i);
    }
    for (u32 i = 40; i < 45; ++i) m.pulse(i);
    m.exit(1, "four active: exit");
    m.entry(1, "four active: entry, all came, and another");
    m.hardware().end(vcpu(1), m.normal, 43);
    CHECK(m.hardware().maintenance(vcpu(1)));  // the end of any of them is to be seen while one waits
    m.exit(1, "four active: exit, one ended");
    m.entry(1, "four active: entry, one ended");
    CHECK(m.ack(vcpu(1)) == 43);
  }
  SECTION("one pending, the others active, all came again, and one more waits") {
    for (u32 i = 40; i < 43; ++i) m.priority(i, 0xa0 - 8 * (i - 39));
    m.settle();
    for (u32 i = 40; i < 43; ++i) {
      m.pulse(i);
      m.settle();
      CHECK(m.ack(vcpu(1)) == i);
    }
    m.pulse(43);
    m.settle();
    for (const u32 i : {40u, 41u, 42u, 44u}) m.pulse(i);
    m.exit(1, "three active: exit");
    m.entry(1, "three active: entry, all came, and another");
    m.hardware().end(vcpu(1), m.normal, 42);
    CHECK(m.hardware().maintenance(vcpu(1)));
    m.exit(1, "three active: exit, one ended");
    m.entry(1, "three active: entry, one ended");
    CHECK(m.ack(vcpu(1)) == 42);
  }
  SECTION("set active by software") {
    m.exit(1, "exit, idle");
    m.on(1, "active: set", [&] { m.g.write(vcpu(1), guest_address{m.bits(m.isactiver, 40)}, width::word, 1u << 8); });
    m.entry(1, "active: entry");
    m.exit(1, "active: exit");
    m.entry(1, "active: entry again");
  }
  SECTION("another vCPU on this CPU") {
    m.pulse(40);
    m.settle();
    m.exit(1, "edge SPI: exit, pending");
    m.on(1, "put", [&] { m.g.put(vcpu(1)); });
    m.on(1, "load", [&] { m.g.load(vcpu(1)); });
    m.entry(1, "entry after load");
    m.exit(1, "edge SPI: exit, pending");
    CHECK(m.take(vcpu(1)) == 40);
    m.pulse(40);
    m.settle();
    m.on(1, "off", [&] { (void)m.g.vcpu_off(vcpu(1)); });
    m.on(1, "on", [&] { (void)m.g.vcpu_on(vcpu(1)); });
    m.on(1, "reset", [&] { m.g.reset(); });
  }
}

TEMPLATE_LIST_TEST_CASE("what registers touch", "", counting_policies) {
  counted<TestType> m;
  m.pulse(40);
  m.pulse(41);
  m.settle();
  m.pulse(76);
  const auto d = [&](u32 offset) { return u64{m.gicd} + offset; };
  const auto private_one = [&](u32 offset) { return m.v2 ? u64{m.gicd} + offset : u64{m.sgi_frame(1)} + offset; };
  SECTION("reads") {
    m.access(0, "read GICD_CTLR", d(0));
    m.access(0, "read GICD_TYPER", d(4));
    m.access(0, "read IGROUPR1", d(0x84));
    m.access(0, "read ISENABLER1", d(0x104));
    m.access(0, "read ISPENDR1", d(0x204));
    m.access(0, "read ISPENDR7", d(0x21c));
    m.access(0, "read ISACTIVER1", d(0x304));
    m.access(0, "read IPRIORITYR10", d(0x428));
    m.access(0, "read IPRIORITYR10, a byte", d(0x429), width::byte);
    m.access(0, "read ICFGR2", d(0xc08));
    m.access(0, "read target of 40", m.v2 ? d(0x828) : d(0x6000 + 8 * 40), m.v2 ? width::word : width::dword);
    m.access(1, "read private ISENABLER", private_one(0x100));
    m.access(1, "read private ISPENDR", private_one(0x200));
    m.access(1, "read private IPRIORITYR", private_one(0x414));
    m.access(1, "read private ICFGR1", private_one(0xc04));
  }
  SECTION("enables") {
    m.access(0, "mask idle", d(0x188), width::word, 1u << 8);
    m.access(0, "unmask idle", d(0x108), width::word, 1u << 8);
    m.access(0, "mask masked", d(0x18c), width::word, 1u << 20);
    m.access(0, "enable 32 that are", d(0x104), width::word, m.bit(m.isenabler, 40) ? 0xff00u : 0u);
    m.access(0, "mask listed", d(0x184), width::word, 1u << 8);
    m.access(0, "unmask that waits", d(0x104), width::word, 1u << 8);
    m.access(1, "mask private", private_one(0x180), width::word, 1u << 20);
    m.access(1, "unmask private", private_one(0x100), width::word, 1u << 20);
  }
  SECTION("pending and active") {
    m.access(0, "set pending what is", d(0x204), width::word, 1u << 8);
    m.access(0, "set pending", d(0x208), width::word, 1u << 8);
    m.access(0, "clear pending", d(0x288), width::word, 1u << 8);
    m.access(0, "clear pending listed", d(0x284), width::word, 1u << 8);
    m.access(0, "set active", d(0x308), width::word, 1u << 8);
    m.access(0, "clear active", d(0x388), width::word, 1u << 8);
    m.access(0, "clear active of none", d(0x388), width::word, 1u << 9);
  }
  SECTION("priorities, groups, configuration, targets") {
    m.access(0, "priority unchanged", d(0x428), width::word, 0xa0a0'a0a0);
    m.access(0, "priority of four", d(0x42c), width::word, 0x4040'4040);
    m.access(0, "priority of one that waits", d(0x428), width::byte, 0x40);
    m.access(0, "priority of one that is idle", d(0x448), width::byte, 0x40);
    m.access(0, "groups of idle", d(0x88), width::word, m.v2 ? 0xffff'0000u : 0xffffu);
    m.access(0, "groups of what waits", d(0x84), width::word, m.v2 ? 0xffff'ffffu : 0u);
    m.access(0, "configuration unchanged", d(0xc08), width::word, m.load(vcpu(0), d(0xc08)));
    m.access(0, "configuration of sixteen", d(0xc10), width::word, 0xaaaa'aaaa);
    if (m.v2) {
      m.access(0, "target of idle", d(0x800 + 74), width::byte, 4);
      m.access(0, "target of what waits", d(0x800 + 41), width::byte, 4);
    } else {
      m.access(0, "target of idle", d(0x6000 + 8 * 74), width::dword, 2);
      m.access(0, "target of what waits", d(0x6000 + 8 * 41), width::dword, 2);
    }
    m.access(0, "CTLR unchanged", d(0), width::word, 3);
    m.access(0, "CTLR off", d(0), width::word, 0);
    m.access(0, "CTLR on", d(0), width::word, 3);
  }
}
