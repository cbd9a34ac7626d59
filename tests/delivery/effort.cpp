// SPDX-License-Identifier: BSL-1.0
// The worst that an entry may find: how much each entry does of it, and that the host is asked for the next one until
// all is done. A figure that is far from its neighbours, or a row that is longer than the state has things to do, is
// what this is for. Figures that are meant to change: a failing test prints the row to put here.
#include "catch.hpp"
#include "support/passes.hpp"

#include <string>
#include <vector>

using namespace tests;

namespace {

constexpr known_passes rows[] = {
    {"nothing in all banks", {"137/0", "139/0", "107/0"}},
    {"nothing in all banks, one listed", {"116/3 55/3", "119/3 57/3", "96/3 45/3"}},
    {"disabled in all banks", {"86/0 80/0 80/0 80/0 31/0", "88/0 82/0 82/0 82/0 33/0", "72/1 67/0 67/0 67/0 28/1"}},
    {"one in each bank",
     {"152/0 150/0 150/0 150/0 146/4 138/7 138/11 138/15 59/16",
      "154/0 152/0 152/0 152/0 148/4 140/7 140/11 140/15 60/16",
      "132/1 130/0 130/0 130/0 129/4 123/7 123/11 123/15 55/16"}},
    {"one in each bank, the last the most urgent",
     {"152/0 150/0 150/0 150/0 114/3 74/4 74/6 74/8 74/10 74/12 74/14 74/16 27/16",
      "154/0 152/0 152/0 152/0 116/3 76/4 76/6 76/8 76/10 76/12 76/14 75/16 28/16",
      "132/1 130/0 130/0 130/0 101/3 67/4 67/6 67/8 67/10 67/12 67/14 66/16 27/16"}},
    {"one in each bank, the first the most urgent",
     {"152/0 150/0 150/0 150/0 114/3 74/4 74/6 74/8 74/10 74/12 74/14 74/16 27/16",
      "154/0 152/0 152/0 152/0 116/3 76/4 76/6 76/8 76/10 76/12 76/14 75/16 28/16",
      "132/1 130/0 130/0 130/0 101/3 67/4 67/6 67/8 67/10 67/12 67/14 66/16 27/16"}},
    {"several in some banks, of two priorities",
     {"170/5 113/10 106/16 27/16", "172/5 115/10 107/16 28/16", "151/5 102/10 94/16 27/16"}},
    {"sixteen edges", {"85/16", "85/16", "82/16"}},
    {"sixteen levels", {"107/16 11/16", "108/16 12/16", "96/16 11/16"}},
    {"sixteen levels, ended and high", {"306/41 49/17", "308/41 50/17", "287/41 45/17"}},
    {"sixteen levels, one ended and high", {"60/18", "61/18", "55/18"}},
    {"sixteen levels, seven ended and high", {"161/30 11/16", "162/30 12/16", "150/30 11/16"}},
    {"sixteen levels, fallen",
     {"127/21 125/16 125/12 125/9 17/0", "133/21 131/16 131/12 131/9 19/0", "128/21 126/16 126/12 126/9 17/1"}},
    {"sixteen linked", {"178/9 151/17 11/16", "180/9 152/17 12/16", "157/9 131/17 11/16"}},
    {"one linked, one not", {"128/2 11/2", "130/2 13/2", "113/2 12/2"}},
    {"twelve levels", {"74/12", "76/12", "68/12"}},
    {"sixteen SGIs", {"92/5 85/8 85/12 85/17 11/16", "60/16 12/16", "56/16 11/16"}},
    {"sixteen SGIs and a PPI, while the SGIs are listed",
     {"77/19 78/17 78/17 75/18 45/16", "80/17 78/16 78/16 78/16 46/16", "79/17 77/16 77/16 77/16 43/16"}},
    {"sixteen levels and two edges beside three", {"92/12 62/16", "94/12 63/16", "83/12 58/16"}},
    {"some ended of more than there is room for", {"133/21", "134/21", "121/21"}},
    {"listed as they were, one bank",
     {"75/17 73/16 73/16 73/16 128/16 23/17", "80/17 78/16 78/16 78/16 129/16 24/17",
      "75/17 73/16 73/16 73/16 99/16 20/17"}},
    {"listed, one disabled, one bank",
     {"87/18 73/15 73/15 73/15 17/16", "92/18 79/15 79/15 79/15 19/16", "87/18 74/15 74/15 74/15 17/16"}},
    {"listed, one enabled again, one bank",
     {"75/16 73/15 73/15 89/17 11/16", "81/16 79/15 79/15 93/17 12/16", "76/16 74/15 74/15 85/17 11/16"}},
    {"listed, all disabled, one bank",
     {"123/21 121/16 121/12 121/9 17/0", "125/21 123/16 123/12 123/9 19/0", "120/21 118/16 118/12 118/9 17/1"}},
    {"listed, all enabled again, one bank", {"55/16", "55/16", "53/16"}},
    {"listed, other priorities, one bank",
     {"75/21 73/20 73/20 73/20 21/17", "80/21 78/20 78/20 78/20 22/17", "75/21 73/20 73/20 73/20 19/17"}},
    {"listed, half changed, and three came, one bank",
     {"75/19 73/18 73/18 73/18 124/18 125/19 78/16", "80/19 78/18 78/18 78/18 125/18 127/19 79/16",
      "75/19 73/18 73/18 73/18 111/18 117/19 71/16"}},
    {"listed, taken back, one bank",
     {"127/21 125/16 125/12 125/9 17/0", "133/21 131/16 131/12 131/9 19/0", "128/21 126/16 126/12 126/9 17/1"}},
    {"listed, taken back, came again, one bank", {"55/16", "55/16", "53/16"}},
    {"listed as they were, sixteen banks",
     {"75/17 73/16 73/16 73/16 84/16 80/16 87/17", "80/17 78/16 78/16 78/16 85/16 81/16 88/17",
      "75/17 73/16 73/16 73/16 69/16 66/16 69/17"}},
    {"listed, one disabled, sixteen banks", {"49/17", "51/17", "48/17"}},
    {"listed, one enabled again, sixteen banks", {"46/16", "47/16", "42/16"}},
    {"listed, all disabled, sixteen banks",
     {"123/21 121/16 121/12 121/9 80/0 80/0 31/0", "125/21 123/16 123/12 123/9 82/0 82/0 33/0",
      "120/21 118/16 118/12 118/9 67/0 67/0 28/1"}},
    {"listed, all enabled again, sixteen banks",
     {"154/0 150/0 146/4 138/7 138/11 138/15 43/17", "156/0 152/0 148/4 140/7 140/11 140/15 44/17",
      "134/1 130/0 129/4 123/7 123/11 123/15 39/17"}},
    {"listed, other priorities, sixteen banks",
     {"75/21 73/20 73/20 73/20 80/16 80/16 31/17", "80/21 78/20 78/20 78/20 81/16 81/16 32/17",
      "75/21 73/20 73/20 73/20 66/16 66/16 27/17"}},
    {"listed, half changed, and three came, sixteen banks",
     {"75/21 73/20 80/16 124/18 125/19 78/16", "80/21 78/20 81/16 125/18 127/19 79/16",
      "75/21 73/20 66/16 111/18 117/19 71/16"}},
    {"listed, taken back, sixteen banks",
     {"127/21 125/16 125/12 125/9 75/0", "133/21 131/16 131/12 131/9 77/0", "128/21 126/16 126/12 126/9 60/1"}},
    {"listed, taken back, came again, sixteen banks",
     {"154/0 150/0 146/4 138/7 138/11 138/15 43/17", "156/0 152/0 148/4 140/7 140/11 140/15 44/17",
      "134/1 130/0 129/4 123/7 123/11 123/15 39/17"}},
    {"sixteen more urgent",
     {"149/20 144/18 125/19 144/18 125/19 144/18 125/19 144/18 125/19 144/18 110/18",
      "151/20 145/18 127/19 145/18 127/19 145/18 127/19 145/18 127/19 145/18 111/18",
      "138/20 129/18 117/19 129/18 117/19 129/18 117/19 129/18 117/19 129/18 102/18"}},
    {"ten more urgent of ten banks",
     {"153/17 154/18 126/19 114/17 126/18 126/19 146/18 126/19 79/16",
      "154/17 155/18 128/19 116/17 127/18 128/19 147/18 128/19 80/16",
      "132/17 137/18 118/19 104/17 114/18 118/19 131/18 118/19 72/16"}},
    {"twelve wait in six banks", {"150/17", "151/17", "132/17"}},
    {"the most urgent of six banks taken back, ten ended",
     {"98/16 106/8 138/13 11/12", "100/16 108/8 140/13 13/12", "90/16 95/8 123/13 12/12"}},
    {"sixteen equally urgent", {"50/17", "51/17", "47/17"}},
    {"sixteen more urgent, three are active",
     {"116/19 119/19 141/18 119/19 141/18 119/19 141/18 119/19 141/18 24/16",
      "117/19 121/19 142/18 121/19 142/18 121/19 142/18 121/19 142/18 25/16",
      "105/19 111/19 126/18 111/19 126/18 111/19 126/18 111/19 126/18 24/16"}},
    {"levels ended: 1",
     {"93/18 73/15 73/15 94/15 90/15 125/17 11/16", "99/18 79/15 79/15 99/15 92/15 126/17 12/16",
      "93/18 74/15 74/15 88/15 74/15 102/17 11/16"}},
    {"levels ended: 2",
     {"94/19 73/14 73/14 94/14 90/14 126/17 11/16", "99/19 79/14 79/14 99/14 92/14 127/17 12/16",
      "93/19 74/14 74/14 88/14 74/14 103/17 11/16"}},
    {"levels ended: 4",
     {"111/21 73/12 73/12 109/12 80/12 108/17 11/16", "115/21 79/12 79/12 113/12 82/12 109/17 12/16",
      "108/21 74/12 74/12 96/12 67/12 89/17 11/16"}},
    {"levels ended: 6",
     {"128/23 73/10 73/10 104/10 80/10 100/17 11/16", "131/23 79/10 79/10 107/10 82/10 101/17 12/16",
      "123/23 74/10 74/10 89/10 67/10 83/17 11/16"}},
    {"levels ended: 7",
     {"144/24 73/9 73/9 106/9 78/9 84/17", "147/24 79/9 79/9 108/9 80/9 85/17", "138/24 74/9 74/9 87/9 65/9 71/17"}},
    {"levels ended: 8",
     {"160/25 73/8 94/8 90/8 132/17 11/16", "163/25 79/8 99/8 92/8 133/17 12/16",
      "153/25 74/8 88/8 74/8 109/17 11/16"}},
    {"levels ended: 12",
     {"224/29 94/4 90/4 132/12 45/17", "227/29 99/4 92/4 134/12 46/17", "213/29 88/4 74/4 110/12 41/17"}},
    {"levels ended, ten banks to look at: 6", {"141/23 80/10 67/17", "143/23 82/10 68/17", "131/23 67/10 59/17"}},
    {"levels ended, ten banks to look at: 7",
     {"147/24 80/9 77/17 11/16", "149/24 82/9 78/17 12/16", "138/24 67/9 67/17 11/16"}},
    {"levels ended, ten banks to look at: 8",
     {"163/25 80/8 78/17 11/16", "165/25 82/8 79/17 12/16", "153/25 67/8 68/17 11/16"}},
    {"seven levels ended and fallen",
     {"163/23 133/12 138/17 11/16", "165/23 135/12 139/17 12/16", "153/23 117/12 122/17 11/16"}},
    {"twenty active of one bank",
     {"60/7 63/11 63/15 63/19 28/17", "62/7 65/11 65/15 65/19 29/17", "56/7 59/11 59/15 59/19 26/17"}},
    {"two active ended of twenty", {"74/22", "75/22", "71/22"}},
    {"sixteen active ended of twenty, and three counted",
     {"287/34 28/0 10/0 45/2 11/2", "289/34 30/0 12/0 47/2 13/2", "285/34 27/0 11/0 42/2 12/2"}},
    {"three ends counted of twenty", {"34/17 32/16 33/16", "35/17 33/16 34/16", "31/17 29/16 30/16"}},
    {"three active of one bank", {"60/3 11/3", "62/3 13/3", "56/3 12/3"}},
    {"one active in each bank",
     {"150/3 64/9 64/10 64/13 64/16 64/19 11/16", "152/3 66/9 66/10 66/13 66/16 65/19 12/16",
      "119/3 59/9 59/10 59/13 59/16 58/19 11/16"}},
    {"sixteen active ended of one in each bank",
     {"287/35 64/9 64/10 64/13 64/16 29/15", "289/35 66/9 66/10 66/13 66/16 31/15",
      "285/35 59/9 59/10 59/13 59/16 28/15"}},
    {"two active in one of all banks",
     {"174/1 50/0 50/0 53/2 33/4", "176/1 52/0 52/0 55/2 35/4", "137/1 43/0 43/0 47/2 31/4"}},
    {"two active, and eighteen pending", {"83/17 27/16", "84/17 28/16", "75/17 27/16"}},
};

template <class C>
struct hard : passes<C> {
  using base = passes<C>;
  using base::v;
  static constexpr u32 banks = 31;

