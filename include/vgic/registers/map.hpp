// SPDX-License-Identifier: BSL-1.0
/// \file
/// From rows of a register map, as one reads them in the architecture, to the tables that a trap is looked up in.
#pragma once

#include <vgic/features.hpp>
#include <vgic/registers/names.hpp>
#include <vgic/types.hpp>

#include <boost/hana/bool.hpp>
#include <boost/hana/filter.hpp>
#include <boost/hana/unpack.hpp>

namespace vgic {

/// How a register group may be accessed: direction, and the widths that the architecture allows.
namespace access {
inline constexpr u8 b = 1;  // byte
inline constexpr u8 h = 2;  // halfword
inline constexpr u8 w = 4;  // word
inline constexpr u8 d = 8;  // doubleword
inline constexpr u8 ro = 0x10;
inline constexpr u8 wo = 0x20;
inline constexpr u8 rw = ro | wo;
}  // namespace access

/// One row of a register map: offsets `first` up to, not including, `end`.
struct row {
  u32 first;
  u32 end;
  reg what;
  u8 how;  ///< bits of namespace access
};

/// A set of rows that is there whenever the version is; row sets of a feature name it instead.
struct always {};

namespace detail {

/// A fixed array, because <array> is a heavy include.
template <class T, u32 N>
struct table {
  T items[N == 0 ? 1 : N]{};
  static constexpr u32 size = N;
  [[nodiscard]] constexpr const T& operator[](u32 i) const { return items[i]; }
  [[nodiscard]] constexpr T& operator[](u32 i) { return items[i]; }
};

template <class RowSet>
inline constexpr u32 rows_in = sizeof(RowSet::rows) / sizeof(row);

template <class Feature, class Features>
inline constexpr bool wanted = Features::template has<Feature>;
template <class Features>
inline constexpr bool wanted<always, Features> = true;

/// The rows of those sets whose feature is present, in order of their offsets.
template <class Features, class... RowSets>
consteval auto fold_rows() {
  constexpr auto present = boost::hana::filter(boost::hana::tuple_t<RowSets...>, [](auto set) {
    return boost::hana::bool_c<wanted<typename decltype(set)::type::feature, Features>>;
  });
  return boost::hana::unpack(present, [](auto... set) {
    table<row, (0 + ... + rows_in<typename decltype(set)::type>)> all{};
    u32 n = 0;
    auto append = [&](const auto& rows) {
      for (const row& r : rows) all[n++] = r;
    };
    (append(decltype(set)::type::rows), ...);
    for (u32 i = 1; i < n; ++i)
      for (u32 j = i; j != 0 && all[j].first < all[j - 1].first; --j) {
        const row t = all[j];
        all[j] = all[j - 1];
        all[j - 1] = t;
      }
    return all;
  });
}

/// Row `i` begins where an earlier one has not ended, is empty, not word aligned, or leaves the frame.
template <class Rows>
consteval bool rows_are_sorted_and_disjoint(const Rows& rows, u32 frame_size) {
  u32 at = 0;
  for (u32 i = 0; i < Rows::size; ++i) {
    if (rows[i].first < at || rows[i].end <= rows[i].first || rows[i].first % 4 != 0 || rows[i].end % 4 != 0)
      return false;
    at = rows[i].end;
  }
  return at <= frame_size;
}

/// Does every row of a group allow the same accesses as its first?
template <class Rows>
consteval bool rows_of_a_group_agree(const Rows& rows) {
  table<u8, static_cast<u32>(reg::count)> how{};
  for (u32 i = 0; i < Rows::size; ++i) {
    u8& of_group = how[static_cast<u32>(rows[i].what)];
    if (of_group == 0) of_group = rows[i].how;
    if (of_group != rows[i].how) return false;
  }
  return true;
}

/// All frames keep their registers in the first 4 KiB, but for GICD_IROUTER and the identification registers.
inline constexpr u32 low_bytes = 0x1000;

/// The slot of each word of the first 4 KiB, the group that each slot stands for, and how each group may be accessed.
/// Slots number the groups of one frame without gaps, so that a switch over them needs no range check.
struct class_tables {
  table<u8, low_bytes / 4> low{};
  table<u8, static_cast<u32>(reg::count)> group{};
  table<u8, static_cast<u32>(reg::count)> slot{};
  table<u8, static_cast<u32>(reg::count)> access{};
};

template <class Rows>
consteval class_tables make_class_tables(const Rows& rows) {
  class_tables t{};
  for (u32 r = 1; r < static_cast<u32>(reg::count); ++r) t.slot[r] = static_cast<u8>(0x80 + r);  // in no row
  u8 slots = 1;                                                                                  // slot 0 is `reserved`
  for (u32 i = 0; i < Rows::size; ++i) {
    const u32 what = static_cast<u32>(rows[i].what);
    t.access[what] = rows[i].how;
    if (t.slot[what] >= 0x80) {
      t.group[slots] = static_cast<u8>(what);
      t.slot[what] = slots++;
    }
    for (u32 at = rows[i].first; at < rows[i].end && at < low_bytes; at += 4) t.low[at / 4] = t.slot[what];
  }
  return t;
}

/// The group of each word of the first 4 KiB, for a frame with so many groups that they are their own slots.
template <class Rows>
consteval auto make_low_groups(const Rows& rows) {
  table<u8, low_bytes / 4> t{};
  for (u32 i = 0; i < Rows::size; ++i)
    for (u32 at = rows[i].first; at < rows[i].end && at < low_bytes; at += 4) t[at / 4] = static_cast<u8>(rows[i].what);
  return t;
}

}  // namespace detail

/// The register map of one frame, folded: one byte a word says which group an offset is in.
template <u32 FrameSize, class Features, class... RowSets>
struct register_map {
  static constexpr u32 frame_size = FrameSize;
  static constexpr auto rows = detail::fold_rows<Features, RowSets...>();
  static_assert(detail::rows_are_sorted_and_disjoint(rows, FrameSize),
                "register rows must be sorted, disjoint, word aligned and inside their frame");
  static_assert(detail::rows_of_a_group_agree(rows), "all rows of a register group must allow the same accesses");
  static constexpr auto classes = detail::make_class_tables(rows);
  static constexpr auto low_groups = detail::make_low_groups(rows);

