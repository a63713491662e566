module example.com/program

go 1.24

require example.com/nautes v0.0.0

replace example.com/nautes => ./client