  hard() : base(16, 960) {}

  /// `count` edge-triggered SPIs of bank `w`, from `first` on.
  void edges(u32 w, u32 first, u32 count, u32 priority = 0xa0) {
    for (u32 i = 32 * w + first; i < 32 * w + first + count; ++i) {
      this->edge_spi(i, 1);
      if (priority != 0xa0) this->priority(i, priority);
    }
  }
  /// They come one behind the other, before the vCPU looks.
  struct some {
    u32 w, first, count, priority = 0xa0;
  };
  void pulse_edges(const std::vector<some>& all) {
    for (const some& x : all) edges(x.w, x.first, x.count, x.priority);
    for (const some& x : all)
      for (u32 i = 32 * x.w + x.first; i < 32 * x.w + x.first + x.count; ++i) this->pulse(i);
  }
  void pulse_edges(u32 w, u32 first, u32 count, u32 priority = 0xa0) { pulse_edges({some{w, first, count, priority}}); }
  /// The same in each of banks `from`..`to` - 1: INTID 33 * w, of priority `f(w)`.
  template <class F>
  void pulse_one_each(u32 from, u32 to, F f) {
    std::vector<some> all;
    for (u32 w = from; w < to; ++w) all.push_back({.w = w, .first = w, .count = 1, .priority = f(w)});
    pulse_edges(all);
  }
  /// Sixteen level-sensitive SPIs, INTID 136 to 151.
  void levels() {
    for (u32 i = 136; i < 152; ++i) this->level_spi(i, 1);
  }
  void raises() {
    for (u32 i = 136; i < 152; ++i) this->raise(i);
  }
  /// Both groups off and on again: every vCPU looks at everything.
  void look_at_all() {
    this->gates(0);
    this->gates(3);
  }

