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
set title 'MNIST, mlp:256,128, momentum' noenhanced textcolor rgb '#7d838d'
set xlabel 'learning rate' noenhanced textcolor rgb '#7d838d'
set ylabel 'change of loss per decade' noenhanced textcolor rgb '#7d838d'
set object rectangle from 0.0006704353026364577, graph 0 to 0.001030021254461246, graph 1 behind fillstyle solid 0.14 noborder fillcolor rgb '#2a9d58'
set arrow from 0.0008310009695883088, graph 0 to 0.0008310009695883088, graph 1.000 nohead front lt 1 lw 1.6 dashtype 1 lc rgb '#2a9d58'
set label 'base_lr' at 0.0008310009695883088, graph 0.965 left offset character 0.4,0 noenhanced front textcolor rgb '#2a9d58' font ',12'
set object rectangle from 0.048128715451149044, graph 0 to 0.06710015132516475, graph 1 behind fillstyle solid 0.14 noborder fillcolor rgb '#d1495b'
set arrow from 0.056828198016987096, graph 0 to 0.056828198016987096, graph 1.000 nohead front lt 1 lw 1.6 dashtype 1 lc rgb '#d1495b'
set label 'max_lr' at 0.056828198016987096, graph 0.915 left offset character 0.4,0 noenhanced front textcolor rgb '#d1495b' font ',12'
set arrow from 0.02620086549335702, graph 0 to 0.02620086549335702, graph 1.000 nohead front lt 1 lw 1.6 dashtype 2 lc rgb '#e08e1b'
set label 'one rate' at 0.02620086549335702, graph 0.865 right offset character -0.4,0 noenhanced front textcolor rgb '#e08e1b' font ',12'
set xrange [0.00030000000000000014:0.41411527938086573]
set yrange [-2.4705251509292747:4.701967222736361]
plot 'slope.dat' index 0 using 1:2 with lines lw 1.6 lc rgb '#8e5bd0' title 'slope of the median'
