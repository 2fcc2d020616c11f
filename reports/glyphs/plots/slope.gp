# draw it again: gnuplot slope.gp
set terminal svg noenhanced dynamic size 760,460 font 'sans-serif,13'
set output 'slope.svg'
set encoding utf8
set samples 2
set clip two
set logscale x
set format x '1e%T'
set border 3 lc rgb '#7d838d'
set tics nomirror textcolor rgb '#7d838d'
set grid lc rgb '#7d838d' lw 0.4 dashtype 3
set key outside top center horizontal maxrows 1 samplen 2 width 2 textcolor rgb '#7d838d' noenhanced
unset key
set title 'glyphs, mlp:64, Adam' noenhanced textcolor rgb '#7d838d'
set xlabel 'learning rate' noenhanced textcolor rgb '#7d838d'
set ylabel 'change of loss per decade' noenhanced textcolor rgb '#7d838d'
set object rectangle from 0.000251933921647429, graph 0 to 0.0004179139911148146, graph 1 behind fillstyle solid 0.14 noborder fillcolor rgb '#2a9d58'
set arrow from 0.00032447913753103454, graph 0 to 0.00032447913753103454, graph 1.000 nohead front lt 1 lw 1.6 dashtype 1 lc rgb '#2a9d58'
set label 'base_lr' at 0.00032447913753103454, graph 0.965 left offset character 0.4,0 noenhanced front textcolor rgb '#2a9d58' font ',12'
set object rectangle from 0.03322633275511991, graph 0 to 0.04646454466317771, graph 1 behind fillstyle solid 0.14 noborder fillcolor rgb '#d1495b'
set arrow from 0.03929181113532276, graph 0 to 0.03929181113532276, graph 1.000 nohead front lt 1 lw 1.6 dashtype 1 lc rgb '#d1495b'
set label 'max_lr' at 0.03929181113532276, graph 0.915 left offset character 0.4,0 noenhanced front textcolor rgb '#d1495b' font ',12'
set arrow from 0.01964590556766138, graph 0 to 0.01964590556766138, graph 1.000 nohead front lt 1 lw 1.6 dashtype 2 lc rgb '#e08e1b'
set label 'one rate' at 0.01964590556766138, graph 0.865 right offset character -0.4,0 noenhanced front textcolor rgb '#e08e1b' font ',12'
set xrange [9.000000000000007e-05:0.6226478738270431]
set yrange [-1.6017067057793746:3.0484095368059063]
plot 'slope.dat' index 0 using 1:2 with lines lw 1.6 lc rgb '#8e5bd0' title 'slope of the median'