  template <class F>
  void is(const std::string& name, F&& f) {
    base::is(rows, name, f);
  }
  void is(const std::string& name) {
    is(name, [this] { this->serve(); });
  }
  /// Takes everything, of the other group than usual too; how much it was.
  [[nodiscard]] std::size_t takes() { return this->take_all(v).size(); }
};

}  // namespace

TEMPLATE_LIST_TEST_CASE("an entry that finds something in all banks does a part of it, and the next ones the rest", "",
                        many_of_all) {
  hard<TestType> m;
  SECTION("nothing") {
    m.look_at_all();
    m.is("nothing in all banks");
    CHECK(m.takes() == 0);
  }
  SECTION("nothing, one is listed") {
    m.pulse_edges(3, 0, 1);
    m.settle();
    m.look_at_all();
    m.is("nothing in all banks, one listed");
    CHECK(m.takes() == 1);
  }
  SECTION("something disabled in each") {
    for (u32 w = 1; w < m.banks; ++w) {
      m.edges(w, 5, 1);
      m.disable(32 * w + 5);
      m.pulse(32 * w + 5);
    }
    m.look_at_all();
    m.is("disabled in all banks");
    CHECK(m.takes() == 0);
    CHECK(m.held() == 0);
  }
  SECTION("one in each, equally urgent") {
    m.pulse_one_each(1, m.banks, [](u32) { return 0xa0u; });
    m.is("one in each bank");
    CHECK(m.held() == 16);
    CHECK(m.takes() == 30);
  }
  SECTION("one in each, the last the most urgent") {
    m.pulse_one_each(1, m.banks, [](u32 w) { return 8 * (31 - w); });
    m.is("one in each bank, the last the most urgent");
    CHECK(m.held() == 16);
    for (u32 w = 15; w < m.banks; ++w) CHECK(m.lr_of(m.v, 33 * w) != 0);
    CHECK(m.takes() == 30);
  }
  SECTION("one in each, the first the most urgent") {
    m.pulse_one_each(1, m.banks, [](u32 w) { return 8 * w; });
    m.is("one in each bank, the first the most urgent");
    for (u32 w = 1; w < 17; ++w) CHECK(m.lr_of(m.v, 33 * w) != 0);
    CHECK(m.takes() == 30);
  }
  SECTION("several in some, of two priorities") {
    m.pulse_edges(
        {{2, 14, 4}, {2, 20, 2, 0x90}, {5, 14, 4}, {5, 20, 2, 0x90}, {8, 14, 4}, {8, 20, 2, 0x90}, {11, 14, 4}});
    m.is("several in some banks, of two priorities");
    CHECK(m.held() == 16);
    CHECK(m.takes() == 22);
  }
}