  /// The group that `offset` (below FrameSize) belongs to; `reserved` where no row is.
  [[nodiscard, gnu::always_inline]] static constexpr reg find(u32 offset) {
    if (offset < detail::low_bytes) [[likely]]
      return find_low_group(offset / 4);
    return find_high<0>(offset);
  }

  /// The group, or the slot, of word `index` of the first 4 KiB.
  static constexpr u32 low_words = detail::low_bytes / 4;
  [[nodiscard, gnu::always_inline]] static constexpr reg find_low_group(u64 index) {
    return reg{low_groups.items[index]};
  }
  [[nodiscard, gnu::always_inline]] static constexpr u8 find_low(u64 index) { return classes.low.items[index]; }
  [[nodiscard]] static constexpr reg group(u8 slot) { return reg{classes.group[slot]}; }
  /// The slot of a group, for the cases of a switch; a group that is in no row has one that no word has.
  [[nodiscard]] static consteval u8 slot(reg r) { return classes.slot[static_cast<u32>(r)]; }
  [[nodiscard]] static constexpr u8 slot_of(reg r) { return classes.slot[static_cast<u32>(r)]; }

  /// How a group of this frame may be accessed: bits of namespace access; 0 for `reserved`.
  [[nodiscard]] static constexpr u8 how(reg r) { return classes.access[static_cast<u32>(r)]; }

 private:
  /// The few rows above the first 4 KiB: a compare each, unrolled by recursion.
  template <u32 I>
  [[nodiscard]] static constexpr reg find_high(u32 offset) {
    if constexpr (I == rows.size) {
      return reg::reserved;
    } else {
      constexpr row r = rows[I];
      if constexpr (r.first >= detail::low_bytes)
        if (offset - r.first < r.end - r.first) return r.what;
      return find_high<I + 1>(offset);
    }
  }
};

}  // namespace vgic
