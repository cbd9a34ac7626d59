# SPDX-License-Identifier: BSL-1.0
# What one delivery costs against how many are pending.
set terminal svg size 760,440 dynamic font "sans-serif,14"
load plots."/common.gp"
set output out."/pending.svg"
set title "One of N pending SPIs, from raise to end, 4 list registers" textcolor rgb "#1f2328"
set xlabel "SPIs pending on one vCPU" textcolor rgb "#1f2328"
set ylabel "instructions for each" textcolor rgb "#1f2328"
set logscale x 2
set xrange [0.9:1100]
set yrange [0:*]
set xtics (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 960)
set key at graph 0.99,0.9 right top spacing 0.9
budget(x) = 120
plot data."/pending.tsv" using (strcol(1) eq "GICv3" ? $2 : NaN):3 with linespoints lt 1 title "GICv3, one priority", \
     data."/pending.tsv" using (strcol(1) eq "GICv2" ? $2 : NaN):3 with linespoints lt 2 title "GICv2, one priority", \
     data."/pending-mixed.tsv" using (strcol(1) eq "GICv3" ? $2 : NaN):3 with linespoints lt 3 title "GICv3, 31 priorities in turn", \
     data."/pending-mixed.tsv" using (strcol(1) eq "GICv2" ? $2 : NaN):3 with linespoints lt 4 title "GICv2, 31 priorities in turn", \
     budget(x) with lines lt 5 title "budget"