TEMPLATE_LIST_TEST_CASE("an entry that finds many to list in one bank lists a part of them, and the next ones the rest",
                        "", many_of_all) {
  hard<TestType> m;
  SECTION("edges of both halves") {
    m.pulse_edges(4, 8, 16);
    m.is("sixteen edges");
    CHECK(m.takes() == 16);
  }
  SECTION("levels") {
    m.levels();
    m.raises();
    m.is("sixteen levels");
    CHECK(m.held() == 16);
    m.end_first(16);
    m.is("sixteen levels, ended and high");
    m.end_first(1);
    m.is("sixteen levels, one ended and high");
    m.end_first(7);
    m.is("sixteen levels, seven ended and high");
    for (u32 i = 136; i < 152; ++i) m.lower(i);
    m.is("sixteen levels, fallen");
    CHECK(m.takes() == 0);
  }
  SECTION("linked") {
    for (u32 i = 136; i < 152; ++i) {
      m.link(i);
      m.edge_spi(i, 1);
    }
    for (u32 i = 136; i < 152; ++i) m.forward(i);
    m.is("sixteen linked");
    CHECK(m.held() == 16);
    CHECK(m.takes() == 16);
  }
  SECTION("one linked, and one in another bank") {
    m.link(136);
    m.edges(4, 8, 1);
    m.edges(5, 0, 1);
    m.forward(136);
    m.pulse(160);
    m.is("one linked, one not");
    CHECK(m.takes() == 2);
  }
  SECTION("twelve levels of one half: the entry's effort is all but spent") {
    for (u32 i = 128; i < 140; ++i) m.level_spi(i, 1);
    for (u32 i = 128; i < 140; ++i) m.raise(i);
    m.is("twelve levels");
    CHECK(m.held() == 12);
  }
  SECTION("SGIs") {
    m.edge(20, 1);
    m.enable(20, 1);
    for (u32 n = 0; n < 16; ++n) m.sgi(0, 1, n);
    m.is("sixteen SGIs");
    CHECK(m.held() == 16);
    for (u32 n = 0; n < 16; ++n) m.sgi(n % 3 == 0 ? 2 : 0, 1, n);
    CHECK(m.g.pulse(m.v, intid{20}) == result::ok);
    m.is("sixteen SGIs and a PPI, while the SGIs are listed");
    CHECK(m.takes() >= 17);
  }
  SECTION("beside some that are listed, and more than there is room for") {
    m.levels();
    m.edges(5, 30, 2);
    m.pulse_edges(7, 0, 3);
    m.settle();
    m.raises();
    m.pulse(190);
    m.pulse(191);
    m.is("sixteen levels and two edges beside three");
    CHECK(m.held() == 16);
    m.end_first(4);
    m.is("some ended of more than there is room for");
    CHECK(m.held() == 16);
  }
}

