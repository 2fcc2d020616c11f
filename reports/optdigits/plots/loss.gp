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
set title 'UCI digits, mlp:64, SGD' noenhanced textcolor rgb '#7d838d'
set xlabel 'learning rate' noenhanced textcolor rgb '#7d838d'
set ylabel 'loss, smoothed' noenhanced textcolor rgb '#7d838d'
set object rectangle from 0.005135909942685759, graph 0 to 0.006357571317292775, graph 1 behind fillstyle solid 0.14 noborder fillcolor rgb '#2a9d58'
set arrow from 0.005714185308494796, graph 0 to 0.005714185308494796, graph 1.000 nohead front lt 1 lw 1.6 dashtype 1 lc rgb '#2a9d58'
set label 'base_lr' at 0.005714185308494796, graph 0.965 left offset character 0.4,0 noenhanced front textcolor rgb '#2a9d58' font ',12'
set object rectangle from 0.43564385599288635, graph 0 to 0.5097840668841087, graph 1 behind fillstyle solid 0.14 noborder fillcolor rgb '#d1495b'
set arrow from 0.47125820589261747, graph 0 to 0.47125820589261747, graph 1.000 nohead front lt 1 lw 1.6 dashtype 1 lc rgb '#d1495b'
set label 'max_lr' at 0.47125820589261747, graph 0.915 left offset character 0.4,0 noenhanced front textcolor rgb '#d1495b' font ',12'
set arrow from 0.23562910294630873, graph 0 to 0.23562910294630873, graph 1.000 nohead front lt 1 lw 1.6 dashtype 2 lc rgb '#e08e1b'
set label 'one rate' at 0.23562910294630873, graph 0.865 right offset character -0.4,0 noenhanced front textcolor rgb '#e08e1b' font ',12'
set arrow from 0.09611902385950087, graph 0 to 0.09611902385950087, graph 0.099 nohead front lt 1 lw 1 dashtype 1 lc rgb '#8a8f98'
set label 'fastai_valley' at 0.09611902385950087, graph 0.107 left offset character 0.4,0 noenhanced front textcolor rgb '#8a8f98' font ',9'
set arrow from 0.9341384172439575, graph 0 to 0.9341384172439575, graph 0.025 nohead front lt 1 lw 1 dashtype 1 lc rgb '#8a8f98'
set label 'fastai_slide' at 0.9341384172439575, graph 0.033 left offset character 0.4,0 noenhanced front textcolor rgb '#8a8f98' font ',9'
set arrow from 0.014903889968991283, graph 0 to 0.014903889968991283, graph 0.173 nohead front lt 1 lw 1 dashtype 1 lc rgb '#8a8f98'
set label 'fastai_steep' at 0.014903889968991283, graph 0.181 left offset character 0.4,0 noenhanced front textcolor rgb '#8a8f98' font ',9'
set arrow from 0.15742509365081786, graph 0 to 0.15742509365081786, graph 0.062 nohead front lt 1 lw 1 dashtype 1 lc rgb '#8a8f98'
set label 'fastai_minimum' at 0.15742509365081786, graph 0.070 left offset character 0.4,0 noenhanced front textcolor rgb '#8a8f98' font ',9'
set arrow from 0.006323028821498158, graph 0 to 0.006323028821498158, graph 0.210 nohead front lt 1 lw 1 dashtype 1 lc rgb '#8a8f98'
set label 'lightning' at 0.006323028821498158, graph 0.218 left offset character 0.4,0 noenhanced front textcolor rgb '#8a8f98' font ',9'
set arrow from 0.03512967292834642, graph 0 to 0.03512967292834642, graph 0.136 nohead front lt 1 lw 1 dashtype 1 lc rgb '#8a8f98'
set label 'torch_lr_finder' at 0.03512967292834642, graph 0.144 left offset character 0.4,0 noenhanced front textcolor rgb '#8a8f98' font ',9'
set xrange [0.003000000000000001:3.0000000000000013]
set yrange [-0.952984617464377:4.259710872204613]
plot 'loss.dat' index 0 using 1:2:3 with filledcurves fillstyle solid 0.22 noborder lc rgb '#3d7edb' title '10 to 90 %', \
     'loss.dat' index 1 using 1:2 with lines lw 0.7 lc rgb '#9aa7b8' title 'repeats', \
     'loss.dat' index 2 using 1:2 with lines lw 0.7 lc rgb '#9aa7b8' notitle, \
     'loss.dat' index 3 using 1:2 with lines lw 0.7 lc rgb '#9aa7b8' notitle, \
     'loss.dat' index 4 using 1:2 with lines lw 0.7 lc rgb '#9aa7b8' notitle, \
     'loss.dat' index 5 using 1:2 with lines lw 0.7 lc rgb '#9aa7b8' notitle, \
     'loss.dat' index 6 using 1:2 with lines lw 2.4 lc rgb '#3d7edb' title 'median'
