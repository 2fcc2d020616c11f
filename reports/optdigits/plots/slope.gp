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
set title 'UCI digits, mlp:64, SGD' noenhanced textcolor rgb '#7d838d'
set xlabel 'learning rate' noenhanced textcolor rgb '#7d838d'
set ylabel 'change of loss per decade' noenhanced textcolor rgb '#7d838d'
set object rectangle from 0.005135909942685759, graph 0 to 0.006357571317292775, graph 1 behind fillstyle solid 0.14 noborder fillcolor rgb '#2a9d58'
set arrow from 0.005714185308494796, graph 0 to 0.005714185308494796, graph 1.000 nohead front lt 1 lw 1.6 dashtype 1 lc rgb '#2a9d58'
set label 'base_lr' at 0.005714185308494796, graph 0.965 left offset character 0.4,0 noenhanced front textcolor rgb '#2a9d58' font ',12'
set object rectangle from 0.43564385599288635, graph 0 to 0.5097840668841087, graph 1 behind fillstyle solid 0.14 noborder fillcolor rgb '#d1495b'
set arrow from 0.47125820589261747, graph 0 to 0.47125820589261747, graph 1.000 nohead front lt 1 lw 1.6 dashtype 1 lc rgb '#d1495b'
set label 'max_lr' at 0.47125820589261747, graph 0.915 left offset character 0.4,0 noenhanced front textcolor rgb '#d1495b' font ',12'
set arrow from 0.23562910294630873, graph 0 to 0.23562910294630873, graph 1.000 nohead front lt 1 lw 1.6 dashtype 2 lc rgb '#e08e1b'
set label 'one rate' at 0.23562910294630873, graph 0.865 right offset character -0.4,0 noenhanced front textcolor rgb '#e08e1b' font ',12'
set xrange [0.003000000000000001:3.0000000000000013]
set yrange [-2.578935967612512:4.9082974867463935]
plot 'slope.dat' index 0 using 1:2 with lines lw 1.6 lc rgb '#8e5bd0' title 'slope of the median'
