# draw it again: gnuplot loss.gp
set terminal svg noenhanced dynamic size 760,460 font 'sans-serif,13'
set output 'loss.svg'
set encoding utf8
set samples 2
set clip two
set logscale x
set format x '1e%T'
set border 3 lc rgb '#7d838d'
set tics nomirror textcolor rgb '#7d838d'
set grid lc rgb '#7d838d' lw 0.4 dashtype 3
set key outside top center horizontal maxrows 1 samplen 2 width 2 textcolor rgb '#7d838d' noenhanced
set title 'glyphs, mlp:64, Adam' noenhanced textcolor rgb '#7d838d'
set xlabel 'learning rate' noenhanced textcolor rgb '#7d838d'
set ylabel 'loss, smoothed' noenhanced textcolor rgb '#7d838d'
set object rectangle from 0.000251933921647429, graph 0 to 0.0004179139911148146, graph 1 behind fillstyle solid 0.14 noborder fillcolor rgb '#2a9d58'
set arrow from 0.00032447913753103454, graph 0 to 0.00032447913753103454, graph 1.000 nohead front lt 1 lw 1.6 dashtype 1 lc rgb '#2a9d58'
set label 'base_lr' at 0.00032447913753103454, graph 0.965 left offset character 0.4,0 noenhanced front textcolor rgb '#2a9d58' font ',12'
set object rectangle from 0.03322633275511991, graph 0 to 0.04646454466317771, graph 1 behind fillstyle solid 0.14 noborder fillcolor rgb '#d1495b'
set arrow from 0.03929181113532276, graph 0 to 0.03929181113532276, graph 1.000 nohead front lt 1 lw 1.6 dashtype 1 lc rgb '#d1495b'
set label 'max_lr' at 0.03929181113532276, graph 0.915 left offset character 0.4,0 noenhanced front textcolor rgb '#d1495b' font ',12'
set arrow from 0.01964590556766138, graph 0 to 0.01964590556766138, graph 1.000 nohead front lt 1 lw 1.6 dashtype 2 lc rgb '#e08e1b'
set label 'one rate' at 0.01964590556766138, graph 0.865 right offset character -0.4,0 noenhanced front textcolor rgb '#e08e1b' font ',12'
set arrow from 0.006294223945587874, graph 0 to 0.006294223945587874, graph 0.173 nohead front lt 1 lw 1 dashtype 1 lc rgb '#8a8f98'
set label 'fastai_valley' at 0.006294223945587874, graph 0.181 left offset character 0.4,0 noenhanced front textcolor rgb '#8a8f98' font ',9'
set arrow from 0.24765028059482572, graph 0 to 0.24765028059482572, graph 0.025 nohead front lt 1 lw 1 dashtype 1 lc rgb '#8a8f98'
set label 'fastai_slide' at 0.24765028059482572, graph 0.033 right offset character -0.4,0 noenhanced front textcolor rgb '#8a8f98' font ',9'
set arrow from 0.010703595355153082, graph 0 to 0.010703595355153082, graph 0.099 nohead front lt 1 lw 1 dashtype 1 lc rgb '#8a8f98'
set label 'fastai_steep' at 0.010703595355153082, graph 0.107 left offset character 0.4,0 noenhanced front textcolor rgb '#8a8f98' font ',9'
set arrow from 0.01275276839733124, graph 0 to 0.01275276839733124, graph 0.062 nohead front lt 1 lw 1 dashtype 1 lc rgb '#8a8f98'
set label 'fastai_minimum' at 0.01275276839733124, graph 0.070 left offset character 0.4,0 noenhanced front textcolor rgb '#8a8f98' font ',9'
set arrow from 0.0002972106158267706, graph 0 to 0.0002972106158267706, graph 0.210 nohead front lt 1 lw 1 dashtype 1 lc rgb '#8a8f98'
set label 'lightning' at 0.0002972106158267706, graph 0.218 left offset character 0.4,0 noenhanced front textcolor rgb '#8a8f98' font ',9'
set arrow from 0.009373090275486369, graph 0 to 0.009373090275486369, graph 0.136 nohead front lt 1 lw 1 dashtype 1 lc rgb '#8a8f98'
set label 'torch_lr_finder' at 0.009373090275486369, graph 0.144 left offset character 0.4,0 noenhanced front textcolor rgb '#8a8f98' font ',9'
set xrange [9.000000000000007e-05:0.6226478738270431]
set yrange [0.5399458105460349:3.1197937267369302]
plot 'loss.dat' index 0 using 1:2:3 with filledcurves fillstyle solid 0.22 noborder lc rgb '#3d7edb' title '10 to 90 %', \
     'loss.dat' index 1 using 1:2 with lines lw 0.7 lc rgb '#9aa7b8' title 'repeats', \
     'loss.dat' index 2 using 1:2 with lines lw 0.7 lc rgb '#9aa7b8' notitle, \
     'loss.dat' index 3 using 1:2 with lines lw 0.7 lc rgb '#9aa7b8' notitle, \
     'loss.dat' index 4 using 1:2 with lines lw 0.7 lc rgb '#9aa7b8' notitle, \
     'loss.dat' index 5 using 1:2 with lines lw 0.7 lc rgb '#9aa7b8' notitle, \
     'loss.dat' index 6 using 1:2 with lines lw 2.4 lc rgb '#3d7edb' title 'median'
