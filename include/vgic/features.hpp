// SPDX-License-Identifier: BSL-1.0
/// \file
/// The feature policy: what is in the set has code and state, what is not has neither.
#pragma once

#include <boost/hana/contains.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>

namespace vgic {

/// Message-signalled SPIs: GICD_SETSPI_NSR and GICD_CLRSPI_NSR (GICD_TYPER.MBIS). GICv3.
struct message_spis {};
/// GICD_STATUSR and GICR_STATUSR record accesses that the architecture does not define. GICv3.
struct status_registers {};
/// 1-of-N: an SPI with several possible targets goes to one that takes interrupts now (GICD_TYPER.No1N = 0,
/// GICR_CTLR.DPG*; GICv2: several bits in GICD_ITARGETSR). Without it GICv2 uses the lowest target alone.
struct one_of_n {};
/// After reset every interrupt is in group 1, for guests that never write IGROUPR (GICv3).
struct reset_to_group1 {};

namespace detail {
inline constexpr auto known_features = boost::hana::tuple_t<message_spis, status_registers, one_of_n, reset_to_group1>;
}

/// A set of features.
template <class... Features>
struct features {
  static constexpr auto set = boost::hana::tuple_t<Features...>;

  template <class Feature>
  static constexpr bool has = decltype(boost::hana::contains(set, boost::hana::type_c<Feature>))::value;

  /// Every member is a feature that the library knows.
  static constexpr bool known =
      (true && ... && decltype(boost::hana::contains(detail::known_features, boost::hana::type_c<Features>))::value);
};

}  // namespace vgic
