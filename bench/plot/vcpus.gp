# SPDX-License-Identifier: BSL-1.0
# What one delivery costs against how many vCPUs there are.
set terminal svg size 760,440 dynamic font "sans-serif,14"
load plots."/common.gp"
set output out."/vcpus.svg"
set title "One interrupt to the last of N vCPUs, from its cause to its end" textcolor rgb "#1f2328"
set xlabel "vCPUs of the VM" textcolor rgb "#1f2328"
set ylabel "instructions" textcolor rgb "#1f2328"
set logscale x 2
set xrange [0.9:580]
set yrange [0:*]
set xtics (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
set key bottom right
plot data."/vcpus-sgi.tsv" using (strcol(1) eq "GICv3" ? $2 : NaN):3 with linespoints lt 1 title "GICv3, SGI", \
     data."/vcpus-sgi.tsv" using (strcol(1) eq "GICv2" ? $2 : NaN):3 with linespoints lt 2 title "GICv2, SGI", \
     data."/vcpus-spi.tsv" using (strcol(1) eq "GICv3" ? $2 : NaN):3 with linespoints lt 3 title "GICv3, edge SPI", \
     data."/vcpus-spi.tsv" using (strcol(1) eq "GICv2" ? $2 : NaN):3 with linespoints lt 4 title "GICv2, edge SPI"