TEMPLATE_LIST_TEST_CASE("an entry compares a part of the list registers with the planes, and the next ones the rest",
                        "", many_of_all) {
  hard<TestType> m;
  const bool of_one_bank = GENERATE(true, false);
  const std::string where = of_one_bank ? ", one bank" : ", sixteen banks";
  std::vector<u32> all;
  for (u32 k = 0; k < 16; ++k) all.push_back(of_one_bank ? 160 + k : 32 * (k + 1) + k);
  for (const u32 i : all) m.edge_spi(i, 1);
  for (const u32 i : all) m.pulse(i);
  m.settle();
  REQUIRE(m.held() == 16);
  SECTION("as they were") {
    m.look_at_all();
    m.is("listed as they were" + where);
    CHECK(m.held() == 16);
  }
  SECTION("one disabled") {
    m.disable(all[3]);
    m.is("listed, one disabled" + where);
    CHECK(m.held() == 15);
    m.enable(all[3]);
    m.is("listed, one enabled again" + where);
  }
  SECTION("all disabled") {
    for (const u32 i : all) m.disable(i);
    m.is("listed, all disabled" + where);
    CHECK(m.held() == 0);
    for (const u32 i : all) m.enable(i);
    m.is("listed, all enabled again" + where);
  }
  SECTION("other priorities") {
    for (const u32 i : all) m.priority(i, 0x80 + i % 2 * 8);
    m.is("listed, other priorities" + where);
  }
  SECTION("half of them as they were, half changed, and a few more urgent ones") {
    m.edges(20, 3, 3, 0x20);
    for (u32 k = 0; k < 16; k += 2) m.priority(all[k], 0xc0);
    for (u32 i = 643; i < 646; ++i) m.pulse(i);
    m.is("listed, half changed, and three came" + where);
    for (u32 i = 643; i < 646; ++i) CHECK(m.lr_of(m.v, i) != 0);
    all.insert(all.end(), {643, 644, 645});
  }
  SECTION("taken back") {
    for (const u32 i : all) m.set(m.icpendr, i);
    m.is("listed, taken back" + where);
    CHECK(m.held() == 0);
    for (const u32 i : all) m.pulse(i);
    m.is("listed, taken back, came again" + where);
  }
  CHECK(m.takes() == all.size());
}

