# SPDX-License-Identifier: BSL-1.0
# Called first by each plot. The colours are those of a light page; `draw` adds what a dark one needs.
set encoding utf8
set datafile separator "\t"
set linetype 1 lc rgb "#2f6fb0" lw 2.2 pt 7 ps 0.7
set linetype 2 lc rgb "#c2620e" lw 2.2 pt 5 ps 0.7
set linetype 3 lc rgb "#2f6fb0" lw 2.2 pt 6 ps 0.7 dt (6,4)
set linetype 4 lc rgb "#c2620e" lw 2.2 pt 4 ps 0.7 dt (6,4)
set linetype 5 lc rgb "#6e7781" lw 1.4 dt (3,4)
set border 3 lc rgb "#59636e" lw 1
set tics nomirror out textcolor rgb "#1f2328"
set grid ytics lc rgb "#d0d7de" lw 0.7
set key textcolor rgb "#1f2328" samplen 3
