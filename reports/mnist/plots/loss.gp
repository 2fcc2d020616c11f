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
set title 'MNIST, mlp:256,128, momentum' noenhanced textcolor rgb '#7d838d'
set xlabel 'learning rate' noenhanced textcolor rgb '#7d838d'
set ylabel 'loss, smoothed' noenhanced textcolor rgb '#7d838d'
set object rectangle from 0.0006704353026364577, graph 0 to 0.001030021254461246, graph 1 behind fillstyle solid 0.14 noborder fillcolor rgb '#2a9d58'
set arrow from 0.0008310009695883088, graph 0 to 0.0008310009695883088, graph 1.000 nohead front lt 1 lw 1.6 dashtype 1 lc rgb '#2a9d58'
set label 'base_lr' at 0.0008310009695883088, graph 0.965 left offset character 0.4,0 noenhanced front textcolor rgb '#2a9d58' font ',12'
set object rectangle from 0.048128715451149044, graph 0 to 0.06710015132516475, graph 1 behind fillstyle solid 0.14 noborder fillcolor rgb '#d1495b'
set arrow from 0.056828198016987096, graph 0 to 0.056828198016987096, graph 1.000 nohead front lt 1 lw 1.6 dashtype 1 lc rgb '#d1495b'
set label 'max_lr' at 0.056828198016987096, graph 0.915 left offset character 0.4,0 noenhanced front textcolor rgb '#d1495b' font ',12'
set arrow from 0.02620086549335702, graph 0 to 0.02620086549335702, graph 1.000 nohead front lt 1 lw 1.6 dashtype 2 lc rgb '#e08e1b'
set label 'one rate' at 0.02620086549335702, graph 0.865 right offset character -0.4,0 noenhanced front textcolor rgb '#e08e1b' font ',12'
set arrow from 0.013856753706932066, graph 0 to 0.013856753706932066, graph 0.099 nohead front lt 1 lw 1 dashtype 1 lc rgb '#8a8f98'
set label 'fastai_valley' at 0.013856753706932066, graph 0.107 left offset character 0.4,0 noenhanced front textcolor rgb '#8a8f98' font ',9'
set arrow from 0.1940867155790329, graph 0 to 0.1940867155790329, graph 0.025 nohead front lt 1 lw 1 dashtype 1 lc rgb '#8a8f98'
set label 'fastai_slide' at 0.1940867155790329, graph 0.033 right offset character -0.4,0 noenhanced front textcolor rgb '#8a8f98' font ',9'
set arrow from 0.01336467079818249, graph 0 to 0.01336467079818249, graph 0.136 nohead front lt 1 lw 1 dashtype 1 lc rgb '#8a8f98'
set label 'fastai_steep' at 0.01336467079818249, graph 0.144 left offset character 0.4,0 noenhanced front textcolor rgb '#8a8f98' font ',9'
set arrow from 0.026873528957366947, graph 0 to 0.026873528957366947, graph 0.062 nohead front lt 1 lw 1 dashtype 1 lc rgb '#8a8f98'
set label 'fastai_minimum' at 0.026873528957366947, graph 0.070 left offset character 0.4,0 noenhanced front textcolor rgb '#8a8f98' font ',9'
set arrow from 0.0014725243672728534, graph 0 to 0.0014725243672728534, graph 0.210 nohead front lt 1 lw 1 dashtype 1 lc rgb '#8a8f98'
set label 'lightning' at 0.0014725243672728534, graph 0.218 left offset character 0.4,0 noenhanced front textcolor rgb '#8a8f98' font ',9'
set arrow from 0.008978896583439398, graph 0 to 0.008978896583439398, graph 0.173 nohead front lt 1 lw 1 dashtype 1 lc rgb '#8a8f98'
set label 'torch_lr_finder' at 0.008978896583439398, graph 0.181 left offset character 0.4,0 noenhanced front textcolor rgb '#8a8f98' font ',9'
set xrange [0.00030000000000000014:0.41411527938086573]
set yrange [-0.3572469150996695:3.354419794659863]
plot 'loss.dat' index 0 using 1:2:3 with filledcurves fillstyle solid 0.22 noborder lc rgb '#3d7edb' title '10 to 90 %', \
     'loss.dat' index 1 using 1:2 with lines lw 0.7 lc rgb '#9aa7b8' title 'repeats', \
     'loss.dat' index 2 using 1:2 with lines lw 0.7 lc rgb '#9aa7b8' notitle, \
     'loss.dat' index 3 using 1:2 with lines lw 0.7 lc rgb '#9aa7b8' notitle, \
     'loss.dat' index 4 using 1:2 with lines lw 0.7 lc rgb '#9aa7b8' notitle, \
     'loss.dat' index 5 using 1:2 with lines lw 0.7 lc rgb '#9aa7b8' notitle, \
     'loss.dat' index 6 using 1:2 with lines lw 2.4 lc rgb '#3d7edb' title 'median'