TEMPLATE_LIST_TEST_CASE("an entry makes way for a part of what is more urgent, and the next ones for the rest", "",
                        many_of_all) {
  hard<TestType> m;
  m.pulse_edges(5, 0, 16);
  m.settle();
  REQUIRE(m.held() == 16);
  SECTION("sixteen of one bank") {
    m.pulse_edges(3, 8, 16, 0x40);
    m.is("sixteen more urgent");
    for (u32 i = 104; i < 120; ++i) CHECK(m.lr_of(m.v, i) != 0);
    CHECK(m.takes() == 32);
  }
  SECTION("one in each of ten banks") {
    m.pulse_one_each(10, 20, [](u32 w) { return 0x40 + 8 * (w % 3); });
    m.is("ten more urgent of ten banks");
    for (u32 w = 10; w < 20; ++w) CHECK(m.lr_of(m.v, 33 * w) != 0);
    CHECK(m.takes() == 26);
  }
  SECTION("what was the most urgent is taken back while it waits") {
    for (u32 w = 10; w < 16; ++w) {
      m.edges(w, 3, 1, 0xb0);
      m.edges(w, 20, 1, 0xc0 + 8 * (w % 2));
    }
    for (u32 w = 10; w < 16; ++w)
      for (const u32 n : {3u, 20u}) m.pulse(32 * w + n);
    m.is("twelve wait in six banks");
    for (u32 w = 10; w < 16; ++w) m.set(m.icpendr, 32 * w + 3);
    m.end_first(10);
    m.is("the most urgent of six banks taken back, ten ended");
    CHECK(m.held() == 12);
  }
  SECTION("equally urgent") {
    m.pulse_edges(3, 8, 16);
    m.is("sixteen equally urgent");
    CHECK(m.takes() == 32);
  }
  SECTION("some of the list registers are active") {
    for (u32 k = 0; k < 3; ++k) {
      m.priority(160 + k, 0x90 - 8 * k);
      m.settle();
      CHECK(m.ack(m.v) == 160 + k);
    }
    m.pulse_edges(3, 8, 16, 0x40);
    m.is("sixteen more urgent, three are active");
    CHECK(m.held() == 16);
    for (u32 i = 104; i < 117; ++i) CHECK(m.lr_of(m.v, i) != 0);
  }
}

TEMPLATE_LIST_TEST_CASE("what the exit did is taken off what the entry does", "", many_of_all) {
  hard<TestType> m;
  const u32 ended = GENERATE(1u, 2u, 4u, 6u, 7u, 8u, 12u);
  m.levels();
  for (u32 w = 10; w < 20; ++w) {
    m.edges(w, w, 1, 0x40);
    m.disable(33 * w);
    m.pulse(33 * w);
  }
  m.raises();
  m.settle();
  REQUIRE(m.held() == 16);
  m.end_first(ended);
  m.look_at_all();
  m.is("levels ended: " + std::to_string(ended));
  CHECK(m.held() == 16);
}

