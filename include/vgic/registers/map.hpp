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

/// Blocks of 128 bytes; a class byte below `mixed_class` is a register group, one above names a table of 32 words.
inline constexpr u32 block_bytes = 128;
inline constexpr u8 mixed_class = 0x80;

/// How many blocks hold more than one group.
template <u32 Blocks, class Rows>
consteval u32 count_mixed(const Rows& rows) {
  table<u8, Blocks> touched{};
  u32 n = 0;
  for (u32 i = 0; i < Rows::size; ++i)
    for (u32 b = rows[i].first / block_bytes; b * block_bytes < rows[i].end; ++b) {
      const bool whole = rows[i].first <= b * block_bytes && rows[i].end >= (b + 1) * block_bytes;
      if (!whole && touched[b] == 0) {
        touched[b] = 1;
        ++n;
      }
    }
  return n;
}

template <u32 Blocks, u32 Mixed>
struct class_tables {
  table<u8, Blocks> block{};
  table<table<u8, 32>, Mixed> words{};
  table<u8, static_cast<u32>(reg::count)> access{};
};

template <u32 Blocks, u32 Mixed, class Rows>
consteval auto make_class_tables(const Rows& rows) {
  class_tables<Blocks, Mixed> t{};
  u8 n = 0;
  for (u32 i = 0; i < Rows::size; ++i) {
    const row& r = rows[i];
    t.access[static_cast<u32>(r.what)] = r.how;
    for (u32 b = r.first / block_bytes; b * block_bytes < r.end; ++b) {
      if (r.first <= b * block_bytes && r.end >= (b + 1) * block_bytes) {
        t.block[b] = static_cast<u8>(r.what);
        continue;
      }
      if (t.block[b] < mixed_class) t.block[b] = static_cast<u8>(mixed_class + n++);
      const u32 from = r.first > b * block_bytes ? r.first - b * block_bytes : 0;
      const u32 to = r.end < (b + 1) * block_bytes ? r.end - b * block_bytes : block_bytes;
      for (u32 at = from; at < to; at += 4) t.words[t.block[b] - mixed_class][at / 4] = static_cast<u8>(r.what);
    }
  }
  return t;
}

}  // namespace detail

/// The register map of one frame, folded. A frame is looked up in blocks of 128 bytes: the register arrays begin and
/// end on such blocks, so that one byte says which group an offset is in. A block that holds several groups says
/// which table of 32 words to ask.
template <u32 FrameSize, class Features, class... RowSets>
struct register_map {
  static constexpr u32 frame_size = FrameSize;
  static constexpr auto rows = detail::fold_rows<Features, RowSets...>();
  static_assert(detail::rows_are_sorted_and_disjoint(rows, FrameSize),
                "register rows must be sorted, disjoint, word aligned and inside their frame");

  static constexpr u32 blocks = FrameSize / detail::block_bytes;
  static constexpr auto classes = detail::make_class_tables<blocks, detail::count_mixed<blocks>(rows)>(rows);

  /// The group that `offset` (below FrameSize) belongs to; `reserved` where no row is.
  [[nodiscard]] static constexpr reg find(u32 offset) {
    const u8 c = classes.block[offset / detail::block_bytes];
    if (c < detail::mixed_class) [[likely]]
      return reg{c};
    return reg{classes.words[c - detail::mixed_class][(offset / 4) % 32]};
  }

  /// How a group of this frame may be accessed: bits of namespace access; 0 for `reserved`.
  [[nodiscard]] static constexpr u8 how(reg r) { return classes.access[static_cast<u32>(r)]; }
};

}  // namespace vgic
