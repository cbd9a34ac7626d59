# SPDX-License-Identifier: BSL-1.0
# What a trap costs, a pair of bars for each register access; the tick beside a bar is the cost with every SPI pending.
load plots."/common.gp"
set datafile missing "-"
stats data."/traps.tsv" using 0 nooutput
rows = STATS_records
set terminal svg size 860,90+26*rows dynamic noenhanced font "sans-serif,13"
set output out."/traps.svg"
set title "One access, decoded; the mark: with all 256 SPIs pending" textcolor rgb "#1f2328"
set xlabel "instructions (logarithmic)" textcolor rgb "#1f2328"
set logscale x 10
set xrange [5:3000]
set xtics (5, 10, 20, 50, 100, 200, 500, 1000, 2000)
set yrange [rows-0.4:-0.6]
set border 1
set grid noytics
set grid xtics lc rgb "#d0d7de" lw 0.7
set ytics scale 0
set key top right inside vertical
set style fill solid 1 noborder
plot data."/traps.tsv" using (5):0:(5):2:($0-0.36):($0-0.04):ytic(1) with boxxyerror lc rgb "#2f6fb0" title "GICv3", \
     data."/traps.tsv" using (5):0:(5):3:($0+0.04):($0+0.36) with boxxyerror lc rgb "#c2620e" title "GICv2", \
     data."/traps.tsv" using 4:($0-0.4):(0):(0.4) with vectors nohead lc rgb "#1f2328" lw 1.6 notitle, \
     data."/traps.tsv" using 5:($0):(0):(0.4) with vectors nohead lc rgb "#1f2328" lw 1.6 notitle, \
     data."/traps.tsv" using 2:($0-0.2):(sprintf("  %.0f", $2)) with labels left font ",9" textcolor rgb "#59636e" notitle, \
     data."/traps.tsv" using 3:($0+0.2):(sprintf("  %.0f", $3)) with labels left font ",9" textcolor rgb "#59636e" notitle