TEMPLATE_LIST_TEST_CASE("what the exit did is taken off the banks that the entry looks at", "", many_of_all) {
  hard<TestType> m;
  const u32 ended = GENERATE(6u, 7u, 8u);
  m.levels();
  for (u32 w = 10; w < 20; ++w) {
    m.edges(w, w, 1, 0x40);
    m.disable(33 * w);
    m.pulse(33 * w);
  }
  m.raises();
  m.settle();
  REQUIRE(m.held() == 16);
  m.end_first(ended);
  for (u32 w = 10; w < 20; ++w) {
    m.enable(33 * w);
    m.disable(33 * w);
  }
  m.is("levels ended, ten banks to look at: " + std::to_string(ended));
  CHECK(m.held() == 16);
}

// Seven levels end, and fall before the entry: it looks at their banks for nothing.
TEMPLATE_LIST_TEST_CASE("an entry does a little at least, however much was done before it", "", many_of_all) {
  hard<TestType> m;
  for (u32 w = 10; w < 17; ++w) m.level_spi(32 * w, 1);
  m.edges(4, 0, 9);
  m.edges(16, 1, 1, 0xb0);
  for (u32 w = 20; w < 26; ++w) m.edges(w, 0, 1, 0xc0);
  for (u32 w = 10; w < 17; ++w) m.raise(32 * w);
  for (u32 i = 128; i < 137; ++i) m.pulse(i);
  m.settle();
  m.serve_maintenance(m.v);
  REQUIRE(m.held() == 16);
  m.pulse(513);
  for (u32 w = 20; w < 26; ++w) m.pulse(32 * w);
  m.settle();
  for (auto& w : m.hardware().at(m.v).lr)
    if (raw(booted<TestType>::format::id(w)) >= 320) w = booted<TestType>::format::state(w, lr_state::invalid);
  m.is("seven levels ended and fallen", [&] {
    for (u32 w = 10; w < 17; ++w) m.lower(32 * w);
  });
  CHECK(m.held() == 16);
  CHECK(m.takes() == 16);
}

TEMPLATE_LIST_TEST_CASE(
    "an entry puts a part of what is active by software into list registers, and the next ones more", "", many_of_all) {
  hard<TestType> m;
  SECTION("of one bank") {
    m.edges(3, 10, 20);
    for (u32 i = 106; i < 126; ++i) m.set(m.isactiver, i);
    m.is("twenty active of one bank");
    CHECK(m.held() == 16);
    SECTION("some were ended") {
      m.end_first(2);
      m.is("two active ended of twenty");
      CHECK(m.held() == 16);
    }
    SECTION("all that are in list registers were ended, and more") {
      m.end_first(16);
      m.hardware().at(m.v).hcr += 3u << hcr::eoicount_shift;
      m.is("sixteen active ended of twenty, and three counted");
      CHECK(m.held() == 1);
    }
    SECTION("ends were counted") {
      m.hardware().at(m.v).hcr += 3u << hcr::eoicount_shift;
      m.is("three ends counted of twenty");
      CHECK(m.held() == 16);
      CHECK(m.load(vcpu(0), m.bits(m.isactiver, 96)) == 0x23ff'fc00);
    }
  }
  SECTION("the first three of one bank") {
    m.edges(3, 0, 3);
    for (u32 i = 96; i < 99; ++i) m.set(m.isactiver, i);
    m.is("three active of one bank");
    CHECK(m.held() == 3);
  }
  SECTION("of all banks") {
    for (u32 w = 1; w < m.banks; ++w) m.edges(w, w, 1);
    for (u32 w = 1; w < m.banks; ++w) m.set(m.isactiver, 33 * w);
    m.is("one active in each bank");
    CHECK(m.held() == 16);
    m.end_first(16);
    m.is("sixteen active ended of one in each bank");
    CHECK(m.held() == 14);
  }
  SECTION("of the last banks, all others were looked at in vain") {
    m.edges(29, 2, 2);
    m.set(m.isactiver, 930);
    m.set(m.isactiver, 931);
    m.look_at_all();
    m.is("two active in one of all banks");
    CHECK(m.held() == 2);
  }
  SECTION("and more are pending than there is room for") {
    m.edges(4, 0, 2);
    m.edges(3, 0, 18);
    for (u32 i = 96; i < 114; ++i) m.pulse(i);
    m.set(m.isactiver, 128);
    m.set(m.isactiver, 129);
    m.is("two active, and eighteen pending");
    CHECK(m.takes() == 18);
    CHECK(m.held() == 2);
  }
}
